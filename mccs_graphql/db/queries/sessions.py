"""Finding sessions and what their users may act for, and forgetting them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import (
    Admin,
    AdminRole,
    Entity,
    EntityStatus,
    Membership,
    Role,
    User,
    UserSession,
)


@dataclass(frozen=True)
class FoundSession:
    """A session with its user, the user's roles in entities and, of these, the ones that trade.

    And, for an admin, the role as such.
    """

    session: UserSession
    user: User
    roles: dict[UUID, Role]
    trading_ids: frozenset[UUID]
    admin_role: AdminRole | None


async def find_session(session: AsyncSession, session_id: UUID) -> FoundSession | None:
    """A session that has not expired, in one statement with all that says what its user may do."""
    row = (await session.execute(_SESSION, {"session_id": session_id})).one_or_none()
    if row is None:
        return None
    user_session, user, entity_ids, roles, trading_ids, admin_role = row
    roles = dict(zip(entity_ids or (), map(Role, roles or ()), strict=True))
    return FoundSession(user_session, user, roles, frozenset(trading_ids or ()), admin_role)


async def lock_family(session: AsyncSession, family_hash: bytes) -> UserSession | None:
    """The session that refresh tokens with this secret are of, locked; None if it has expired."""
    found: UserSession | None = await session.scalar(
        select(UserSession)
        .where(UserSession.family_hash == family_hash, UserSession.expires_at > func.now())
        .with_for_update()
    )
    return found


async def sessions_of(session: AsyncSession, user_id: UUID) -> Sequence[UserSession]:
    """The sessions of a user that have not expired, the one used last first."""
    found = await session.scalars(
        select(UserSession)
        .where(UserSession.user_id == user_id, UserSession.expires_at > func.now())
        .order_by(UserSession.refreshed_at.desc(), UserSession.id.desc())
    )
    return found.all()


async def end_session(session: AsyncSession, session_id: UUID, *, user_id: UUID) -> bool:
    """Forget a session of the user; whether there was one."""
    ended = await session.scalar(
        delete(UserSession)
        .where(UserSession.id == session_id, UserSession.user_id == user_id)
        .returning(UserSession.id)
    )
    return ended is not None


async def end_sessions(session: AsyncSession, user_id: UUID, *, but: UUID | None) -> Sequence[UUID]:
    """Forget the sessions of a user, but for one; those there were."""
    kept = true() if but is None else UserSession.id != but
    ended = await session.scalars(
        delete(UserSession).where(UserSession.user_id == user_id, kept).returning(UserSession.id)
    )
    return ended.all()


async def forget_sessions(
    session: AsyncSession, user_id: UUID, *, now: datetime, most: int
) -> None:
    """Remove what has expired, and all but the ``most`` sessions that were used last."""
    used_last = (
        select(UserSession.id)
        .where(UserSession.user_id == user_id)
        .order_by(UserSession.refreshed_at.desc(), UserSession.id.desc())
        .limit(most)
    )
    gone = or_(UserSession.expires_at <= now, UserSession.id.not_in(used_last))
    await session.execute(delete(UserSession).where(UserSession.user_id == user_id, gone))


# Built once: it is asked with every operation, and before every event is sent.
OWN = (
    select(
        func.array_agg(Entity.id).label("ids"),
        func.array_agg(Membership.role).label("roles"),
        func.array_agg(Entity.id)
        .filter(Entity.status == EntityStatus.TRADING_ACCEPTED)
        .label("trading_ids"),
    )
    .join(Membership, Membership.entity_id == Entity.id)
    .where(Membership.user_id == User.id)
    .correlate(User)
    .lateral()
)
"""The entities of the user that a statement finds, with the roles, and those that trade."""
_SESSION = (
    select(UserSession, User, OWN.c.ids, OWN.c.roles, OWN.c.trading_ids, Admin.role)
    .join(User, User.id == UserSession.user_id)
    .outerjoin(Admin, Admin.user_id == User.id)
    .join(OWN, true())
    .where(
        UserSession.id == bindparam("session_id"),
        UserSession.expires_at > func.now(),
    )
)
