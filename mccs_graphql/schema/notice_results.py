"""What the mutations of notices take and lead to."""

from datetime import datetime, time
from typing import Annotated

import strawberry

from mccs_graphql.db.models import Channel, NoticeKind
from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.notices.preferences import Choice
from mccs_graphql.domain.notices.reading import IDS_MAX
from mccs_graphql.domain.patches import Patch
from mccs_graphql.schema.access import access
from mccs_graphql.schema.notice import UNREAD
from mccs_graphql.schema.refusals import InvalidInput
from mccs_graphql.schema.user import User


@strawberry.input(one_of=True, description="Which notices you have read: say one of the two.")
class MarkNoticesReadInput:
    ids: strawberry.Maybe[list[strawberry.ID]] = strawberry.field(
        description=f"The ids of notices, at most {IDS_MAX}; those that are not yours do not count."
    )
    all_before: strawberry.Maybe[datetime] = strawberry.field(
        description="All that were made before this moment."
    )


@strawberry.input(description="Whether you want one kind of thing told by one way.")
class NoticePreferenceInput:
    kind: NoticeKind = strawberry.field(description="What you are told of.")
    channel: Channel = strawberry.field(description="By which way.")
    wanted: bool = strawberry.field(description="Whether you want to be told so.")

    def to_choice(self) -> Choice:
        """As the domain takes it."""
        return Choice(self.kind, self.channel, self.wanted)


@strawberry.input(
    description="When mails that can be turned off wait. Past midnight if `to` is earlier than "
    "`from`."
)
class QuietHoursInput:
    from_: time = strawberry.field(name="from", description="When the quiet begins.")
    to: time = strawberry.field(description="When what waited is sent; not the same time.")


@strawberry.input(
    description="What is to change of what you are told: null clears, what is absent stays as it "
    "is."
)
class UpdateNoticePreferencesInput:
    preferences: list[NoticePreferenceInput] = strawberry.field(
        default_factory=list, description="Some of your `noticePreferences`; the others stay."
    )
    quiet_hours: strawberry.Maybe[QuietHoursInput | None] = strawberry.field(
        description="When mails wait; cleared means never."
    )
    time_zone: strawberry.Maybe[str | None] = strawberry.field(
        description="The time zone you live in, such as `Europe/Berlin`; cleared means the "
        "community's."
    )

    def to_patch(self) -> Patch:
        """The two that were sent, as the domain takes them."""
        patch: dict[str, object] = {}
        if self.quiet_hours:
            hours = self.quiet_hours.value
            patch["quiet_hours"] = (hours.from_, hours.to) if hours else None
        if self.time_zone:
            patch["time_zone"] = self.time_zone.value
        return patch


@strawberry.type(description="The notices count as read.", directives=[access(HOLDER)])
class MarkNoticesReadPayload:
    unread_count: int = strawberry.field(description=UNREAD)


@strawberry.type(description="What you are told is as you want it.", directives=[access(HOLDER)])
class UpdateNoticePreferencesPayload:
    user: User = strawberry.field(description="You.")


MarkNoticesReadResult = Annotated[
    MarkNoticesReadPayload | InvalidInput,
    strawberry.union("MarkNoticesReadResult", description="What `markNoticesRead` leads to."),
]
UpdateNoticePreferencesResult = Annotated[
    UpdateNoticePreferencesPayload | InvalidInput,
    strawberry.union(
        "UpdateNoticePreferencesResult", description="What `updateNoticePreferences` leads to."
    ),
]
