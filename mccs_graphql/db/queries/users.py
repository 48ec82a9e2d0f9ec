"""Finding users, their sessions and what they may act for."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Entity, EntityStatus, Membership, User, UserSession


@dataclass(frozen=True)
class FoundSession:
    """A session with its user, the entities of that user and, of these, the ones that trade."""

    session: UserSession
    user: User
    entity_ids: frozenset[UUID]
    trading_ids: frozenset[UUID]


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


async def note_log_in(session: AsyncSession, user_id: UUID, *, now: datetime) -> User:
    """The user, who has logged in now; what was the last log-in is the previous one."""
    found = await session.scalars(
        update(User)
        .where(User.id == user_id)
        .values(logged_in_at=now, previously_logged_in_at=User.logged_in_at)
        .returning(User),
        execution_options={"populate_existing": True, "synchronize_session": False},
    )
    return found.one()


async def find_session(session: AsyncSession, token_hash: bytes) -> FoundSession | None:
    """A session that has not expired, in one statement with all that says what its user may do."""
    row = (await session.execute(_SESSION, {"token_hash": token_hash})).one_or_none()
    if row is None:
        return None
    user_session, user, entity_ids, trading_ids = row
    return FoundSession(
        user_session, user, frozenset(entity_ids or ()), frozenset(trading_ids or ())
    )


async def end_session(session: AsyncSession, session_id: UUID) -> None:
    """Forget a session: its token is dead at once."""
    await session.execute(delete(UserSession).where(UserSession.id == session_id))


async def forget_expired_sessions(session: AsyncSession, user_id: UUID, *, now: datetime) -> None:
    """Remove what a user's earlier log-ins left behind."""
    await session.execute(
        delete(UserSession).where(UserSession.user_id == user_id, UserSession.expires_at <= now)
    )


# Built once: it is asked with every operation, and before every event is sent.
_OWN = (
    select(
        func.array_agg(Entity.id).label("ids"),
        func.array_agg(Entity.id)
        .filter(Entity.status == EntityStatus.TRADING_ACCEPTED)
        .label("trading_ids"),
    )
    .join(Membership, Membership.entity_id == Entity.id)
    .where(Membership.user_id == User.id)
    .lateral()
)
_SESSION = (
    select(UserSession, User, _OWN.c.ids, _OWN.c.trading_ids)
    .join(User, User.id == UserSession.user_id)
    .join(_OWN, true())
    .where(
        UserSession.token_hash == bindparam("token_hash"),
        UserSession.expires_at > func.now(),
    )
)
