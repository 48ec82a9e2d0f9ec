"""Health tells the truth."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from mccs_graphql.app import create_app
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient

NOWHERE = {
    "database_url": "postgresql://nobody@127.0.0.1:1/none",
    "redis_url": "redis://127.0.0.1:1/0",
}


@asynccontextmanager
async def application(settings: Settings, **changes: str) -> AsyncIterator[httpx.AsyncClient]:
    """An application with other servers."""
    app = create_app(settings.model_copy(update=changes))
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as client:
        yield client.http


@pytest.mark.parametrize(
    ("lost", "states"),
    [
        (["redis_url"], {"postgresql": "ok", "redis": "unreachable"}),
        (["database_url"], {"postgresql": "unreachable", "redis": "ok"}),
        (["redis_url", "database_url"], {"postgresql": "unreachable", "redis": "unreachable"}),
    ],
    ids=str,
)
async def test_not_ready_without_a_server_and_says_which(
    settings: Settings, lost: list[str], states: dict[str, str]
) -> None:
    async with application(settings, **{name: NOWHERE[name] for name in lost}) as http:
        response = await http.get("/health/ready")

        assert response.status_code == 503
        assert response.json() == {"status": "not ready"} | states
        assert (await http.get("/health/live")).status_code == 200


async def test_ready_with_both(graphql: GraphQLClient) -> None:
    response = await graphql.http.get("/health/ready")
    assert response.status_code == 200
    assert response.json() == {"status": "ready", "postgresql": "ok", "redis": "ok"}


async def test_live(graphql: GraphQLClient) -> None:
    assert (await graphql.http.get("/health/live")).json() == {"status": "live"}


async def test_members_are_served_without_redis(settings: Settings) -> None:
    async with application(settings, redis_url=NOWHERE["redis_url"]) as http:
        response = await http.post("/graphql", json={"query": "{ viewer { id } }"})
        assert response.json()["data"] == {"viewer": None}
