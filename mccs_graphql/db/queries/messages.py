"""What has been written from entity to entity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import ContactMessage


@dataclass(frozen=True)
class Trace:
    """Who wrote to whom, and when; not what."""

    sender_id: UUID
    user_id: UUID
    receiver_id: UUID
    created_at: datetime


async def find_by_key(session: AsyncSession, user_id: UUID, key: UUID) -> ContactMessage | None:
    """The message that a user's key stands for."""
    found: ContactMessage | None = await session.scalar(
        select(ContactMessage).where(
            ContactMessage.user_id == user_id, ContactMessage.idempotency_key == key
        )
    )
    return found


async def sent_lately(
    session: AsyncSession, *, sender_id: UUID, user_id: UUID, period: timedelta
) -> Sequence[Trace]:
    """What the entity or the user has written within the period before now, oldest first."""
    rows = await session.execute(
        select(
            ContactMessage.sender_id,
            ContactMessage.user_id,
            ContactMessage.receiver_id,
            ContactMessage.created_at,
        )
        .where(
            or_(ContactMessage.sender_id == sender_id, ContactMessage.user_id == user_id),
            ContactMessage.created_at > func.now() - period,
        )
        .order_by(ContactMessage.created_at)
    )
    return [Trace(*row) for row in rows]
