"""Looking for transfers of the whole community, compared with doing it by hand."""

import os
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from mccs_graphql.app import create_app
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import AdminRole, Transfer
from mccs_graphql.db.queries import transfer_search
from mccs_graphql.db.queries.transfer_search import TransferOrder
from mccs_graphql.embedded import Servers
from mccs_graphql.schema.ids import IdPrefix, encode_id
from tests.clients import GraphQLClient
from tests.conftest import settings_for
from tests.databases import temporary_database
from tests.factories import Member, make_admin, make_member
from tests.stewardship import Administration
from tests.trading import Trading

PAGE = """
query All($filter: AllTransfersFilterInput, $order: TransferOrder!, $first: Int, $after: String,
          $last: Int, $before: String) {
  allTransfers(filter: $filter, orderBy: $order, first: $first, after: $after, last: $last,
               before: $before) {
    totalCount
    nodes { id amount proposedAt decidedAt }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""
DESCRIPTIONS = ("Bread and cake", "bread, sliced", "Flour", "Forty rolls", "")
TRANSFERS = 40
Fits = Callable[[Transfer, "Town"], bool]


@dataclass(frozen=True)
class Town:
    """Members with transfers of every kind, and the admin who looks at them."""

    graphql: GraphQLClient
    admin: Administration
    members: list[Member]
    rows: list[Transfer]
    reversed_ids: set[UUID | None]

    async def page(self, **asked: Any) -> dict[str, Any]:
        """One page."""
        variables = {"order": "NEWEST"} | asked
        data = await self.graphql(PAGE, by=self.admin.admin, **variables)
        found: dict[str, Any] = data["allTransfers"]
        return found

    async def walk(self, *, backward: bool = False, **asked: Any) -> list[str]:
        """The ids on all pages, in the order of the list."""
        ids: list[str] = []
        size, side = ("last", "before") if backward else ("first", "after")
        page = await self.page(**asked, **{size: 7})
        while True:
            found = [node["id"] for node in page["nodes"]]
            ids = found + ids if backward else ids + found
            info = page["pageInfo"]
            if not info["hasPreviousPage" if backward else "hasNextPage"]:
                return ids
            position = info["startCursor" if backward else "endCursor"]
            page = await self.page(**asked, **{size: 7, side: position})


@pytest.fixture(scope="module")
async def town(started: Servers, template: str) -> AsyncIterator[Town]:
    """Made once, and only looked at."""
    async with temporary_database(
        started.owner_url, f"mccs_town_{os.getpid()}", template=template
    ) as name:
        settings = settings_for(started, name)
        database = Database(settings)
        app = create_app(settings)
        async with app.router.lifespan_context(app), GraphQLClient.to(app) as graphql:
            yield await build(database, graphql)
        await database.close()


async def build(database: Database, graphql: GraphQLClient) -> Town:
    """Members who propose, decide and are helped by an admin, as chance will have it."""
    chance = random.Random(5)
    members = [await make_member(database, floor="9999.00", ceiling="9999.00") for _ in range(4)]
    admin = Administration(graphql, await make_admin(database, AdminRole.ADMIN))
    trading = Trading(graphql)
    for _ in range(TRANSFERS):
        payer, payee = chance.sample(members, 2)
        amount, description = f"{chance.randint(1, 6)}.00", chance.choice(DESCRIPTIONS)
        match chance.randrange(7):
            case 0:
                await admin.pay(payer, payee, amount, description=description)
            case 1:
                await admin.reverse(await trading.pay(payer, payee, amount))
            case kind:
                id_ = await trading.proposed(payer, payee, amount, description=description)
                await decide(trading, admin, payer, payee, id_, kind)
    async with database.reading() as session:
        rows = list((await session.scalars(select(Transfer))).all())
    return Town(graphql, admin, members, rows, {row.reverses_id for row in rows} - {None})


async def decide(
    trading: Trading, admin: Administration, payer: Member, payee: Member, id_: str, kind: int
) -> None:
    """One way for a proposal to end, or not."""
    match kind:
        case 2:
            await trading.accept(payee, id_)
        case 3:
            await trading.reject(payee, id_)
        case 4:
            await trading.cancel(payer, id_)
        case 5:
            await admin.cancel(id_)


def key_of(order: TransferOrder) -> Callable[[Transfer], Any]:
    """What an order sorts by."""
    if order.by_amount:
        return lambda row: (row.amount, row.id)
    if order.by_decision:
        return lambda row: (row.decided_at, row.id)
    return lambda row: (row.proposed_at, row.id)


def by_hand(town: Town, order: TransferOrder, fits: Fits | None = None) -> list[str]:
    """The ids that the list should show."""
    rows = [row for row in town.rows if row.decided_at or not order.by_decision]
    descending = order in {
        TransferOrder.NEWEST,
        TransferOrder.DECIDED_LAST,
        TransferOrder.LARGEST,
    }
    found = sorted(
        (row for row in rows if fits is None or fits(row, town)),
        key=key_of(order),
        reverse=descending,
    )
    return [encode_id(IdPrefix.TRANSFER, row.id) for row in found]


@pytest.fixture(params=[5_000, 5], ids=["long walk", "short walk"])
def walk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """By either way of reading."""
    monkeypatch.setattr(transfer_search, "WALK", request.param)
    monkeypatch.setattr(transfer_search, "WALK_READING", request.param)


@pytest.mark.usefixtures("walk")
@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
@pytest.mark.parametrize("order", TransferOrder)
async def test_every_order_goes_through_all_once(
    town: Town, order: TransferOrder, backward: bool
) -> None:
    assert await town.walk(order=order.value, backward=backward) == by_hand(town, order)


FILTERS: dict[str, tuple[Callable[[Town], dict[str, Any]], Fits]] = {
    "open": (
        lambda _: {"status": ["INITIATED"]},
        lambda row, _: row.state.value == "initiated",
    ),
    "two stages": (
        lambda _: {"status": ["INITIATED", "CANCELLED"]},
        lambda row, _: row.state.value != "completed",
    ),
    "no stage": (lambda _: {"status": []}, lambda _row, _: False),
    "entity": (
        lambda town: {"entity": town.members[0].id},
        lambda row, town: town.members[0].entity_id in (row.payer_id, row.payee_id),
    ),
    "unknown entity": (lambda _: {"entity": "ent_x"}, lambda _row, _: False),
    "both sides": (
        lambda town: {"entity": town.members[0].id, "counterparty": town.members[1].id},
        lambda row, town: (
            {row.payer_id, row.payee_id} == {each.entity_id for each in town.members[:2]}
        ),
    ),
    "initiator": (
        lambda town: {"initiator": town.members[2].id},
        lambda row, town: row.initiator_id == town.members[2].entity_id and row.admin_id is None,
    ),
    "amounts": (
        lambda _: {"amountMin": "2.00", "amountMax": "4.00"},
        lambda row, _: 200 <= row.amount <= 400,
    ),
    "since": (
        lambda town: {"from": middle(town).isoformat()},
        lambda row, town: row.proposed_at >= middle(town),
    ),
    "until": (
        lambda town: {"to": middle(town).isoformat()},
        lambda row, town: row.proposed_at < middle(town),
    ),
    "words": (
        lambda _: {"text": "BREAD"},
        lambda row, _: "bread" in row.description.lower(),
    ),
    "two words": (
        lambda _: {"text": "cake bread"},
        lambda row, _: row.description == "Bread and cake",
    ),
    "no letters": (lambda _: {"text": "!?"}, lambda _row, _: False),
    "cancelled by": (
        lambda _: {"cancelledBy": ["ADMIN", "INITIATOR"]},
        lambda row, _: row.cancelled_by is not None and row.cancelled_by.value != "receiver",
    ),
    "by an admin": (lambda _: {"byAdmin": True}, lambda row, _: row.admin_id is not None),
    "by members": (lambda _: {"byAdmin": False}, lambda row, _: row.admin_id is None),
    "reversed": (lambda _: {"reversed": True}, lambda row, town: row.id in town.reversed_ids),
    "not reversed": (
        lambda _: {"reversed": False},
        lambda row, town: row.id not in town.reversed_ids,
    ),
    "several": (
        lambda _: {"status": ["CANCELLED"], "amountMin": "3.00", "text": "bread"},
        lambda row, _: (
            row.state.value == "cancelled"
            and row.amount >= 300
            and "bread" in row.description.lower()
        ),
    ),
}


def middle(town: Town) -> Any:
    """A moment in between."""
    return sorted(row.proposed_at for row in town.rows)[len(town.rows) // 2]


@pytest.mark.usefixtures("walk")
@pytest.mark.parametrize("order", ["NEWEST", "DECIDED_FIRST", "LARGEST"])
@pytest.mark.parametrize("name", FILTERS)
async def test_filter_finds_what_is_found_by_hand(town: Town, name: str, order: str) -> None:
    asked, fits = FILTERS[name]
    expected = by_hand(town, TransferOrder(order), fits)

    assert await town.walk(filter=asked(town), order=order) == expected
    page = await town.page(filter=asked(town), order=order, first=1)
    assert page["totalCount"] == len(expected)


async def test_more_than_are_counted_is_null(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer_search, "COUNT_MAX", len(town.rows) - 1)

    assert (await town.page(first=1))["totalCount"] is None


async def test_cursor_of_another_search_is_refused(town: Town) -> None:
    cursor = (await town.page(first=1))["pageInfo"]["endCursor"]
    variables = {"order": "LARGEST", "first": 1, "after": cursor}

    assert await town.graphql.code(PAGE, by=town.admin.admin, **variables) == "BAD_USER_INPUT"


async def test_text_that_cannot_be_looked_for_is_refused(town: Town) -> None:
    variables: dict[str, Any] = {"order": "NEWEST", "filter": {"text": "a\0b"}}

    assert await town.graphql.code(PAGE, by=town.admin.admin, **variables) == "BAD_USER_INPUT"


async def test_page_takes_one_statement_or_two(
    graphql: GraphQLClient,
    administration: Administration,
    counting: AbstractContextManager[list[str]],
) -> None:
    document = '{ allTransfers(first: 5, filter: {text: "nowhere"}) { nodes { id } } }'

    with counting as seen:
        await graphql(document, by=administration.admin)

    assert len([statement for statement in seen if "FROM transfers" in statement]) == 2
