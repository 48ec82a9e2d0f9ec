"""A further entity of a user."""

import asyncio
from typing import Any

import httpx
import pytest

from mccs_graphql.app import create_app
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Role
from mccs_graphql.domain.membership import founding
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.factories import MakeMember, Member
from tests.invitations import MEMBERSHIPS, make_partner
from tests.resolvers.community import entities_in, whole_entity
from tests.resolvers.places import new_address as new_network_address
from tests.visibility import EVERYTHING

CREATE = f"""
mutation Create($input: CreateEntityInput!) {{
  createEntity(input: $input) {{
    __typename
    ... on EntityPayload {{ entity {{ ...everything }} }}
    ... on UserError {{ code path }}
    ... on TooManyEntities {{ most }}
    ... on InvalidInput {{ problems {{ path code }} }}
  }}
}} {EVERYTHING}"""
ENTITY = "query Entity($id: ID!) { entity(id: $id) { name } }"
SAID = {"name": " The Mill ", "description": "Flour.", "city": "Eskerford"}


async def create(graphql: GraphQLClient, by: Member, **said: str) -> dict[str, Any]:
    result: dict[str, Any] = (await graphql(CREATE, by=by, input=SAID | said))["createEntity"]
    return result


async def test_everything_that_is_wrong_is_said_at_once(
    graphql: GraphQLClient, make: MakeMember
) -> None:
    refused = await create(
        graphql, await make(), name=" ", description="half\0", city="x" * 51, country="y" * 51
    )
    assert {(*problem["path"], problem["code"]) for problem in refused["problems"]} == {
        ("name", "TOO_SHORT"),
        ("description", "BAD_CHARACTER"),
        ("city", "TOO_LONG"),
        ("country", "TOO_LONG"),
    }


async def test_visitor_creates_none(graphql: GraphQLClient) -> None:
    assert await graphql.code(CREATE, input=SAID) == "UNAUTHENTICATED"


async def test_owner_of_many_creates_no_more_even_at_the_same_moment(
    graphql: GraphQLClient, make: MakeMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(founding, "OWNED_MAX", 3)
    ana = await make()

    found = await asyncio.gather(*(create(graphql, ana) for _ in range(5)))

    assert sorted(result["__typename"] for result in found) == [
        *["EntityPayload"] * 2,
        *["TooManyEntities"] * 3,
    ]
    assert {result.get("most", 3) for result in found} == {3}


async def test_what_others_own_does_not_count(
    graphql: GraphQLClient,
    make: MakeMember,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(founding, "OWNED_MAX", 2)
    ana = await make_partner(database, await make(), Role.TRADER)
    assert (await create(graphql, ana))["__typename"] == "EntityPayload"


async def test_one_address_cannot_fill_the_community(settings: Settings, make: MakeMember) -> None:
    app = create_app(settings.model_copy(update={"sign_ups_per_address": 2}))
    people = [await make() for _ in range(3)]
    from_here = httpx.ASGITransport(app, client=(new_network_address(), 1))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=from_here, base_url="http://test") as http,
    ):
        client = GraphQLClient(http)
        found = [(await create(client, one))["__typename"] for one in people]
    assert found == ["EntityPayload", "EntityPayload", "TooManyAttempts"]


async def test_comes_with_an_account_on_the_terms_of_signing_up(
    graphql: GraphQLClient, make: MakeMember
) -> None:
    ana = await make()

    (entity,) = entities_in(await graphql(CREATE, by=ana, input=SAID))

    assert (entity["name"], entity["status"], entity["email"]) == ("The Mill", "PENDING", ana.email)
    assert entity["account"]["balance"] == "0.00"
    assert entity["account"]["maxNegativeBalance"] == "0.00"
    assert entity == await whole_entity(graphql, ana.token, entity["id"])


async def test_its_creator_is_the_owner_and_nobody_else_sees_it(
    graphql: GraphQLClient, make: MakeMember
) -> None:
    ana, ben = await make(), await make()

    entity = (await create(graphql, ana))["entity"]

    found = (await graphql(MEMBERSHIPS, by=ana))["viewer"]["memberships"]
    assert [(one["entity"]["id"], one["role"]) for one in found] == [
        (ana.id, "OWNER"),
        (entity["id"], "OWNER"),
    ]
    assert await graphql(ENTITY, by=ben, id=entity["id"]) == {"entity": None}
