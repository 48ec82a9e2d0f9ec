"""Becoming a member: a user, an entity and its account, all or none."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Account, Entity, EntityStatus, Membership, User
from mccs_graphql.db.models.entity import DESCRIPTION_MAX, ENTITY_NAME_MAX, PLACE_MAX
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.db.models.user import PERSON_NAME_MAX
from mccs_graphql.db.queries import users as queries
from mccs_graphql.domain import text
from mccs_graphql.domain.contact import email_problems, normal_email
from mccs_graphql.domain.errors import Problem
from mccs_graphql.domain.identity.addresses import request_verification, taking_an_address
from mccs_graphql.domain.identity.passwords import password_problems
from mccs_graphql.domain.identity.refusals import EmailTaken
from mccs_graphql.domain.ledger.account_numbers import new_account_number
from mccs_graphql.domain.ledger.limits import Limits, starting_limits
from mccs_graphql.domain.money import Money

PERSON_TEXTS = {"first_name": (0, PERSON_NAME_MAX), "last_name": (0, PERSON_NAME_MAX)}
"""How long what a person says may be: at least, and at most."""
ENTITY_TEXTS = {
    "description": (0, DESCRIPTION_MAX),
    "city": (0, PLACE_MAX),
    "region": (0, PLACE_MAX),
    "country": (0, PLACE_MAX),
}
"""The same of what an entity says, but for its name."""
_LENGTHS = PERSON_TEXTS | {"entity_name": (1, ENTITY_NAME_MAX)} | ENTITY_TEXTS


@dataclass(frozen=True)
class Application:
    """What somebody says who wants to become a member."""

    email: str
    password: str
    entity_name: str
    first_name: str = ""
    last_name: str = ""
    description: str = ""
    city: str = ""
    region: str = ""
    country: str = ""


@dataclass(frozen=True)
class Terms:
    """What a new entity starts with; both limits count the smallest unit."""

    status: EntityStatus
    max_negative_balance: Money
    max_positive_balance: Money

    @property
    def limits(self) -> Limits:
        """Both limits."""
        return Limits(self.max_negative_balance, self.max_positive_balance)


@dataclass(frozen=True)
class Member:
    """A user with the entity that came along."""

    user: User
    entity: Entity
    account: Account


def require_valid(application: Application) -> None:
    """Raise InvalidInput with everything that is wrong with the application."""
    text.require(_problems(application))


async def sign_up(
    session: AsyncSession, application: Application, *, password_hash: str, terms: Terms
) -> Member:
    """Add user, entity, membership and account, and have the address verified by a mail.

    ``terms`` hold as far as admins have not set other limits. Raises EmailTaken.
    """
    email = normal_email(application.email)
    if await queries.find_user(session, email) is not None:
        raise EmailTaken
    terms = await _terms_now(session, terms)
    member = new_member(application, email=email, password_hash=password_hash, terms=terms)
    with taking_an_address():
        await add_member(session, member)
    await request_verification(session, member.user)
    return member


async def _terms_now(session: AsyncSession, terms: Terms) -> Terms:
    limits = await starting_limits(session, terms.status, initial=terms.limits)
    return Terms(terms.status, limits.max_negative_balance, limits.max_positive_balance)


def new_member(application: Application, *, email: str, password_hash: str, terms: Terms) -> Member:
    """The rows of a new member, not yet added to a session."""
    user = User(
        id=uuid7(),
        email=email,
        password_hash=password_hash,
        first_name=application.first_name,
        last_name=application.last_name,
    )
    said = {name: getattr(application, name) for name in ENTITY_TEXTS}
    entity, account = new_entity(name=application.entity_name, email=email, terms=terms, **said)
    return Member(user, entity, account)


def new_entity(*, name: str, email: str, terms: Terms, **said: str) -> tuple[Entity, Account]:
    """An entity with its account, not yet added; ``said`` are the texts of ``ENTITY_TEXTS``."""
    entity = Entity(id=uuid7(), name=name.strip(), status=terms.status, email=email, **said)
    account = Account(
        entity_id=entity.id,
        account_number=new_account_number(),
        max_negative_balance=terms.max_negative_balance,
        max_positive_balance=terms.max_positive_balance,
    )
    return entity, account


async def add_member(session: AsyncSession, member: Member) -> None:
    """Write the rows in the order their references need."""
    session.add_all([member.user, member.entity])
    await session.flush()
    session.add(member.account)
    session.add(Membership(user_id=member.user.id, entity_id=member.entity.id))
    await session.flush()


def _problems(application: Application) -> Iterator[Problem]:
    yield from email_problems("email", application.email)
    yield from password_problems(application.password)
    yield from text.problems_of_all(application, _LENGTHS)
