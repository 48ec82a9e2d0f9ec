"""Finding users, their sessions and what they may act for."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Membership, User, UserSession


async def find_user(session: AsyncSession, email: str) -> User | None:
    """The user with this address, however its letters were typed."""
    found: User | None = await session.scalar(
        select(User).where(func.lower(User.email) == func.lower(email))
    )
    return found


async def lock_user(session: AsyncSession, user_id: UUID) -> User:
    """The user, who must be there, as of now; nobody else changes the row until the commit."""
    return await session.get_one(
        User, user_id, with_for_update={"key_share": True}, populate_existing=True
    )


async def find_session(
    session: AsyncSession, token_hash: bytes
) -> tuple[UserSession, User, list[UUID]] | None:
    """A session that has not expired, its user and the ids of the entities of that user."""
    row = (await session.execute(_SESSION, {"token_hash": token_hash})).one_or_none()
    return row and (row[0], row[1], row[2] or [])


async def end_session(session: AsyncSession, session_id: UUID) -> None:
    """Forget a session: its token is dead at once."""
    await session.execute(delete(UserSession).where(UserSession.id == session_id))


async def forget_expired_sessions(session: AsyncSession, user_id: UUID, *, now: datetime) -> None:
    """Remove what a user's earlier log-ins left behind."""
    await session.execute(
        delete(UserSession).where(UserSession.user_id == user_id, UserSession.expires_at <= now)
    )


# Built once: it is asked with every operation, and before every event is sent.
_SESSION = (
    select(
        UserSession,
        User,
        select(func.array_agg(Membership.entity_id))
        .where(Membership.user_id == User.id)
        .scalar_subquery(),
    )
    .join(User, User.id == UserSession.user_id)
    .where(
        UserSession.token_hash == bindparam("token_hash"),
        UserSession.expires_at > func.now(),
    )
)
