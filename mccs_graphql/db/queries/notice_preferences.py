"""What users chose to be told, and when not."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Channel, NoticeKind, NoticePreference

Cell = tuple[NoticeKind, Channel]


async def choices_of(
    session: AsyncSession, user_ids: Collection[UUID]
) -> Sequence[NoticePreference]:
    """Where these users differ from the defaults, in one statement."""
    found = await session.scalars(
        select(NoticePreference).where(NoticePreference.user_id.in_(user_ids))
    )
    return found.all()
