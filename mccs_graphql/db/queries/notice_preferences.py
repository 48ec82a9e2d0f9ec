"""What users chose to be told, and how they turn it off without logging in."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import NoticePreference, User


async def choices_of(
    session: AsyncSession, user_ids: Collection[UUID]
) -> Sequence[NoticePreference]:
    """Where these users differ from the defaults, in one statement."""
    found = await session.scalars(
        select(NoticePreference).where(NoticePreference.user_id.in_(user_ids))
    )
    return found.all()


async def unsubscribe_key(session: AsyncSession, user_id: UUID) -> UUID | None:
    """What this user's links to turn mails off are made with; None if there is nobody."""
    found: UUID | None = await session.scalar(
        select(User.unsubscribe_key).where(User.id == user_id, User.deleted_at.is_(None))
    )
    return found
