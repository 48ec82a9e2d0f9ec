"""Front ends that are served from elsewhere."""

import httpx
import pytest
import websockets
from websockets.typing import Origin

from mccs_graphql.app import create_app
from mccs_graphql.settings import Settings
from tests.clients import PROTOCOL, GraphQLClient, serving

OURS, FOREIGN = Origin("https://app.example.org"), Origin("https://evil.example.org")


@pytest.mark.parametrize(("origin", "allowed"), [(FOREIGN, None), (OURS, OURS)])
async def test_only_named_origins_may_read_answers(
    settings: Settings, origin: str, allowed: str | None
) -> None:
    app = create_app(settings.model_copy(update={"allowed_origins": OURS}))
    asked = {"origin": origin, "access-control-request-method": "POST"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as http:
        preflight = await http.options("/graphql", headers=asked)

    assert preflight.headers.get("access-control-allow-origin") == allowed


@pytest.mark.parametrize("asked", [{"method": "DELETE"}, {"headers": "x-other"}])
async def test_preflight_for_anything_else_is_refused_in_json(
    settings: Settings, asked: dict[str, str]
) -> None:
    app = create_app(settings.model_copy(update={"allowed_origins": OURS}))
    wanted = {f"access-control-request-{k}": v for k, v in ({"method": "POST"} | asked).items()}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as http:
        preflight = await http.options("/graphql", headers={"origin": OURS} | wanted)

    assert preflight.status_code == 400
    assert preflight.json()["errors"][0]["extensions"] == {"code": "FORBIDDEN"}


async def test_preflight_for_a_token_is_remembered(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"allowed_origins": OURS}))
    asked = {
        "origin": OURS,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as http:
        headers = (await http.options("/graphql", headers=asked)).headers

    assert "authorization" in headers["access-control-allow-headers"].lower()
    assert headers["access-control-max-age"] == "7200"
    assert "access-control-allow-credentials" not in headers


@pytest.mark.parametrize(("origin", "status"), [(FOREIGN, 403), (OURS, 200), (None, 403)])
async def test_only_pages_of_named_origins_may_ask_by_get(
    settings: Settings, origin: str | None, status: int
) -> None:
    app = create_app(settings.model_copy(update={"allowed_origins": OURS}))
    headers = {"sec-fetch-site": "cross-site"} | ({"origin": origin} if origin else {})
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as client:
        response = await client.http.get(
            "/graphql", params={"query": "{ __typename }"}, headers=headers
        )

    assert response.status_code == status


async def test_pages_may_read_how_long_to_wait(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"allowed_origins": OURS}))
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as client:
        query = {"query": "{ __typename }"}
        response = await client.http.post("/graphql", json=query, headers={"origin": OURS})

    exposed = response.headers["access-control-expose-headers"].split(", ")
    assert exposed == ["RateLimit", "RateLimit-Policy", "Retry-After"]


@pytest.mark.parametrize("origins", ["app.example.org", "https://a.org/", "https://A.org", "null"])
def test_what_no_browser_sends_is_refused_at_the_start(origins: str) -> None:
    with pytest.raises(ValueError, match="allowed_origins"):
        Settings(allowed_origins=origins)


async def test_only_named_origins_may_open_a_socket(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"allowed_origins": OURS}))
    async with app.router.lifespan_context(app), serving(app) as address:
        url = f"ws://{address}/graphql"
        async with websockets.connect(url, origin=OURS, subprotocols=[PROTOCOL]) as opened:
            assert opened.subprotocol == PROTOCOL
        with pytest.raises(websockets.InvalidStatus, match="403"):
            await websockets.connect(url, origin=FOREIGN, subprotocols=[PROTOCOL])
