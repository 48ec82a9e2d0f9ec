"""What users want to be told, by which way."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Channel, NoticeKind
from mccs_graphql.db.queries import notice_preferences as queries
from mccs_graphql.domain.notices.kinds import channels_of, is_default, is_mandatory

Cell = tuple[NoticeKind, Channel]
CELLS: tuple[Cell, ...] = tuple((kind, each) for kind in NoticeKind for each in channels_of(kind))
"""All that there is to choose."""


@dataclass(frozen=True)
class Wishes:
    """Where users differ from the defaults; those who do not need not be in it."""

    chosen: Mapping[tuple[UUID, Cell], bool]

    def wants(self, user_id: UUID, kind: NoticeKind, channel: Channel) -> bool:
        """Whether this user is told of this kind so. What is mandatory counts as wanted."""
        if is_mandatory(kind, channel):
            return True
        return self.chosen.get((user_id, (kind, channel)), is_default(kind, channel))


async def wishes_of(session: AsyncSession, user_ids: Collection[UUID]) -> Wishes:
    """What these users want, in one statement however many they are."""
    rows = await queries.choices_of(session, user_ids)
    return Wishes({(row.user_id, (row.kind, row.channel)): row.wanted for row in rows})


async def wants_mail(
    session: AsyncSession, user_ids: Collection[UUID], kind: NoticeKind
) -> set[UUID]:
    """Those of these users who want mails of this kind, in one statement."""
    wishes = await wishes_of(session, user_ids)
    return {id_ for id_ in user_ids if wishes.wants(id_, kind, Channel.MAIL)}
