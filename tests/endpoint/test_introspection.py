"""Who may read the schema from the server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from mccs_graphql.app import create_app
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.factories import MakeMember

ASKING = [
    "{ __schema { queryType { name } } }",
    '{ __type(name: "Query") { name } }',
    "{ ...A } fragment A on Query { ... { s: __schema { queryType { name } } } }",
]


@asynccontextmanager
async def showing(settings: Settings, whom: str) -> AsyncIterator[GraphQLClient]:
    app = create_app(settings.model_copy(update={"introspection": whom}))
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as client:
        yield client


@pytest.mark.parametrize("query", ASKING)
async def test_off_is_for_everybody(settings: Settings, make: MakeMember, query: str) -> None:
    async with showing(settings, "off") as graphql:
        assert await graphql.code(query) == "FORBIDDEN"
        assert await graphql.code(query, by=await make()) == "FORBIDDEN"
        assert await graphql("{ __typename }") == {"__typename": "Query"}


@pytest.mark.parametrize("query", ASKING)
async def test_members_may_where_only_members_may(
    settings: Settings, make: MakeMember, query: str
) -> None:
    async with showing(settings, "members") as graphql:
        assert await graphql.code(query) == "UNAUTHENTICATED"
        assert await graphql(query, by=await make())


@pytest.mark.parametrize("query", ASKING)
async def test_everybody_may_by_default(graphql: GraphQLClient, query: str) -> None:
    assert await graphql(query)


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ viewr { id } }", {}),
        ("{ viewer { emai } }", {}),
        ("{ entities(frst: 1) { nodes { id } } }", {}),
        ("{ ... on Qery { __typename } }", {}),
        ("query($a: Strin) { viewer { id } }", {}),
        ("{ entities(orderBy: NAM) { nodes { id } } }", {}),
        ("query($f: EntityFilter) { entities(filter: $f) { nodes { id } } }", {"f": {"offer": 1}}),
        ("{ entities(filter: {offer: 1}) { nodes { id } } }", {}),
        ("{ viewer @inclde(if: true) { id } }", {}),
    ],
)
async def test_nothing_is_guessed(
    graphql: GraphQLClient, query: str, variables: dict[str, Any]
) -> None:
    answer = await graphql.send(query, **variables)
    assert answer["errors"]
    assert "Did you mean" not in str(answer)
