"""Logging in and out, and knowing who asks."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import User, UserSession
from mccs_graphql.db.models.user import EMAIL_MAX
from mccs_graphql.db.queries import users as queries
from mccs_graphql.domain import text
from mccs_graphql.domain.identity.passwords import PASSWORD_MAX
from mccs_graphql.domain.identity.refusals import CredentialsInvalid
from mccs_graphql.domain.identity.viewer import Viewer

TOKEN_BYTES = 32


@dataclass(frozen=True)
class LogIn:
    """A session that has begun; ``token`` is shown once and kept only as a hash."""

    user: User
    token: str
    expires_at: datetime


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
    return await queries.find_user(session, email)


async def begin(session: AsyncSession, user: User, *, days: int) -> LogIn:
    """Begin a session that lasts ``days`` unless it is ended; the user has logged in now."""
    now = datetime.now(UTC)
    await queries.forget_expired_sessions(session, user.id, now=now)
    token, expires_at = secrets.token_urlsafe(TOKEN_BYTES), now + timedelta(days=days)
    session.add(UserSession(user_id=user.id, token_hash=_hash(token), expires_at=expires_at))
    await session.flush()
    user = await queries.note_log_in(session, user.id, now=now)
    return LogIn(user=user, token=token, expires_at=expires_at)


async def end(session: AsyncSession, viewer: Viewer) -> None:
    """End the session by which the viewer is known; its token is dead at once."""
    await queries.end_session(session, viewer.session_id)


async def authenticate(session: AsyncSession, token: str) -> Viewer | None:
    """Who the token belongs to, as of now; nobody if it is unknown, ended or expired."""
    found = await queries.find_session(session, _hash(token))
    if found is None:
        return None
    return Viewer(
        user=found.user,
        session_id=found.session.id,
        entity_ids=found.entity_ids,
        trading_ids=found.trading_ids,
    )


def require_fitting(user: User | None, *, fits: bool) -> User:
    """The user, if there is one whose password fitted. Raises CredentialsInvalid."""
    if user is None or not fits:
        raise CredentialsInvalid
    return user


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
