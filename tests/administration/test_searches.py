"""Admins find all entities and users: each filter and order against a plain reading of the rows."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import EntityStatus, TagKind, User
from mccs_graphql.db.queries import bounded
from mccs_graphql.db.queries.all_entities import (
    EntityConditions,
    EntitySortKey,
    Range,
    count_entities,
    page_of_entities,
)
from mccs_graphql.db.queries.all_users import (
    UserConditions,
    UserSortKey,
    count_users,
    page_of_users,
)
from mccs_graphql.db.queries.keyset import Page, Window
from mccs_graphql.embedded import Servers
from tests.administration.town import CITIES, EPOCH, HEADING, TAGS, Known, Town, founded
from tests.conftest import settings_for
from tests.databases import temporary_database

PAGE = 7
DAY = timedelta(days=1)
WAYS = {"gathered": (1_000, 1_000), "walked": (2, 1_000), "walked in vain": (2, 1)}
"""How many are few, and how long a walk may be, so that each way is taken."""
ENTITY_KEYS: dict[EntitySortKey, Callable[[Known], Any]] = {
    EntitySortKey.NAME: lambda known: known.entity.sort_name,
    EntitySortKey.CREATED: lambda known: known.entity.created_at,
    EntitySortKey.STATUS: lambda known: known.entity.status.value,
    EntitySortKey.BALANCE: lambda known: known.account.balance,
    EntitySortKey.MAX_NEGATIVE_BALANCE: lambda known: known.account.max_negative_balance,
    EntitySortKey.MAX_POSITIVE_BALANCE: lambda known: known.account.max_positive_balance,
    EntitySortKey.DECLARED_TURNOVER: lambda known: known.entity.turnover_key,
}
USER_KEYS: dict[UserSortKey, Callable[[User], Any]] = {
    UserSortKey.NAME: lambda user: user.sort_name,
    UserSortKey.EMAIL: lambda user: user.email_key,
    UserSortKey.CREATED: lambda user: user.created_at,
    UserSortKey.LAST_SEEN: lambda user: user.seen_at,
}
STATUSES = (EntityStatus.PENDING, EntityStatus.TRADING_ACCEPTED)
ENTITIES: dict[str, tuple[EntityConditions, Callable[[Known], bool]]] = {
    "all": (EntityConditions(), lambda _: True),
    "words": (
        EntityConditions(names=(("name:baker", "name:mill"), ("name:eclair",))),
        lambda k: (
            "Éclair" in k.entity.name and ("Baker" in k.entity.name or "Mill" in k.entity.name)
        ),
    ),
    "no such word": (EntityConditions(names=((),)), lambda _: False),
    "e-mail": (
        EntityConditions(email_prefix="ANA_"),
        lambda k: k.entity.email.startswith("Ana_"),
    ),
    "several statuses": (
        EntityConditions(statuses=STATUSES),
        lambda k: k.entity.status in STATUSES,
    ),
    "balance": (EntityConditions(balance=Range(0, 0)), lambda k: k.account.balance == 0),
    "limit below": (
        EntityConditions(max_negative_balance=Range(least=2)),
        lambda k: k.account.max_negative_balance >= 2,
    ),
    "limit above": (
        EntityConditions(max_positive_balance=Range(1, 2)),
        lambda k: 1 <= k.account.max_positive_balance <= 2,
    ),
    "turnover": (
        EntityConditions(declared_turnover=Range(most=5)),
        lambda k: k.entity.declared_turnover in (0, 5),
    ),
    "dates": (
        EntityConditions(created_from=EPOCH + DAY, created_until=EPOCH + 3 * DAY),
        lambda k: EPOCH + DAY <= k.entity.created_at < EPOCH + 3 * DAY,
    ),
    "tags": (
        EntityConditions(offers=TAGS[:2], wants=TAGS[2:]),
        lambda k: (
            bool(k.tags & {(TagKind.OFFER, tag) for tag in TAGS[:2]})
            and (TagKind.WANT, TAGS[2]) in k.tags
        ),
    ),
    "heading": (EntityConditions(category=HEADING.lower()), lambda k: k.filed),
    "place": (
        EntityConditions(places=(("city", "marlow"),)),
        lambda k: k.entity.city == CITIES[1],
    ),
    "place and status": (
        EntityConditions(places=(("city", "Eskerford"),), statuses=(EntityStatus.PENDING,)),
        lambda k: k.entity.city == CITIES[0] and k.entity.status is EntityStatus.PENDING,
    ),
}
USERS: dict[str, tuple[UserConditions, Callable[[User], bool]]] = {
    "all": (UserConditions(), lambda _: True),
    "beginnings": (
        UserConditions(name="mil el"),
        lambda user: user.last_name.startswith("Mil") and user.first_name == "Élodie",
    ),
    "long word": (UserConditions(name="weaver"), lambda user: "Weaver" in user.last_name),
    "e-mail": (UserConditions(email_prefix="ANA"), lambda user: user.email.startswith("Ana")),
    "second factor": (
        UserConditions(second_factor=True),
        lambda user: user.second_factor_at is not None,
    ),
    "no second factor": (
        UserConditions(second_factor=False),
        lambda user: user.second_factor_at is None,
    ),
    "dates": (
        UserConditions(created_from=EPOCH + DAY, seen_until=EPOCH + 3 * DAY),
        lambda user: user.created_at >= EPOCH + DAY and user.seen_at < EPOCH + 3 * DAY,
    ),
}


@pytest.fixture(scope="module")
async def town(started: Servers, template: str) -> AsyncIterator[Town]:
    """Founded once, and only read."""
    async with temporary_database(started.owner_url, "mccs_looked", template=template) as name:
        database = Database(settings_for(started, name))
        async with founded(database) as there:
            yield there
        await database.close()


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    few, walk = WAYS[request.param]
    monkeypatch.setattr(bounded, "FEW", few)
    monkeypatch.setattr(bounded, "WALK", walk)


async def turned(read: Callable[[Window], Awaitable[Page[Any]]], *, backward: bool) -> list[Any]:
    """What all pages have, turned to the end, in reading order."""
    found: list[Any] = []
    window = Window(PAGE, backward=backward)
    while True:
        page = await read(window)
        rows = list(page.rows)
        found = rows + found if backward else found + rows
        if not (page.has_previous if backward else page.has_next):
            return found
        last = rows[0] if backward else rows[-1]
        window = Window(PAGE, position=(last.key, last[0].id), backward=backward)


def in_order(rows: Iterable[tuple[Any, UUID]], *, descending: bool) -> list[UUID]:
    """The ids of plain rows as they should come."""
    return [id_ for _, id_ in sorted(rows, reverse=descending)]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
@pytest.mark.parametrize("key", EntitySortKey)
async def test_pages_have_each_entity_wanted_once(
    town: Town, key: EntitySortKey, descending: bool
) -> None:
    there = [known for known in town.entities if known.entity.deleted_at is None]
    for search, (conditions, meets) in ENTITIES.items():
        rows = ((ENTITY_KEYS[key](known), known.entity.id) for known in there if meets(known))
        expected = in_order(rows, descending=descending)
        async with town.database.reading() as session:
            read = partial(page_of_entities, session, conditions, key=key, descending=descending)
            for backward in (False, True):
                found = await turned(read, backward=backward)
                assert [row.entity.id for row in found] == expected, (search, backward)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
@pytest.mark.parametrize("key", UserSortKey)
async def test_pages_have_each_user_wanted_once(
    town: Town, key: UserSortKey, descending: bool
) -> None:
    there = [user for user in town.users if user.deleted_at is None]
    for search, (conditions, meets) in USERS.items():
        rows = ((USER_KEYS[key](user), user.id) for user in there if meets(user))
        expected = in_order(rows, descending=descending)
        async with town.database.reading() as session:
            read = partial(page_of_users, session, conditions, key=key, descending=descending)
            for backward in (False, True):
                found = await turned(read, backward=backward)
                assert [row.user.id for row in found] == expected, (search, backward)


@pytest.mark.parametrize("search", ENTITIES)
async def test_as_many_entities_are_counted_as_are_found(town: Town, search: str) -> None:
    conditions, meets = ENTITIES[search]
    async with town.database.reading() as session:
        counted = await count_entities(session, conditions)

    there = [known for known in town.entities if known.entity.deleted_at is None]
    assert counted == len([known for known in there if meets(known)])


@pytest.mark.parametrize("search", USERS)
async def test_as_many_users_are_counted_as_are_found(town: Town, search: str) -> None:
    conditions, meets = USERS[search]
    async with town.database.reading() as session:
        counted = await count_users(session, conditions)

    assert counted == len([user for user in town.users if not user.deleted_at and meets(user)])


async def test_deleted_ones_are_found_when_asked_for(town: Town) -> None:
    async with town.database.reading() as session:
        entities = await page_of_entities(
            session,
            EntityConditions(deleted=True),
            Window(100),
            key=EntitySortKey.NAME,
            descending=False,
        )
        users = await page_of_users(
            session,
            UserConditions(deleted=True),
            Window(100),
            key=UserSortKey.NAME,
            descending=False,
        )

    assert {row.entity.id for row in entities.rows} == {
        known.entity.id for known in town.entities if known.entity.deleted_at
    }
    assert {row.user.id for row in users.rows} == {
        user.id for user in town.users if user.deleted_at
    }


async def test_members_of_an_entity_are_found(town: Town) -> None:
    user_id, entity_id = town.members[0]
    async with town.database.reading() as session:
        page = await page_of_users(
            session,
            UserConditions(entity_id=entity_id),
            Window(10),
            key=UserSortKey.NAME,
            descending=False,
        )

    assert [row.user.id for row in page.rows] == [user_id]


@pytest.mark.parametrize("search", ENTITIES)
async def test_page_takes_one_statement(town: Town, search: str) -> None:
    seen: list[str] = []

    def see(_c: object, _k: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    engine = town.database.reads.sync_engine
    event.listen(engine, "before_cursor_execute", see)
    async with town.database.reading() as session:
        await page_of_entities(
            session, ENTITIES[search][0], Window(5), key=EntitySortKey.BALANCE, descending=True
        )
    event.remove(engine, "before_cursor_execute", see)

    assert len(seen) == 1
