"""What browsers are told, and the editor they get."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from mccs_graphql.app import create_app
from mccs_graphql.endpoint.graphiql import FOLDER
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
BARE = "default-src 'none'; frame-ancestors 'none'"


@asynccontextmanager
async def application(settings: Settings, **changes: object) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings.model_copy(update=changes))
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as client:
        yield client.http


@pytest.mark.parametrize(
    "path", ["/graphql", "/nowhere", "/health/live", "/", "/graphiql/page.css"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
async def test_every_answer_says_what_browsers_may_do_with_it(
    graphql: GraphQLClient, path: str, method: str
) -> None:
    headers = (await graphql.http.request(method, path)).headers
    assert headers["content-security-policy"] == BARE
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] in ("no-store", "no-cache")
    assert "strict-transport-security" not in headers
    assert "server" not in headers


async def test_tls_is_insisted_on_where_the_setting_says_so(settings: Settings) -> None:
    async with application(settings, hsts_seconds=300) as http:
        headers = (await http.get("/health/live")).headers
    assert headers["strict-transport-security"] == "max-age=300"


async def fall(_request: Request) -> Response:
    raise ZeroDivisionError


async def test_fault_outside_of_graphql_is_told_in_json(settings: Settings) -> None:
    app = create_app(settings)
    app.add_route("/broken", fall)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        response = await http.get("/broken")
    (error,) = response.json()["errors"]
    assert response.status_code == 500
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert error["extensions"]["reference"] in error["message"]
    assert response.headers["content-security-policy"] == BARE


async def test_editor_is_not_there_if_the_setting_says_so(settings: Settings) -> None:
    async with application(settings, graphiql=False) as http:
        response = await http.get("/graphql", headers=HTML)
        assert response.status_code == 400
        assert (await http.get("/graphiql/graphiql.js")).status_code == 404


async def test_page_carries_nothing_out(graphql: GraphQLClient) -> None:
    params = {"query": "{ viewer { id } }"}
    response = await graphql.http.get("/graphql", params=params, headers=HTML)
    assert response.headers["content-type"] == "text/html; charset=utf-8"


async def test_page_loads_our_files_only(graphql: GraphQLClient) -> None:
    page = await graphql.http.get("/graphql", headers=HTML)
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    for path in [found for found in loaded if found != "data:,"]:
        response = await graphql.http.get(f"/{path}")
        assert response.status_code == 200, path
        assert response.headers["cache-control"] == "no-cache"
    assert "<script>" not in page.text


def test_files_name_no_other_host_to_load_from() -> None:
    for path in FOLDER.glob("*.css"):
        assert not re.search(r"url\((?!data:|#)|@import", path.read_text()), path
    script = (FOLDER / "graphiql.js").read_text()
    assert not re.search(r"unpkg|jsdelivr|cdnjs|esm\.sh|googleapis", script)


async def test_root_leads_to_the_editor(graphql: GraphQLClient) -> None:
    response = await graphql.http.get("/", headers=HTML)
    assert (response.status_code, response.headers["location"]) == (307, "/graphql")
