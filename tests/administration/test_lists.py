"""The lists of all entities and users, as admins ask for them."""

from contextlib import AbstractContextManager
from typing import Any

import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import EntityStatus
from mccs_graphql.db.queries.all_entities import EntitySortKey
from mccs_graphql.db.queries.all_users import UserSortKey
from tests.administration.desk import Desk, user_id
from tests.clients import GraphQLClient
from tests.factories import MakeMember
from tests.profiles import Profiles

ENTITIES = """
query All($filter: AllEntitiesFilterInput, $orderBy: EntitySortInput, $after: String, $n: Int) {
  list: allEntities(filter: $filter, orderBy: $orderBy, first: $n, after: $after) {
    nodes { id status createdAt email } pageInfo { hasNextPage endCursor }
  }
}"""
USERS = """
query All($filter: UserFilterInput, $orderBy: UserSortInput, $after: String, $n: Int) {
  list: users(filter: $filter, orderBy: $orderBy, first: $n, after: $after) {
    nodes { id email logInAt entities { id } memberships { role entity { id } } }
    pageInfo { hasNextPage endCursor }
  }
}"""
COUNT = (
    "query Count($filter: AllEntitiesFilterInput) { allEntities(filter: $filter) { totalCount } }"
)


async def listed(desk: Desk, document: str, **given: Any) -> dict[str, Any]:
    """One page."""
    found: dict[str, Any] = (await desk.graphql(document, by=desk.admin, **given))["list"]
    return found


@pytest.mark.parametrize("document", [ENTITIES, USERS], ids=["entities", "users"])
async def test_member_is_refused(graphql: GraphQLClient, make: MakeMember, document: str) -> None:
    assert await graphql.code(document, by=await make()) == "FORBIDDEN"


async def test_cursor_of_another_order_is_refused(desk: Desk, make: MakeMember) -> None:
    await make()
    page = await listed(desk, ENTITIES, n=1, orderBy={"by": "NAME"})
    after = page["pageInfo"]["endCursor"]

    code = await desk.graphql.code(
        ENTITIES, by=desk.admin, after=after, orderBy={"by": "NAME", "descending": True}
    )

    assert code == "BAD_USER_INPUT"


async def test_name_without_a_letter_is_refused(desk: Desk) -> None:
    answer = await desk.graphql.send(ENTITIES, by=desk.admin, filter={"name": "!?"})

    assert answer["errors"]


@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
@pytest.mark.parametrize("by", EntitySortKey, ids=lambda key: key.name)
async def test_cursor_of_each_order_of_entities_goes_on(
    desk: Desk, make: MakeMember, by: EntitySortKey, descending: bool
) -> None:
    for _ in range(3):
        await make()
    order = {"by": by.name, "descending": descending}

    first = await listed(desk, ENTITIES, n=2, orderBy=order)
    second = await listed(desk, ENTITIES, n=1, orderBy=order, after=first["pageInfo"]["endCursor"])
    both = await listed(desk, ENTITIES, n=3, orderBy=order)

    assert first["nodes"] + second["nodes"] == both["nodes"]


@pytest.mark.parametrize("by", UserSortKey, ids=lambda key: key.name)
async def test_cursor_of_each_order_of_users_goes_on(
    desk: Desk, make: MakeMember, by: UserSortKey
) -> None:
    for _ in range(3):
        await make()
    order = {"by": by.name, "descending": True}

    first = await listed(desk, USERS, n=2, orderBy=order)
    second = await listed(desk, USERS, n=1, orderBy=order, after=first["pageInfo"]["endCursor"])
    both = await listed(desk, USERS, n=3, orderBy=order)

    assert first["nodes"] + second["nodes"] == both["nodes"]


async def test_entity_that_is_not_listed_is_found_by_a_slip_of_its_name(
    desk: Desk, make: MakeMember
) -> None:
    ana = await make(entity_name="Quixotically Yours", status=EntityStatus.PENDING)

    page = await listed(desk, ENTITIES, filter={"name": "quixoticaly", "status": ["PENDING"]})

    assert [node["id"] for node in page["nodes"]] == [ana.id]
    assert page["nodes"][0]["createdAt"]


async def test_entity_is_found_by_what_it_offers_however_it_is_written(
    desk: Desk, make: MakeMember, profiles: Profiles
) -> None:
    ana = await make(status=EntityStatus.REJECTED)
    await profiles.updated(ana, offers=["Left-handed Scissors"])

    page = await listed(desk, ENTITIES, filter={"offers": ["left handed  scissors"]})

    assert [node["id"] for node in page["nodes"]] == [ana.id]


async def test_user_is_found_by_the_address(desk: Desk, make: MakeMember) -> None:
    ana = await make()

    page = await listed(desk, USERS, filter={"email": ana.email.upper()})

    (found,) = page["nodes"]
    assert (found["id"], found["email"]) == (user_id(ana), ana.email)
    assert found["entities"] == [{"id": ana.id}]
    assert found["logInAt"]


async def test_count_is_that_of_the_filter(desk: Desk, make: MakeMember) -> None:
    ana = await make(email="single-one@example.com")

    found = await desk.graphql(COUNT, by=desk.admin, filter={"email": ana.email})

    assert found["allEntities"]["totalCount"] == 1


async def test_page_of_entities_takes_two_statements_with_words(
    desk: Desk, make: MakeMember, counting: AbstractContextManager[list[str]], database: Database
) -> None:
    await make(entity_name="Bakery")

    with counting as statements:
        await listed(desk, ENTITIES, filter={"name": "bakery", "balanceMin": 0})

    assert len(statements) == 3  # and one to know who asks


async def test_page_of_users_costs_the_same_for_one_and_for_many(
    desk: Desk, make: MakeMember, counting: AbstractContextManager[list[str]]
) -> None:
    for _ in range(3):
        await make()

    with counting as statements:
        await listed(desk, USERS, filter={"email": "member"}, n=1)
        one = len(statements)
        page = await listed(desk, USERS, filter={"email": "member"}, n=100)

    assert len(page["nodes"]) >= 3
    assert all(node["memberships"][0]["entity"] in node["entities"] for node in page["nodes"])
    assert len(statements) - one <= 6  # who asks, the page, and who belongs to what
