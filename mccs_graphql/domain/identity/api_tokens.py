"""API tokens: what a software agent acts for one entity with, in the name of who made it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import ApiToken, Role
from mccs_graphql.db.queries import api_tokens as queries
from mccs_graphql.domain import events
from mccs_graphql.domain.access import TRADE
from mccs_graphql.domain.audit.changes import REVOKED, note
from mccs_graphql.domain.errors import TokenFault, Unauthenticated
from mccs_graphql.domain.identity.api_token_text import hash_of
from mccs_graphql.domain.identity.viewer import Viewer

NOTED_EVERY = timedelta(minutes=1)
"""How often it is kept that a token is in use."""
_EXPIRED = "This API token has expired: an owner of the entity has to make another one."
_INVALID = "This is no API token of ours that is good: mistyped, cut off, revoked or never made."


def read(token: str) -> bytes:
    """What a token is looked up by. Raises Unauthenticated for what cannot be one of ours."""
    token_hash = hash_of(token)
    if token_hash is None:
        raise Unauthenticated(TokenFault.INVALID, _INVALID)
    return token_hash


async def authenticate(session: AsyncSession, token_hash: bytes) -> Viewer:
    """Whom a token acts for, as of now. Raises Unauthenticated, saying why it is no good."""
    found = await queries.find_token(session, token_hash)
    if found is None:
        raise Unauthenticated(TokenFault.INVALID, _INVALID)
    if found.expired:
        raise Unauthenticated(TokenFault.EXPIRED, _EXPIRED)
    own = found.token.entity_id
    return Viewer(
        user=found.user,
        session_id=None,
        roles={own: Role.OWNER},
        trading_ids=found.trading_ids & {own},
        token=found.token,
        also_trades_for=frozenset(
            id_ for id_, role in found.roles.items() if id_ != own and TRADE.has_room_for(role)
        ),
    )


async def authenticate_again(session: AsyncSession, token_id: UUID | None) -> Viewer:
    """Whom a token acts for that was good before. Raises Unauthenticated, if it is no more."""
    token = await session.get(ApiToken, token_id) if token_id else None
    if token is None:
        raise Unauthenticated(TokenFault.INVALID, _INVALID)
    return await authenticate(session, token.token_hash)


def is_use_to_be_noted(token: ApiToken) -> bool:
    """Whether it has not been kept lately that the token is in use."""
    return token.last_used_at is None or datetime.now(UTC) - token.last_used_at >= NOTED_EVERY


async def note_use(session: AsyncSession, token: ApiToken, *, address: str) -> None:
    """Keep that the token is in use, and from where."""
    await queries.note_use(session, token.id, address=address, not_within=NOTED_EVERY)


async def end_tokens_of(
    session: AsyncSession, *, user_id: UUID, entity_id: UUID | None = None
) -> None:
    """Revoke what the user has made for an entity, or for all; open subscriptions hear of it.

    For when the user ceases to own the entity: a token rests without its maker's ownership, but
    must not come back to life with it. The membership, or the user, must be locked.
    """
    ended = await queries.revoke_tokens(session, user_id=user_id, entity_id=entity_id)
    for token_id, entity_of in ended.items():
        note(session, ApiToken, token_id, what=REVOKED, about=[entity_of])
    events.wake_listeners(session, set(ended.values()))


async def end_tokens_for(session: AsyncSession, entity_id: UUID) -> None:
    """Revoke what anybody has made for an entity that is no more; it must be locked.

    Whoever listens is to be woken by who ends the entity.
    """
    for token_id in await queries.revoke_tokens_for(session, entity_id):
        note(session, ApiToken, token_id, what=REVOKED, about=[entity_id])
