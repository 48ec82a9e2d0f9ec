"""An entity's transfers: filtered, page by page, and at a cost that does not grow."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Membership
from tests.clients import GraphQLClient
from tests.factories import MakeMember, Member
from tests.trading import Trading

TRANSFERS = """
query Transfers(
  $id: ID!, $filter: TransferFilterInput,
  $first: Int, $after: String, $last: Int, $before: String
) {
  entity(id: $id) {
    transfers(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
      nodes { id }
      edges { cursor direction counterparty { id } node { id proposedAt } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}"""
WITH_PARTIES = """
query WithParties($id: ID!, $first: Int) {
  entity(id: $id) {
    transfers(first: $first) {
      edges { counterparty { name } node { payer { name } payee { name } initiator { name } } }
    }
  }
}"""
OF_VIEWER = """{
  viewer {
    entities { name account { balance } transfers { nodes { payer { name } payee { name } } } }
  }
}"""


class Lists:
    """Reads lists of transfers as their owner."""

    def __init__(self, graphql: GraphQLClient) -> None:
        self._graphql = graphql

    async def page(self, of: Member, **arguments: Any) -> dict[str, Any]:
        """One page."""
        data = await self._graphql(TRANSFERS, by=of, id=of.id, **arguments)
        found: dict[str, Any] = data["entity"]["transfers"]
        return found

    async def ids(self, of: Member, **wanted: Any) -> list[str]:
        """The transfers that a filter leaves."""
        found = await self.page(of, filter=wanted)
        return [node["id"] for node in found["nodes"]]


@pytest.fixture
def lists(graphql: GraphQLClient) -> Lists:
    return Lists(graphql)


async def propose_many(trading: Trading, by: Member, to: Member, count: int) -> list[str]:
    """New proposals, the newest first."""
    return [await trading.proposed(by, to, "1.00") for _ in range(count)][::-1]


class TestWhoSees:
    async def test_null_for_others(
        self, graphql: GraphQLClient, make: MakeMember, trading: Trading
    ) -> None:
        ana, ben, stranger = await make(), await make(), await make()
        await trading.pay(ana, ben, "1.00")
        for asker in (None, stranger, ben):
            data = await graphql(TRANSFERS, by=asker, id=ana.id)
            assert data["entity"]["transfers"] is None

    async def test_both_sides_see_it_each_in_its_direction(
        self, make: MakeMember, trading: Trading, lists: Lists
    ) -> None:
        ana, ben = await make(), await make()
        await trading.pay(ana, ben, "1.00")

        (out,), (in_,) = (await lists.page(ana))["edges"], (await lists.page(ben))["edges"]

        assert (out["direction"], out["counterparty"]["id"]) == ("OUT", ben.id)
        assert (in_["direction"], in_["counterparty"]["id"]) == ("IN", ana.id)


class TestArguments:
    @pytest.mark.parametrize(
        "arguments",
        [
            *({"first": size} for size in (0, -1, 101)),
            *({"last": size} for size in (0, -1, 101)),
            *({"first": 1, "last": 1}, {"first": 1, "before": "x"}),
            *({"after": bad} for bad in ("", "x", "\0")),
            {"before": "x"},
        ],
        ids=str,
    )
    async def test_page_that_makes_no_sense_is_refused(
        self, graphql: GraphQLClient, make: MakeMember, arguments: dict[str, object]
    ) -> None:
        ana = await make()
        assert await graphql.code(TRANSFERS, by=ana, id=ana.id, **arguments) == "BAD_USER_INPUT"

    @pytest.mark.parametrize(
        "wanted",
        [
            *({"status": ["LOST"]}, {"direction": "SIDEWAYS"}, {"from": "yesterday"}),
            *({"to": "2026-01-31"}, {"from": 5}, {"colour": "red"}, {"status": [None]}),
        ],
        ids=str,
    )
    async def test_filter_that_makes_no_sense_is_refused(
        self, graphql: GraphQLClient, make: MakeMember, wanted: dict[str, object]
    ) -> None:
        ana = await make()
        assert await graphql.code(TRANSFERS, by=ana, id=ana.id, filter=wanted) == "BAD_USER_INPUT"


class TestFilters:
    async def test_status(self, make: MakeMember, trading: Trading, lists: Lists) -> None:
        ana, ben = await make(), await make()
        completed = await trading.pay(ana, ben, "1.00")
        cancelled, open_ = await trading.proposed(ana, ben), await trading.proposed(ana, ben)
        await trading.cancel(ana, cancelled)

        assert await lists.ids(ana, status=["COMPLETED"]) == [completed]
        assert await lists.ids(ana, status=["INITIATED"]) == [open_]
        assert await lists.ids(ana, status=["CANCELLED", "COMPLETED"]) == [cancelled, completed]
        assert await lists.ids(ana, status=[]) == []
        assert await lists.ids(ana, status=None) == [open_, cancelled, completed]

    async def test_direction(self, make: MakeMember, trading: Trading, lists: Lists) -> None:
        ana, ben = await make(), await make()
        paid = await trading.proposed(ana, ben)
        asked = await trading.proposed(ana, ben, direction="IN")

        assert await lists.ids(ana, direction="OUT") == [paid]
        assert await lists.ids(ana, direction="IN") == [asked]
        assert await lists.ids(ben, direction="OUT") == [asked]

    async def test_counterparty(self, make: MakeMember, trading: Trading, lists: Lists) -> None:
        ana, ben, cid = await make(), await make(), await make()
        with_ben = await trading.proposed(ana, ben)
        with_cid = await trading.proposed(cid, ana)

        assert await lists.ids(ana, counterparty=ben.id) == [with_ben]
        assert await lists.ids(ana, counterparty=cid.id) == [with_cid]
        assert await lists.ids(ana, counterparty=ana.id) == []
        assert await lists.ids(ana, counterparty="nobody") == []

    async def test_from_is_included_and_to_is_not(
        self, make: MakeMember, trading: Trading, lists: Lists
    ) -> None:
        ana, ben = await make(), await make()
        third, second, first = await propose_many(trading, ana, ben, 3)
        edges = (await lists.page(ana))["edges"]
        moment = next(e["node"]["proposedAt"] for e in edges if e["node"]["id"] == second)

        assert await lists.ids(ana, **{"from": moment}) == [third, second]
        assert await lists.ids(ana, to=moment) == [first]
        assert await lists.ids(ana, **{"from": moment, "to": moment}) == []

    @pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
    async def test_ends_of_time_are_taken(
        self, make: MakeMember, trading: Trading, lists: Lists, moment: str
    ) -> None:
        ana, ben = await make(), await make()
        id_ = await trading.proposed(ana, ben)

        early = moment.startswith("0001")
        assert await lists.ids(ana, **{"from": moment}) == ([id_] if early else [])
        assert await lists.ids(ana, to=moment) == ([] if early else [id_])

    async def test_filters_are_combined(
        self, make: MakeMember, trading: Trading, lists: Lists
    ) -> None:
        ana, ben, cid = await make(), await make(), await make()
        await trading.pay(ana, cid, "1.00")
        await trading.proposed(ana, ben)
        wanted = await trading.pay(ana, ben, "1.00")
        await trading.pay(ben, ana, "1.00")
        yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat().replace("+00:00", "Z")

        assert await lists.ids(
            ana,
            **{"from": yesterday},
            status=["COMPLETED"],
            direction="OUT",
            counterparty=ben.id,
        ) == [wanted]


class TestPages:
    async def test_pages_follow_one_another_while_transfers_arrive(
        self, make: MakeMember, trading: Trading, lists: Lists
    ) -> None:
        ana, ben = await make(), await make()
        before = await propose_many(trading, ana, ben, 5)
        first = await lists.page(ana, first=2)

        await trading.proposed(ben, ana)
        second = await lists.page(ana, first=2, after=first["pageInfo"]["endCursor"])
        await trading.proposed(ana, ben)
        third = await lists.page(ana, first=2, after=second["pageInfo"]["endCursor"])

        read = [node["id"] for found in (first, second, third) for node in found["nodes"]]
        assert read == before
        assert [found["pageInfo"]["hasNextPage"] for found in (first, second, third)] == [
            *(True, True, False)
        ]

    async def test_what_arrived_is_found_by_going_back(
        self, make: MakeMember, trading: Trading, lists: Lists
    ) -> None:
        ana, ben = await make(), await make()
        await propose_many(trading, ana, ben, 2)
        start = (await lists.page(ana))["pageInfo"]["startCursor"]

        new = await propose_many(trading, ben, ana, 3)

        found = await lists.page(ana, last=100, before=start)
        assert [node["id"] for node in found["nodes"]] == new
        nearest = await lists.page(ana, last=2, before=start)
        assert [node["id"] for node in nearest["nodes"]] == new[1:]
        assert nearest["pageInfo"]["hasPreviousPage"]

    async def test_last_ones_are_the_oldest(
        self, make: MakeMember, trading: Trading, lists: Lists
    ) -> None:
        ana, ben = await make(), await make()
        all_ = await propose_many(trading, ana, ben, 3)
        found = await lists.page(ana, last=2)
        assert [node["id"] for node in found["nodes"]] == all_[1:]

    async def test_filter_goes_with_the_page(
        self, make: MakeMember, trading: Trading, lists: Lists
    ) -> None:
        ana, ben = await make(), await make()
        paid = [await trading.proposed(ana, ben, "1.00") for _ in range(3)][::-1]
        await trading.proposed(ana, ben, "1.00", direction="IN")

        out = {"direction": "OUT"}
        first = await lists.page(ana, first=2, filter=out)
        rest = await lists.page(ana, first=2, filter=out, after=first["pageInfo"]["endCursor"])

        assert [node["id"] for found in (first, rest) for node in found["nodes"]] == paid
        assert not rest["pageInfo"]["hasNextPage"]


class TestCost:
    async def test_page_costs_the_same_for_one_and_for_fifty(
        self,
        graphql: GraphQLClient,
        make: MakeMember,
        trading: Trading,
        counting: AbstractContextManager[list[str]],
    ) -> None:
        ana = await make()
        others = [await make() for _ in range(5)]
        for other in others:
            await propose_many(trading, ana, other, 10)
        await graphql(WITH_PARTIES, by=ana, id=ana.id, first=1)

        with counting as seen:
            await graphql(WITH_PARTIES, by=ana, id=ana.id, first=1)
            for_one = len(seen)
            data = await graphql(WITH_PARTIES, by=ana, id=ana.id, first=50)

        edges = data["entity"]["transfers"]["edges"]
        assert {edge["counterparty"]["name"] for edge in edges} == {other.name for other in others}
        assert len(edges) == 50
        assert len(seen) - for_one == for_one

    async def test_page_costs_the_same_for_one_and_for_five_entities(
        self,
        graphql: GraphQLClient,
        make: MakeMember,
        trading: Trading,
        database: Database,
        counting: AbstractContextManager[list[str]],
    ) -> None:
        ana, ben = await make(), await make()
        shops = [await make() for _ in range(4)]
        for shop in (ana, *shops):
            await trading.pay(shop, ben, "1.00")
        await graphql(OF_VIEWER, by=ana)

        with counting as seen:
            await graphql(OF_VIEWER, by=ana)
            for_one = len(seen)
            async with database.writing() as session:
                session.add_all(
                    Membership(user_id=ana.user_id, entity_id=shop.entity_id) for shop in shops
                )
            data = await graphql(OF_VIEWER, by=ana)

        assert len(data["viewer"]["entities"]) == 5
        assert all(shop["transfers"]["nodes"] for shop in data["viewer"]["entities"])
        assert len(seen) - for_one == for_one
