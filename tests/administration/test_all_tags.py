"""The list of all tags, as admins ask for it."""

from contextlib import AbstractContextManager
from typing import Any

import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import EntityStatus
from tests.administration.desk import Desk
from tests.clients import GraphQLClient
from tests.factories import MakeMember
from tests.listings import carry

ALL = """
query All(
  $filter: AllTagsFilterInput, $first: Int, $after: String, $last: Int, $before: String
) {
  allTags(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { curated node { name offerCount wantCount since } }
  }
}"""


@pytest.fixture
async def words(desk: Desk, database: Database, make: MakeMember, word: str) -> str:
    """The beginning of five tags: two carried, one by an entity that is not listed; two curated."""
    await carry(database, ana := await make(), offers=[f"{word}-crêpes", f"{word}-left"])
    await carry(database, ana, offers=[f"{word}-crêpes"])
    await carry(database, await make(status=EntityStatus.PENDING), wants=[f"{word}-hidden"])
    for name in ("bread", "ale"):
        await desk.do("adminCreateTag", name=f"{word}-{name}")
    return word


async def listed(desk: Desk, **given: Any) -> dict[str, Any]:
    """One page."""
    found: dict[str, Any] = (await desk.graphql(ALL, by=desk.admin, **given))["allTags"]
    return found


def ends(page: dict[str, Any]) -> list[str]:
    """What comes behind the beginning that all have."""
    return [edge["node"]["name"].partition("-")[2] for edge in page["edges"]]


@pytest.mark.parametrize("contains", ["x" * 51, "a\0", "?!"], ids=["long", "nul", "marks"])
async def test_what_cannot_be_in_a_tag_is_refused(desk: Desk, contains: str) -> None:
    code = await desk.graphql.code(ALL, by=desk.admin, filter={"contains": contains})

    assert code == "BAD_USER_INPUT"


async def test_member_is_refused(graphql: GraphQLClient, make: MakeMember) -> None:
    assert await graphql.code(ALL, by=await make()) == "FORBIDDEN"


async def test_cursor_of_another_search_is_refused(desk: Desk, words: str) -> None:
    page = await listed(desk, filter={"contains": words}, first=1)

    code = await desk.graphql.code(ALL, by=desk.admin, after=page["pageInfo"]["endCursor"])

    assert code == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, ["ale", "bread", "crêpes", "hidden", "left"]),
        ({"carried": True}, ["crêpes", "hidden"]),
        ({"carried": False}, ["ale", "bread", "left"]),
        ({"carried": False, "curated": False}, ["left"]),
        ({"curated": True}, ["ale", "bread"]),
    ],
    ids=["all", "carried", "not carried", "left over", "curated"],
)
async def test_tags_wanted_come_by_name(
    desk: Desk, words: str, wanted: dict[str, bool], expected: list[str]
) -> None:
    page = await listed(desk, filter={"contains": words} | wanted)

    assert ends(page) == expected
    assert page["totalCount"] == len(expected)


async def test_part_is_found_in_any_spelling(desk: Desk, words: str) -> None:
    page = await listed(desk, filter={"contains": f"{words[3:].upper()} CREP"})

    (edge,) = page["edges"]
    found = {"name": f"{words}-crêpes", "offerCount": 1, "wantCount": 0, "since": None}
    assert edge == {"curated": False, "node": found}


async def test_pages_go_both_ways(desk: Desk, words: str) -> None:
    wanted = {"contains": words}
    first = await listed(desk, filter=wanted, first=2)
    after = first["pageInfo"]["endCursor"]

    second = await listed(desk, filter=wanted, first=2, after=after)
    back = await listed(desk, filter=wanted, last=2, before=second["pageInfo"]["startCursor"])

    assert (ends(first), ends(second)) == (["ale", "bread"], ["crêpes", "hidden"])
    assert second["pageInfo"]["hasNextPage"]
    assert ends(back) == ends(first)


@pytest.mark.usefixtures("words")
async def test_page_costs_a_small_constant(
    desk: Desk, counting: AbstractContextManager[list[str]]
) -> None:
    with counting as statements:
        await listed(desk)

    assert len(statements) == 4, statements  # who asks, the page, its counts, how many
