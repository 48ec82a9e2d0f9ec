"""Clients at several addresses of the network, of an application with low limits."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from random import randrange

import httpx

from mccs_graphql.app import create_app
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient

From = Callable[[str], AbstractAsyncContextManager[GraphQLClient]]


def new_address() -> str:
    """An address of the network that nobody else comes from."""
    return f"10.{randrange(256)}.{randrange(256)}.{randrange(256)}"


@asynccontextmanager
async def places(settings: Settings, **limits: int) -> AsyncIterator[From]:
    """Clients of one application, each from the address it is asked for."""
    app = create_app(settings.model_copy(update=limits))

    @asynccontextmanager
    async def client(address: str) -> AsyncIterator[GraphQLClient]:
        transport = httpx.ASGITransport(app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            yield GraphQLClient(http)

    async with app.router.lifespan_context(app):
        yield client
