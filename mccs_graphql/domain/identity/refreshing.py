"""Refreshing a session: each refresh token is replaced by the next."""

import secrets
from datetime import UTC, datetime, timedelta
from hmac import compare_digest

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import UserSession
from mccs_graphql.db.queries import sessions as queries
from mccs_graphql.db.queries import users
from mccs_graphql.domain import events
from mccs_graphql.domain.audit.changes import DELETED, note
from mccs_graphql.domain.identity.refresh_tokens import RefreshToken
from mccs_graphql.domain.identity.refusals import RefreshTokenInvalid, RefreshTokenReused
from mccs_graphql.domain.identity.sessions import LogIn, Origin

NONCE_BYTES = 32
GRACE = timedelta(seconds=30)
"""For so long the token just replaced leads to the same successor: an answer may get lost."""
LIFE_MAX = timedelta(days=365)
"""However often it is refreshed, after so long a session ends."""


async def refresh(
    session: AsyncSession, text: str, *, origin: Origin, days: int
) -> LogIn | RefreshTokenReused:
    """The session with its next token; it lasts ``days`` from now. Raises RefreshTokenInvalid.

    A token that was replaced longer ago ends the session: whoever has it, two have had it. That is
    to be kept, so the refusal is returned, for after the commit.
    """
    token = RefreshToken.parse(text)
    found = await queries.lock_family(session, token.family_hash) if token else None
    if token is None or found is None:
        raise RefreshTokenInvalid
    if compare_digest(token.secret_hash, found.refresh_hash):
        _replace(found, token, origin=origin, days=days)
    elif not _is_just_replaced(found, token):
        await queries.end_session(session, found.id, user_id=found.user_id)
        note(session, UserSession, found.id, what=DELETED, about=[found.user_id])
        events.wake_listeners(session, await users.entity_ids_of(session, found.user_id))
        return RefreshTokenReused()
    return LogIn(found, token.next(found.refresh_nonce or b"").text)


def _replace(found: UserSession, token: RefreshToken, *, origin: Origin, days: int) -> None:
    now = datetime.now(UTC)
    found.refresh_nonce = secrets.token_bytes(NONCE_BYTES)
    found.previous_refresh_hash = token.secret_hash
    found.refresh_hash = token.next(found.refresh_nonce).secret_hash
    found.device, found.address = origin.device, origin.address
    found.refreshed_at = now
    found.expires_at = min(now + timedelta(days=days), found.created_at + LIFE_MAX)


def _is_just_replaced(found: UserSession, token: RefreshToken) -> bool:
    return (
        compare_digest(token.secret_hash, found.previous_refresh_hash or b"")
        and found.refreshed_at > datetime.now(UTC) - GRACE
    )
