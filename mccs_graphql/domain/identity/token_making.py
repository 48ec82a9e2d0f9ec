"""Making API tokens, and revoking them: for the owners of an entity, in person.

Locks are taken in this order: the entity, the user, the membership, the token. A token is always
the last, so whoever ends one may hold whatever else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import ApiToken, NoticeKind, Scope
from mccs_graphql.db.models.api_token import TOKEN_NAME_MAX
from mccs_graphql.db.models.transfer import AMOUNT_MAX
from mccs_graphql.db.queries import api_tokens as queries
from mccs_graphql.db.queries import entities, members
from mccs_graphql.domain import events, text
from mccs_graphql.domain.access import MANAGE, READ
from mccs_graphql.domain.errors import Forbidden, Problem
from mccs_graphql.domain.identity import credentials
from mccs_graphql.domain.identity.api_token_text import hash_of, new_text
from mccs_graphql.domain.identity.passwords import PASSWORD_MAX
from mccs_graphql.domain.identity.refusals import ApiTokenNotFound, TooManyApiTokens
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.money import Money
from mccs_graphql.domain.notices.notifying import News, notify

TOKENS_MAX = 20
"""Of one entity, neither expired nor revoked."""
LIFE_MAX = timedelta(days=366)


@dataclass(frozen=True)
class TokenWishes:
    """What a token is to be; ``daily_amount`` counts the smallest unit."""

    entity_id: UUID
    name: str
    scopes: frozenset[Scope]
    daily_amount: Money | None
    expires_at: datetime


@dataclass(frozen=True)
class NewToken:
    """A token that has been made, and its text, which is kept nowhere."""

    token: ApiToken
    text: str


def require_valid(wishes: TokenWishes, *, current_password: str) -> None:
    """Raise InvalidInput unless such a token can be, before a password is hashed."""
    text.require(_problems(wishes, current_password))


async def create(session: AsyncSession, viewer: Viewer, wishes: TokenWishes) -> NewToken:
    """Make a token for an entity of the viewer's, who has just given the password; tell all owners.

    Raises Forbidden, PasswordWrong or TooManyApiTokens.
    """
    viewer.require(MANAGE, wishes.entity_id)
    await entities.lock_entity(session, wishes.entity_id)
    await credentials.lock_proven(session, viewer)
    if not await queries.is_kept_as_owner(session, user_id=viewer.id, entity_id=wishes.entity_id):
        raise Forbidden
    if await queries.count_good_tokens(session, wishes.entity_id) >= TOKENS_MAX:
        raise TooManyApiTokens(most=TOKENS_MAX)
    made = new_text()
    token = ApiToken(
        entity_id=wishes.entity_id,
        created_by=viewer.id,
        name=wishes.name.strip(),
        token_hash=hash_of(made),
        scopes=[scope.value for scope in Scope if scope in wishes.scopes],
        daily_amount=wishes.daily_amount,
        expires_at=wishes.expires_at,
    )
    session.add(token)
    await session.flush()
    owners = await members.owner_ids(session, wishes.entity_id)
    await notify(session, [_news(token, owner_id) for owner_id in owners])
    return NewToken(token, made)


async def revoke(session: AsyncSession, viewer: Viewer, token_id: UUID) -> ApiToken:
    """End a token of an entity of the viewer's, at once. Raises ApiTokenNotFound or Forbidden."""
    found = await session.get(ApiToken, token_id)
    if found is None or not viewer.may(READ, found.entity_id):
        raise ApiTokenNotFound
    viewer.require(MANAGE, found.entity_id)
    token = await queries.lock_token(session, token_id)
    token.revoked_at = token.revoked_at or datetime.now(UTC)
    events.wake_listeners(session, [token.entity_id])
    await session.flush()
    return token


def _news(token: ApiToken, owner_id: UUID) -> News:
    return News(
        user_id=owner_id,
        kind=NoticeKind.API_TOKEN_CREATED,
        entity_id=token.entity_id,
        facts={"token_id": str(token.id)},
        is_known=owner_id == token.created_by,
    )


def _problems(wishes: TokenWishes, current_password: str) -> Iterator[Problem]:
    yield from text.problems_of("name", wishes.name, least=1, most=TOKEN_NAME_MAX)
    yield from text.problems_of("current_password", current_password, most=PASSWORD_MAX)
    if not wishes.scopes:
        yield Problem(("scopes",), "TOO_FEW", "At least one scope is needed.")
    yield from _problems_of_amount(wishes)
    life = wishes.expires_at - datetime.now(UTC)
    if life <= timedelta(0):
        yield Problem(("expires_at",), "PAST", "This moment has passed.")
    if life > LIFE_MAX:
        yield Problem(("expires_at",), "TOO_LATE", f"At most {LIFE_MAX.days} days from now.")


def _problems_of_amount(wishes: TokenWishes) -> Iterator[Problem]:
    path, amount = ("daily_amount",), wishes.daily_amount
    if Scope.TRANSFERS not in wishes.scopes:
        if amount is not None:
            yield Problem(path, "NOT_NEEDED", "Without TRANSFERS there is nothing to bound.")
    elif amount is None:
        yield Problem(path, "MISSING", "TRANSFERS needs an amount a day.")
    elif amount <= 0:
        yield Problem(path, "NOT_POSITIVE", "The amount must be more than zero.")
    elif amount > AMOUNT_MAX:
        yield Problem(path, "TOO_LARGE", "The amount is larger than the books can hold.")
