"""A community of chance, the same each time, whose rows are also at hand to be searched plainly."""

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import undefer

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import (
    Account,
    Category,
    Entity,
    EntityCategory,
    EntityStatus,
    EntityTag,
    Membership,
    Tag,
    TagKind,
    User,
)
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.domain.ledger.account_numbers import new_account_number

MEMBERS = 80
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = ("Baker", "Mill", "Éclair", "Garden", "Wool")
FIRST_NAMES = ("Ana", "Ben", "Élodie", "Cy")
LAST_NAMES = ("Miller", "Mills", "O'Neil", "Smith-Weaver")
CITIES = ("Eskerford", "Márlow", "")
TAGS = ("bread", "flour", "wool")
HEADING = "Food"


@dataclass(frozen=True)
class Known:
    """An entity with what it is found by."""

    entity: Entity
    account: Account
    tags: frozenset[tuple[TagKind, str]]
    filed: bool


@dataclass(frozen=True)
class Town:
    """All that there is, in no order."""

    database: Database
    entities: Sequence[Known]
    users: Sequence[User]
    members: Sequence[tuple[UUID, UUID]]
    """Pairs of a user and an entity."""


@asynccontextmanager
async def founded(database: Database) -> AsyncIterator[Town]:
    """Fill an empty database."""
    chance = random.Random(7)
    async with database.writing() as session:
        tags = [Tag(id=uuid7(), name=name) for name in TAGS]
        heading = Category(id=uuid7(), name=HEADING)
        session.add_all([*tags, heading])
        await session.flush()
        known, members = [], []
        for _ in range(MEMBERS):
            user, entity, account = _user(chance), _entity(chance), _account(chance)
            account.entity_id = entity.id
            carried = {(chance.choice(list(TagKind)), chance.choice(tags)) for _ in range(2)}
            filed = chance.random() < 0.3
            session.add_all([user, entity])
            await session.flush()
            session.add(account)
            if entity.deleted_at is None and user.deleted_at is None:
                session.add(Membership(user_id=user.id, entity_id=entity.id))
                members.append((user.id, entity.id))
            session.add_all(
                EntityTag(entity_id=entity.id, kind=kind, tag_id=tag.id) for kind, tag in carried
            )
            if filed:
                session.add(EntityCategory(entity_id=entity.id, category_id=heading.id))
            await session.flush()
            names = frozenset((kind, tag.name) for kind, tag in carried)
            known.append((entity.id, account, names, filed))
    async with database.reading() as session:
        keys = (undefer(Entity.turnover_key), undefer(Entity.email_key))
        entities = {row.id: row for row in await session.scalars(select(Entity).options(*keys))}
        users = await session.scalars(
            select(User).options(*map(undefer, (User.sort_name, User.email_key, User.seen_at)))
        )
        yield Town(
            database,
            [Known(entities[id_], account, tags, filed) for id_, account, tags, filed in known],
            users.all(),
            members,
        )


def _entity(chance: random.Random) -> Entity:
    deleted = chance.random() < 0.1
    return Entity(
        id=uuid7(),
        name=f"{chance.choice(WORDS)} {chance.choice(WORDS)}",
        status=EntityStatus.REJECTED if deleted else chance.choice(list(EntityStatus)),
        email=chance.choice(("ana@example.com", "Ana_b@example.com", "ben@example.com", "")),
        declared_turnover=chance.choice((None, 0, 5, 10)),
        city=chance.choice(CITIES),
        created_at=EPOCH + timedelta(days=chance.randrange(5)),
        deleted_at=EPOCH if deleted else None,
    )


def _account(chance: random.Random) -> Account:
    return Account(
        account_number=new_account_number(),
        balance=0,
        max_negative_balance=chance.randrange(4),
        max_positive_balance=chance.randrange(4),
    )


def _user(chance: random.Random) -> User:
    created_at = EPOCH + timedelta(days=chance.randrange(5))
    id_ = uuid7()
    return User(
        id=id_,
        email=f"{chance.choice(FIRST_NAMES)}{id_}@example.com",
        password_hash="!",
        first_name=chance.choice(FIRST_NAMES),
        last_name=chance.choice(LAST_NAMES),
        created_at=created_at,
        logged_in_at=chance.choice((None, created_at + timedelta(days=2))),
        second_factor_at=chance.choice((None, created_at)),
        deleted_at=EPOCH if chance.random() < 0.1 else None,
    )
