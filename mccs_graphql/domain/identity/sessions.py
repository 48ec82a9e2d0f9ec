"""Logging in and out, and knowing who asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import User, UserSession
from mccs_graphql.db.models.user import EMAIL_MAX
from mccs_graphql.db.queries import sessions as queries
from mccs_graphql.db.queries import users
from mccs_graphql.domain import events, text
from mccs_graphql.domain.audit.changes import DELETED, note
from mccs_graphql.domain.errors import TokenFault, Unauthenticated
from mccs_graphql.domain.identity import second_factor
from mccs_graphql.domain.identity.notices import tell_if_new
from mccs_graphql.domain.identity.passwords import PASSWORD_MAX
from mccs_graphql.domain.identity.refresh_tokens import RefreshToken
from mccs_graphql.domain.identity.refusals import CredentialsInvalid, SessionNotFound
from mccs_graphql.domain.identity.second_factor import Proof
from mccs_graphql.domain.identity.viewer import Viewer

SESSIONS_MAX = 50
"""Of one user: beyond, the one that was used longest ago ends."""


@dataclass(frozen=True)
class Origin:
    """Where a request comes from; either is empty if that is not known."""

    device: str = ""
    address: str = ""


@dataclass(frozen=True)
class LogIn:
    """A session that has begun or been refreshed; only hashes of the refresh token are kept."""

    session: UserSession
    refresh_token: str


async def find_user(session: AsyncSession, email: str, *, password: str) -> User | None:
    """The user who claims this address, if anybody does. The password is not looked at here.

    Raises InvalidInput for what cannot be anybody's address or password.
    """
    text.require(
        problem
        for name, value, most in (
            ("email", email, EMAIL_MAX),
            ("password", password, PASSWORD_MAX),
        )
        for problem in text.problems_of(name, value, most=most)
    )
    return await users.find_user(session, email)


async def begin(
    session: AsyncSession, user: User, *, origin: Origin, days: int, proof: Proof | None = None
) -> LogIn:
    """Begin a session that lasts ``days`` unless it is refreshed or ended.

    Raises CredentialsInvalid if the password has changed since ``user`` was read, and only after
    that SecondFactorRequired or SecondFactorWrong, if there is a second factor to prove. The user
    is told of a place and a device that are new.
    """
    password_hash, now = user.password_hash, datetime.now(UTC)
    current = await users.lock_user(session, user.id)
    if current.password_hash != password_hash:
        raise CredentialsInvalid
    await second_factor.require(session, current, proof)
    await tell_if_new(session, current, device=origin.device, address=origin.address)
    current.previous_log_in_address = current.log_in_address
    current.log_in_address = origin.address
    current.previously_logged_in_at = current.logged_in_at
    current.logged_in_at = now
    await queries.forget_sessions(session, user.id, now=now, most=SESSIONS_MAX - 1)
    token = RefreshToken.new()
    begun = UserSession(
        user_id=user.id,
        family_hash=token.family_hash,
        refresh_hash=token.secret_hash,
        device=origin.device,
        address=origin.address,
        created_at=now,
        refreshed_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(begun)
    await session.flush()
    return LogIn(begun, token.text)


async def authenticate(
    session: AsyncSession, session_id: UUID, *, admins_need_second_factor: bool
) -> Viewer:
    """Whose session it is, as of now. Raises Unauthenticated if it has ended or expired."""
    found = await queries.find_session(session, session_id)
    if found is None:
        raise Unauthenticated(TokenFault.SESSION_ENDED)
    return Viewer(
        user=found.user,
        session_id=found.session.id,
        roles=found.roles,
        trading_ids=found.trading_ids,
        admin_role=found.admin_role,
        lacks_second_factor=admins_need_second_factor and not has_second_factor(found.user),
    )


def has_second_factor(user: User) -> bool:
    """Whether the user has confirmed a second factor."""
    return user.second_factor_at is not None


async def own(session: AsyncSession, viewer: Viewer) -> Sequence[UserSession]:
    """The viewer's sessions, the one used last first."""
    return await queries.sessions_of(session, viewer.id)


async def end(session: AsyncSession, viewer: Viewer, session_id: UUID) -> None:
    """End a session of the viewer's: its tokens are dead at once. Raises SessionNotFound."""
    if not await queries.end_session(session, session_id, user_id=viewer.id):
        raise SessionNotFound
    note(session, UserSession, session_id, what=DELETED, about=[viewer.id])
    events.wake_listeners(session, viewer.entity_ids)


async def lock_viewer(session: AsyncSession, viewer: Viewer) -> User:
    """The viewer's own row, locked. Raises Unauthenticated if they were deleted meanwhile."""
    user = await users.lock_user(session, viewer.id)
    if user.deleted_at is not None:
        raise Unauthenticated(TokenFault.SESSION_ENDED)
    return user


async def end_own(session: AsyncSession, viewer: Viewer, *, but_this: bool) -> int:
    """End the viewer's sessions; how many."""
    current = viewer.require_session()
    await users.lock_user(session, viewer.id)
    return await end_all(session, viewer.id, but=current if but_this else None)


async def end_all(session: AsyncSession, user_id: UUID, *, but: UUID | None = None) -> int:
    """End the sessions of a user, but for one; how many. Open subscriptions hear of it.

    The user's row must be locked: two that remove several rows at once could stand in each
    other's way.
    """
    ended = await queries.end_sessions(session, user_id, but=but)
    for session_id in ended:
        note(session, UserSession, session_id, what=DELETED, about=[user_id])
    events.wake_listeners(session, await users.entity_ids_of(session, user_id))
    return len(ended)


def require_fitting(user: User | None, *, fits: bool) -> User:
    """The user, if there is one whose password fitted. Raises CredentialsInvalid."""
    if user is None or not fits:
        raise CredentialsInvalid
    return user
