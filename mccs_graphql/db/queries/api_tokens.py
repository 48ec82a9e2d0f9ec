"""Finding API tokens with those who made them, and ending them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import ApiToken, Membership, Role, User
from mccs_graphql.db.queries.sessions import OWN


@dataclass(frozen=True)
class FoundToken:
    """A token with its maker, the maker's roles in entities and, of these, the ones that trade."""

    token: ApiToken
    user: User
    expired: bool
    roles: dict[UUID, Role]
    trading_ids: frozenset[UUID]


async def find_token(session: AsyncSession, token_hash: bytes) -> FoundToken | None:
    """A token that is not revoked and whose maker owns its entity, in one statement."""
    row = (await session.execute(_TOKEN, {"token_hash": token_hash})).one_or_none()
    if row is None:
        return None
    token, user, expired, entity_ids, roles, trading_ids = row
    return FoundToken(
        token,
        user,
        expired=expired,
        roles=dict(zip(entity_ids, map(Role, roles), strict=True)),
        trading_ids=frozenset(trading_ids or ()),
    )


async def lock_token(session: AsyncSession, token_id: UUID) -> ApiToken:
    """The token, which must be there, as of now; nobody else changes it until the commit."""
    return await session.get_one(
        ApiToken, token_id, with_for_update={"key_share": True}, populate_existing=True
    )


async def good_tokens_of(
    session: AsyncSession, entity_ids: Sequence[UUID]
) -> dict[UUID, list[ApiToken]]:
    """The tokens of each entity that are neither expired nor revoked, the newest first."""
    found = await session.scalars(
        select(ApiToken)
        .where(ApiToken.entity_id.in_(entity_ids), _IS_GOOD)
        .order_by(ApiToken.created_at.desc(), ApiToken.id.desc())
    )
    tokens: dict[UUID, list[ApiToken]] = {}
    for token in found:
        tokens.setdefault(token.entity_id, []).append(token)
    return tokens


async def count_good_tokens(session: AsyncSession, entity_id: UUID) -> int:
    """How many tokens of an entity are neither expired nor revoked."""
    count = select(func.count()).select_from(ApiToken)
    found = await session.scalar(count.where(ApiToken.entity_id == entity_id, _IS_GOOD))
    return found or 0


async def is_kept_as_owner(session: AsyncSession, *, user_id: UUID, entity_id: UUID) -> bool:
    """Whether the user owns the entity; if so, that stays so until the commit."""
    found = await session.scalar(
        select(Membership.user_id)
        .where(
            Membership.user_id == user_id,
            Membership.entity_id == entity_id,
            Membership.role == Role.OWNER,
        )
        .with_for_update(read=True)
    )
    return found is not None


async def note_use(
    session: AsyncSession, token_id: UUID, *, address: str, not_within: timedelta
) -> None:
    """Keep when and from where a token was used, unless that was done lately.

    Waits for nobody: whoever has the row locked uses the token just now, or ends it.
    """
    stale = (
        select(ApiToken.id)
        .where(
            ApiToken.id == token_id,
            or_(
                ApiToken.last_used_at.is_(None),
                ApiToken.last_used_at <= func.now() - not_within,
            ),
        )
        .with_for_update(skip_locked=True, key_share=True)
    )
    await session.execute(
        update(ApiToken)
        .where(ApiToken.id.in_(stale))
        .values(last_used_at=func.now(), last_used_address=address)
        .execution_options(synchronize_session=False)
    )


async def revoke_tokens(
    session: AsyncSession, *, user_id: UUID, entity_id: UUID | None
) -> dict[UUID, UUID]:
    """Revoke what a user has made, for one entity or for all; of each token the entity."""
    of_entity = true() if entity_id is None else ApiToken.entity_id == entity_id
    revoked = await session.execute(
        update(ApiToken)
        .where(ApiToken.created_by == user_id, of_entity, ApiToken.revoked_at.is_(None))
        .values(revoked_at=func.now())
        .returning(ApiToken.id, ApiToken.entity_id)
        .execution_options(synchronize_session=False)
    )
    return {token_id: entity_id for token_id, entity_id in revoked}  # noqa: C416 - rows are no pairs to mypy


async def revoke_tokens_for(session: AsyncSession, entity_id: UUID) -> Sequence[UUID]:
    """Revoke what anybody has made for the entity; which tokens."""
    revoked = await session.scalars(
        update(ApiToken)
        .where(ApiToken.entity_id == entity_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=func.now())
        .returning(ApiToken.id)
        .execution_options(synchronize_session=False)
    )
    return revoked.all()


_IS_GOOD = ApiToken.revoked_at.is_(None) & (ApiToken.expires_at > func.now())

# Built once: it is asked with every operation, and before every event is sent.
_TOKEN = (
    select(
        ApiToken,
        User,
        (ApiToken.expires_at <= func.now()).label("expired"),
        OWN.c.ids,
        OWN.c.roles,
        OWN.c.trading_ids,
    )
    .join(User, User.id == ApiToken.created_by)
    .join(
        Membership,
        (Membership.user_id == ApiToken.created_by)
        & (Membership.entity_id == ApiToken.entity_id)
        & (Membership.role == Role.OWNER),
    )
    .join(OWN, true())
    .where(ApiToken.token_hash == bindparam("token_hash"), ApiToken.revoked_at.is_(None))
)
