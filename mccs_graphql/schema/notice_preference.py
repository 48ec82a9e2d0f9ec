"""What a user wants to be told, by which way, and when not."""

from datetime import time

import strawberry

from mccs_graphql.db.models import Channel, NoticeKind
from mccs_graphql.db.models import User as UserRow
from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.notices.kinds import is_default, is_mandatory
from mccs_graphql.domain.notices.preferences import CELLS, wishes_of
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info


@strawberry.type(
    description="Whether you are told of one kind of thing by one way.", directives=[access(HOLDER)]
)
class NoticePreference:
    kind: NoticeKind = strawberry.field(description="What you are told of.")
    channel: Channel = strawberry.field(description="By which way.")
    wanted: bool = strawberry.field(description="Whether you are told so.")
    default: bool = strawberry.field(description="Whether you would be if you had not chosen.")
    mandatory: bool = strawberry.field(description="Whether it cannot be turned off.")


@strawberry.type(
    description="When mails that can be turned off wait, by the clocks of your `timeZone`. Past "
    "midnight if `to` is earlier than `from`.",
    directives=[access(HOLDER)],
)
class QuietHours:
    from_: time = strawberry.field(name="from", description="When the quiet begins.")
    to: time = strawberry.field(description="When what waited is sent.")

    @classmethod
    def of(cls, row: UserRow) -> "QuietHours | None":
        """Those of a user, if there are any."""
        if row.quiet_from is None or row.quiet_to is None:
            return None
        return cls(from_=row.quiet_from, to=row.quiet_to)


async def load_preferences(info: Info) -> list[NoticePreference]:
    """What the viewer is told."""
    user_id = info.context.require_viewer().id
    async with info.context.database.reading() as session:
        wishes = await wishes_of(session, [user_id])
    return [
        NoticePreference(
            kind=kind,
            channel=channel,
            wanted=wishes.wants(user_id, kind, channel),
            default=is_default(kind, channel),
            mandatory=is_mandatory(kind, channel),
        )
        for kind, channel in CELLS
    ]
