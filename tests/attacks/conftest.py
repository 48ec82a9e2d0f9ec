"""After every attack the server answers an ordinary request within a second."""

import ssl
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.clients import Live

QUERY = b'{"query": "{ __typename }"}'
ANSWER = {"__typename": "Query"}
JSON = {"Content-Type": "application/json"}
PATIENCE_SECONDS = 30
NEXT_SECONDS = 1.0
TLS = ssl.create_default_context()
"""Made once: httpx would read all certificates for each client, also where there is no TLS."""


@pytest.fixture(autouse=True)
async def attacked(live: Live) -> AsyncIterator[httpx.AsyncClient]:
    """Sends the attack over a real port; afterwards the server has to be well."""
    url = f"http://{live.address}"
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS, verify=TLS) as http:
        yield http
    async with httpx.AsyncClient(base_url=url, timeout=NEXT_SECONDS, verify=TLS) as http:
        response = await http.post("/graphql", content=QUERY, headers=JSON)
        assert (response.status_code, response.json()["data"]) == (200, ANSWER)
