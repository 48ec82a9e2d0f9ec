"""Members, and software agents that act for them, as the tests need them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Admin, AdminRole, ApiToken, EntityStatus, Scope, User
from mccs_graphql.domain.identity import keys, sessions
from mccs_graphql.domain.identity.access_tokens import sign
from mccs_graphql.domain.identity.api_token_text import hash_of, new_text
from mccs_graphql.domain.identity.sealing import Seal
from mccs_graphql.domain.identity.sign_up import Application, Terms, add_member, new_member
from mccs_graphql.domain.money import parse_money
from mccs_graphql.schema.ids import IdPrefix, encode_id
from mccs_graphql.settings import Settings

_number = count(1)

MakeMember = Callable[..., Awaitable["Member"]]
MakeAgent = Callable[..., Awaitable["Member"]]


@dataclass(frozen=True)
class Login:
    """A user who is logged in."""

    token: str
    refresh_token: str
    session_id: UUID
    user_id: UUID
    email: str


@dataclass(frozen=True)
class Member(Login):
    """A user who is logged in, and the entity to act for."""

    entity_id: UUID
    account_number: str
    name: str

    @property
    def id(self) -> str:
        """The id of the entity as clients see it."""
        return encode_id(IdPrefix.ENTITY, self.entity_id)


async def make_member(
    database: Database,
    *,
    floor: str = "100.00",
    ceiling: str = "100.00",
    status: EntityStatus = EntityStatus.TRADING_ACCEPTED,
    **wishes: Any,
) -> Member:
    """Add a member whose balance may go from ``-floor`` to ``ceiling``."""
    number = next(_number)
    application = Application(
        **{
            "email": f"member{number}@example.com",
            "password": "",
            "entity_name": f"Entity {number:05}",
        }
        | wishes
    )
    terms = Terms(status, parse_money(floor, scale=2), parse_money(ceiling, scale=2))
    member = new_member(application, email=application.email, password_hash="!", terms=terms)
    async with database.writing() as session:
        await add_member(session, member)
        log_in = await sessions.begin(session, member.user, origin=sessions.Origin(), days=1)
    return Member(
        token=await access_token(database, user_id=member.user.id, session_id=log_in.session.id),
        refresh_token=log_in.refresh_token,
        session_id=log_in.session.id,
        user_id=member.user.id,
        entity_id=member.entity.id,
        account_number=member.account.account_number,
        email=application.email,
        name=application.entity_name,
    )


async def make_admin(database: Database, role: AdminRole) -> Login:
    """Add an admin, logged in."""
    email = f"admin{next(_number)}@example.com"
    async with database.writing() as session:
        user = User(email=email, password_hash="!")
        session.add(user)
        await session.flush()
        session.add(Admin(user_id=user.id, role=role))
        log_in = await sessions.begin(session, user, origin=sessions.Origin(), days=1)
    return Login(
        token=await access_token(database, user_id=user.id, session_id=log_in.session.id),
        refresh_token=log_in.refresh_token,
        session_id=log_in.session.id,
        user_id=user.id,
        email=email,
    )


async def make_agent(
    database: Database,
    of: Member,
    *scopes: Scope,
    daily: str = "100.00",
    lasts: timedelta = timedelta(hours=1),
) -> Member:
    """The member as an API token of theirs lets software be: with all scopes if none is named."""
    text = new_text()
    async with database.writing() as session:
        made = new_token(of.entity_id, *scopes, user_id=of.user_id, text=text)
        made.expires_at = datetime.now(UTC) + lasts
        made.daily_amount = made.daily_amount and parse_money(daily, scale=2)
        session.add(made)
    return replace(of, token=text)


def new_token(entity_id: UUID, *scopes: Scope, user_id: UUID, text: str) -> ApiToken:
    """A token for an hour, and for 100.00 a day if it is one for transfers."""
    granted = scopes or tuple(Scope)
    return ApiToken(
        entity_id=entity_id,
        created_by=user_id,
        name="Robot",
        token_hash=hash_of(text),
        scopes=[scope.value for scope in granted],
        daily_amount=10_000 if Scope.TRANSFERS in granted else None,
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )


async def dismiss_admins(database: Database, *, but: UUID | None = None) -> None:
    """Make room: all tests of a worker together make more admins than a community may have."""
    async with database.writing() as session:
        await session.execute(delete(Admin).where(Admin.user_id.is_distinct_from(but)))


async def access_token(database: Database, *, user_id: UUID, session_id: UUID) -> str:
    """A token of a session, signed as the application would; the session need not be there."""
    settings = Settings(_env_file=None)
    ring = await key_ring(database)
    subject = encode_id(IdPrefix.USER, user_id)
    issuer, lifetime = settings.token_issuer, settings.access_token_life
    return sign(ring, subject, session_id, issuer=issuer, lifetime=lifetime).text


async def key_ring(database: Database) -> keys.KeyRing:
    """The keys of the database, of which the first may be made here."""
    seal, lifetime = Seal(""), Settings(_env_file=None).access_token_life
    async with database.writing() as session:
        ring = await keys.find_ring(session, seal=seal, lifetime=lifetime)
        if ring is None:
            await keys.ensure_key(session, seal=seal)
            ring = await keys.find_ring(session, seal=seal, lifetime=lifetime)
    assert ring
    return ring
