"""Finding entities: pages by name, and who is listed for whom."""

from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Entity, EntityStatus
from tests.clients import GraphQLClient
from tests.factories import MakeMember, Member
from tests.trading import Trading

ENTITIES = """
query Entities($first: Int, $after: String, $last: Int, $before: String, $prefix: String) {
  entities(
    first: $first, after: $after, last: $last, before: $before, filter: {namePrefix: $prefix}
  ) {
    nodes { name }
    edges { cursor node { id name } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""
BY_EVERY_PATH = """
query ByEveryPath($id: ID!, $prefix: String) {
  entity(id: $id) { id }
  node(id: $id) { id }
  nodes(ids: [$id]) { id }
  entities(filter: {namePrefix: $prefix}) { nodes { id } }
}"""
PARTIES = """
query Parties($id: ID!) {
  transfer(id: $id) {
    payer { id } payee { id } initiator { id } receiver { id } payerName payeeName
  }
}"""
PRIVATE = (
    "query Private($id: ID!) { entity(id: $id) { account { balance } transfers { nodes { id } } } }"
)
DETAILS = """
query Details($prefix: String, $first: Int) {
  entities(filter: {namePrefix: $prefix}, first: $first) {
    nodes { name offers { name } wants { name } categories { name } account { balance } }
  }
}"""
UNLISTED = [EntityStatus.PENDING, EntityStatus.REJECTED]


def unique() -> str:
    """The beginning of names that no other test has."""
    return f"Q{uuid4().hex} "


async def page(graphql: GraphQLClient, **arguments: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await graphql(ENTITIES, **arguments))["entities"]
    return found


def names(found: dict[str, Any]) -> str:
    """The last letters of the names on a page, in order."""
    return "".join(node["name"].rpartition(" ")[2] for node in found["nodes"])


async def make_street(make: MakeMember, letters: str = "ABCDE") -> tuple[str, list[Member]]:
    """Entities with a common beginning of their names, one for each letter."""
    prefix = unique()
    return prefix, [await make(entity_name=prefix + letter) for letter in letters]


async def change(database: Database, entity_id: UUID, **values: object) -> None:
    async with database.writing() as session:
        await session.execute(update(Entity).where(Entity.id == entity_id).values(**values))


class TestArguments:
    @pytest.mark.parametrize(
        "arguments",
        [
            *({"first": size} for size in (0, -1, 101, 2**31 - 1)),
            *({"last": size} for size in (0, -1, 101)),
            *({"first": 1, "last": 1}, {"first": 1, "before": "x"}, {"last": 1, "after": "x"}),
            *({"after": bad} for bad in ("", "x", "\0", "é", "A" * 5000, "bnVsbA")),
            {"before": "x"},
        ],
        ids=str,
    )
    async def test_page_that_makes_no_sense_is_refused(
        self, graphql: GraphQLClient, arguments: dict[str, Any]
    ) -> None:
        assert await graphql.code(ENTITIES, **arguments) == "BAD_USER_INPUT"

    async def test_cursor_of_another_list_is_refused(
        self, graphql: GraphQLClient, make: MakeMember, trading: Trading
    ) -> None:
        ana, ben = await make(), await make()
        await trading.proposed(ana, ben)
        query = "query Q($id: ID!) { entity(id: $id) { transfers { pageInfo { endCursor } } } }"
        data = await graphql(query, by=ana, id=ana.id)
        foreign = data["entity"]["transfers"]["pageInfo"]["endCursor"]

        assert await graphql.code(ENTITIES, after=foreign) == "BAD_USER_INPUT"

    @pytest.mark.parametrize("prefix", ["x" * 101, "a\0", "\0"])
    async def test_prefix_that_no_name_can_have_is_refused(
        self, graphql: GraphQLClient, prefix: str
    ) -> None:
        assert await graphql.code(ENTITIES, prefix=prefix) == "BAD_USER_INPUT"


class TestPages:
    async def test_pages_follow_one_another_forward(
        self, graphql: GraphQLClient, make: MakeMember
    ) -> None:
        prefix, _ = await make_street(make)

        first = await page(graphql, prefix=prefix, first=2)
        second = await page(graphql, prefix=prefix, first=2, after=first["pageInfo"]["endCursor"])
        third = await page(graphql, prefix=prefix, first=2, after=second["pageInfo"]["endCursor"])

        assert [names(found) for found in (first, second, third)] == ["AB", "CD", "E"]
        assert [found["pageInfo"]["hasNextPage"] for found in (first, second, third)] == [
            *(True, True, False)
        ]
        assert not first["pageInfo"]["hasPreviousPage"]
        assert second["pageInfo"]["hasPreviousPage"]

    async def test_pages_follow_one_another_backward(
        self, graphql: GraphQLClient, make: MakeMember
    ) -> None:
        prefix, _ = await make_street(make)

        last = await page(graphql, prefix=prefix, last=2)
        middle = await page(graphql, prefix=prefix, last=2, before=last["pageInfo"]["startCursor"])
        first = await page(graphql, prefix=prefix, last=2, before=middle["pageInfo"]["startCursor"])

        assert [names(found) for found in (last, middle, first)] == ["DE", "BC", "A"]
        assert [found["pageInfo"]["hasPreviousPage"] for found in (last, middle, first)] == [
            *(True, True, False)
        ]
        assert not last["pageInfo"]["hasNextPage"]

    async def test_full_last_page_promises_no_more(
        self, graphql: GraphQLClient, make: MakeMember
    ) -> None:
        prefix, _ = await make_street(make, "AB")
        found = await page(graphql, prefix=prefix, first=2)
        assert (names(found), found["pageInfo"]["hasNextPage"]) == ("AB", False)

    async def test_twenty_come_unless_told_otherwise(
        self, graphql: GraphQLClient, make: MakeMember
    ) -> None:
        prefix, _ = await make_street(make, "ABCDEFGHIJKLMNOPQRSTU")
        assert len((await page(graphql, prefix=prefix))["nodes"]) == 20
        assert len((await page(graphql, prefix=prefix, first=100))["nodes"]) == 21

    async def test_empty_page_has_no_cursors(self, graphql: GraphQLClient) -> None:
        found = await page(graphql, prefix=unique())
        assert found["edges"] == []
        assert found["pageInfo"] == {
            "hasNextPage": False,
            "hasPreviousPage": False,
            "startCursor": None,
            "endCursor": None,
        }

    async def test_entities_of_one_name_are_each_listed_once(
        self, graphql: GraphQLClient, make: MakeMember
    ) -> None:
        prefix, members = await make_street(make, "AAAAA")
        seen: list[str] = []
        after = None
        for _ in members:
            found = await page(graphql, prefix=prefix, first=1, after=after)
            seen += [edge["node"]["id"] for edge in found["edges"]]
            after = found["pageInfo"]["endCursor"]
        assert sorted(seen) == sorted(member.id for member in members)

    async def test_boundary_stays_while_entities_come_and_are_renamed(
        self, graphql: GraphQLClient, make: MakeMember, database: Database
    ) -> None:
        prefix, (a, b, *_) = await make_street(make)
        first = await page(graphql, prefix=prefix, first=2)

        await make(entity_name=prefix + "AA")
        await change(database, a.entity_id, name=prefix + "F")
        await change(database, b.entity_id, name=prefix + "BB")

        after = first["pageInfo"]["endCursor"]
        second = await page(graphql, prefix=prefix, first=2, after=after)
        assert names(second) == "BBC"
        back = await page(graphql, prefix=prefix, last=2, before=second["pageInfo"]["startCursor"])
        assert names(back) == "AA"

    async def test_details_cost_the_same_for_one_and_for_many(
        self,
        graphql: GraphQLClient,
        make: MakeMember,
        counting: AbstractContextManager[list[str]],
    ) -> None:
        prefix, _ = await make_street(make, "ABCDEFGHIJ")
        await graphql(DETAILS, prefix=prefix, first=1)
        with counting as seen:
            await graphql(DETAILS, prefix=prefix, first=1)
            for_one = len(seen)
            found = await graphql(DETAILS, prefix=prefix, first=10)
        assert len(found["entities"]["nodes"]) == 10
        assert len(seen) - for_one == for_one


class TestNamePrefix:
    @pytest.mark.parametrize("pattern", ["%", "_", "\\", "%%", ".*"])
    async def test_signs_of_a_pattern_do_not_count(
        self, graphql: GraphQLClient, make: MakeMember, pattern: str
    ) -> None:
        start = unique().strip()
        await make(entity_name=f"{start} bakery")
        await make(entity_name=f"{start}x bakery")

        found = await page(graphql, prefix=f"{start}{pattern}bakery")

        assert [node["name"] for node in found["nodes"]] == [f"{start} bakery"]

    @pytest.mark.parametrize("name", ["Straße", "ÉCOLE", "ΟΔΟΡ ΑΓΟΡΑ", "ЁЛКА"])
    @pytest.mark.parametrize("spelling", [str, str.lower, str.upper])
    async def test_letter_case_does_not_count(
        self, graphql: GraphQLClient, make: MakeMember, name: str, spelling: Any
    ) -> None:
        start = unique()
        await make(entity_name=start + name)

        typed = spelling(name[:4])
        found = await page(graphql, prefix=start.upper() + typed)

        assert [node["name"] for node in found["nodes"]] == [start + name]

    async def test_sigma_at_the_end_of_what_is_typed_is_found(
        self, graphql: GraphQLClient, make: MakeMember
    ) -> None:
        start = unique()
        await make(entity_name=start + "ΟΔΟΣ ΑΓΟΡΑ")

        found = await page(graphql, prefix=start + "ΟΔΟΣ")

        assert [node["name"] for node in found["nodes"]] == [start + "ΟΔΟΣ ΑΓΟΡΑ"]

    async def test_empty_prefix_is_none(self, graphql: GraphQLClient, make: MakeMember) -> None:
        await make()
        assert (await page(graphql, prefix="", first=1))["nodes"]


class TestUnlisted:
    @pytest.mark.parametrize("status", UNLISTED)
    async def test_is_absent_for_others_by_every_path(
        self, graphql: GraphQLClient, make: MakeMember, status: EntityStatus
    ) -> None:
        name, stranger = unique(), await make()
        hidden = await make(entity_name=name, status=status)

        for asker in (None, stranger):
            data = await graphql(BY_EVERY_PATH, by=asker, id=hidden.id, prefix=name)
            assert data == {
                "entity": None,
                "node": None,
                "nodes": [None],
                "entities": {"nodes": []},
            }

    @pytest.mark.parametrize("status", UNLISTED)
    async def test_cannot_be_proposed_to_by_others(
        self, make: MakeMember, trading: Trading, status: EntityStatus
    ) -> None:
        ana, hidden = await make(), await make(status=status)

        by_id = await trading.propose(ana, hidden)
        by_number = await trading.propose(ana, {"accountNumber": hidden.account_number})

        assert by_id["code"] == by_number["code"] == "RECEIVER_NOT_FOUND"

    @pytest.mark.parametrize("status", UNLISTED)
    async def test_is_there_for_its_members(
        self, graphql: GraphQLClient, make: MakeMember, status: EntityStatus
    ) -> None:
        hidden = await make(status=status)

        data = await graphql(BY_EVERY_PATH, by=hidden, id=hidden.id, prefix=hidden.name)
        viewer = (await graphql("{ viewer { entities { id } } }", by=hidden))["viewer"]

        me = {"id": hidden.id}
        assert (data["entity"], data["node"], data["nodes"]) == (me, me, [me])
        assert viewer["entities"] == [me]

    @pytest.mark.parametrize("status", UNLISTED)
    async def test_is_null_in_transfers_of_others_but_its_name_stays(
        self,
        graphql: GraphQLClient,
        make: MakeMember,
        trading: Trading,
        database: Database,
        status: EntityStatus,
    ) -> None:
        ana, ben = await make(), await make()
        id_ = await trading.pay(ana, ben, "1.00")
        await change(database, ben.entity_id, status=status)

        seen_by_ana = (await graphql(PARTIES, by=ana, id=id_))["transfer"]
        seen_by_ben = (await graphql(PARTIES, by=ben, id=id_))["transfer"]

        assert seen_by_ana["payer"] == seen_by_ana["initiator"] == {"id": ana.id}
        assert seen_by_ana["payee"] is seen_by_ana["receiver"] is None
        assert (seen_by_ana["payerName"], seen_by_ana["payeeName"]) == (ana.name, ben.name)
        assert seen_by_ben["payee"] == {"id": ben.id}

    @pytest.mark.parametrize(
        "status", [status for status in EntityStatus if status not in UNLISTED]
    )
    async def test_every_other_status_is_listed(
        self, graphql: GraphQLClient, make: MakeMember, status: EntityStatus
    ) -> None:
        name = unique()
        shop = await make(entity_name=name + "Shop", status=status)

        data = await graphql(BY_EVERY_PATH, id=shop.id, prefix=name)

        me = {"id": shop.id}
        assert data == {"entity": me, "node": me, "nodes": [me], "entities": {"nodes": [me]}}


class TestPrivateParts:
    async def test_account_and_transfers_are_null_for_others(
        self, graphql: GraphQLClient, make: MakeMember
    ) -> None:
        ana, stranger = await make(), await make()
        for asker in (None, stranger):
            data = await graphql(PRIVATE, by=asker, id=ana.id)
            assert data["entity"] == {"account": None, "transfers": None}

    async def test_transfer_is_null_for_others(
        self, graphql: GraphQLClient, make: MakeMember, trading: Trading
    ) -> None:
        ana, ben, stranger = await make(), await make(), await make()
        id_ = await trading.pay(ana, ben, "1.00")
        query = "query Q($id: ID!) { transfer(id: $id) { id } node(id: $id) { id } }"
        assert await graphql(query, by=stranger, id=id_) == {"transfer": None, "node": None}
        visitors = await graphql.send(query, id=id_)
        assert visitors["data"] == {"transfer": None, "node": None}
        assert visitors["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"

    async def test_user_is_null_for_others(self, graphql: GraphQLClient, make: MakeMember) -> None:
        ana, stranger = await make(), await make()
        viewer = (await graphql("{ viewer { id } }", by=ana))["viewer"]
        query = "query Q($id: ID!) { node(id: $id) { id } }"
        assert (await graphql(query, by=stranger, id=viewer["id"]))["node"] is None
        assert (await graphql(query, by=ana, id=viewer["id"]))["node"] == viewer

    async def test_members_see_both(self, graphql: GraphQLClient, make: MakeMember) -> None:
        ana = await make()
        data = await graphql(PRIVATE, by=ana, id=ana.id)
        assert data["entity"] == {"account": {"balance": "0.00"}, "transfers": {"nodes": []}}
