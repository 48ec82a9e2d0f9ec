"""The town's people and businesses as rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.communities.sample.history import DAYS, SEED
from mccs_graphql.communities.sample.town import Business, Person, Place, Town
from mccs_graphql.db.models import Account, Admin, Entity, Membership, User
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.domain.ledger.account_numbers import new_account_number

JOINED_DAYS_MIN, JOINED_DAYS_MAX = DAYS + 10, 3 * DAYS
TELEPHONE = "+44 20 7946 0{:03}"
"""Numbers that are kept free for fiction."""


@dataclass(frozen=True)
class Party:
    """An entity with its account and those who act for it."""

    entity: Entity
    account: Account
    users: tuple[User, ...]


async def add_members(
    session: AsyncSession, town: Town, *, now: datetime, scale: int, password_hash: str
) -> dict[str, Party]:
    """Add everybody; the parties by the names of their businesses."""
    joined = _joined(town, now)
    users = _users(town, joined, password_hash)
    parties = {
        business.name: _party(business, town.town, users, joined[business.name], scale)
        for business in town.entities
    }
    session.add_all(users.values())
    session.add_all(party.entity for party in parties.values())
    admins = {admin: _user(admin, password_hash) for admin in town.admins}
    session.add_all(admins.values())
    await session.flush()
    session.add_all(Admin(user_id=user.id, role=admin.role) for admin, user in admins.items())
    for party in parties.values():
        session.add(party.account)
        session.add_all(_membership(user, party.entity) for user in party.users)
    await session.flush()
    return parties


def _joined(town: Town, now: datetime) -> dict[str, datetime]:
    """When each business joined: before the trade began."""
    random = Random(SEED)  # noqa: S311 - no secret, the same every time
    return {
        business.name: now - timedelta(days=random.randint(JOINED_DAYS_MIN, JOINED_DAYS_MAX))
        for business in town.entities
    }


def _users(town: Town, joined: dict[str, datetime], password_hash: str) -> dict[str, User]:
    """One user for each address, however many businesses name it."""
    users: dict[str, User] = {}
    for business in town.entities:
        for person in business.people:
            if person.email not in users:
                telephone = TELEPHONE.format(len(users))
                user = _user(person, password_hash, telephone=telephone)
                user.created_at = joined[business.name]
                users[person.email] = user
    return users


def _user(person: Person, password_hash: str, *, telephone: str = "") -> User:
    return User(
        id=uuid7(),
        email=person.email,
        password_hash=password_hash,
        first_name=person.first_name,
        last_name=person.last_name,
        telephone=telephone,
    )


def _party(
    business: Business, place: Place, users: dict[str, User], joined: datetime, scale: int
) -> Party:
    acting = tuple(users[person.email] for person in business.people)
    entity = Entity(
        id=uuid7(),
        name=business.name,
        status=business.status,
        email=business.email or acting[0].email,
        telephone=acting[0].telephone,
        description=business.description,
        address=business.address,
        city=business.city or place.city,
        region=place.region,
        postal_code=business.postal_code,
        country=place.country,
        created_at=joined,
        updated_at=joined,
    )
    negative, positive = business.limits
    account = Account(
        entity_id=entity.id,
        account_number=new_account_number(),
        max_negative_balance=negative * 10**scale,
        max_positive_balance=positive * 10**scale,
        created_at=joined,
    )
    return Party(entity, account, acting)


def _membership(user: User, entity: Entity) -> Membership:
    return Membership(user_id=user.id, entity_id=entity.id, created_at=entity.created_at)
