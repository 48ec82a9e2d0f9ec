"""How many sockets one may hold, and that each is given back however it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import pytest
import websockets
from websockets.asyncio.client import ClientConnection

from mccs_graphql.app import create_app
from mccs_graphql.endpoint.websocket import SocketEndpoint
from mccs_graphql.settings import Settings
from tests.clients import PATIENCE_SECONDS, PROTOCOL, Live, Socket, serving
from tests.endpoint.test_websocket import LISTEN, VIEWER, closing_code, opened
from tests.factories import MakeMember, Member

EACH, ALL = 2, 5
INIT = '{"type": "connection_init"}'


@pytest.fixture
async def live(settings: Settings) -> AsyncIterator[Live]:
    """An application in which a user may have 2 sockets, and a place 5."""
    limits = {"sockets_per_user": EACH, "sockets_per_address": ALL}
    app = create_app(settings.model_copy(update=limits))
    async with app.router.lifespan_context(app), serving(app) as address:
        yield Live(address)


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as sockets:
        yield sockets


async def refusal(live: Live, by: Member | None = None) -> tuple[int | None, str | None]:
    """How a socket is closed, at the latest when it begins."""
    async with opened(live) as connection:
        token = {"authorization": f"Bearer {by.token}"} if by else {}
        with suppress(websockets.ConnectionClosed):
            await Socket(connection).say(type="connection_init", payload=token)
        code = await closing_code(connection)
        return code, connection.close_reason


async def is_let_in(live: Live, by: Member | None = None) -> bool:
    """Whether a socket may be opened in the end: what was closed is given back in a moment."""
    for _ in range(PATIENCE_SECONDS * 20):
        try:
            async with live.socket(by):
                return True
        except websockets.ConnectionClosed:
            await asyncio.sleep(0.05)
    return False


class TestUser:
    async def test_one_too_many_is_closed_with_a_reason(
        self, live: Live, make: MakeMember, stack: AsyncExitStack
    ) -> None:
        ana = await make()
        for _ in range(EACH):
            await stack.enter_async_context(live.socket(ana))

        code, reason = await refusal(live, ana)

        assert code == 4429
        assert reason == "At most 2 sockets at a time for each user; close one first."

    async def test_others_and_visitors_are_let_in(
        self, live: Live, make: MakeMember, stack: AsyncExitStack
    ) -> None:
        ana, ben = await make(), await make()
        for _ in range(EACH):
            await stack.enter_async_context(live.socket(ana))

        assert await is_let_in(live, ben)
        assert await is_let_in(live)

    async def test_open_ones_go_on(
        self, live: Live, make: MakeMember, stack: AsyncExitStack
    ) -> None:
        ana = await make()
        sockets = [await stack.enter_async_context(live.socket(ana)) for _ in range(EACH)]

        await refusal(live, ana)

        for socket in sockets:
            assert (await (await socket.subscribe(VIEWER)).next())["email"] == ana.email

    async def test_token_in_a_header_counts_too(
        self, live: Live, make: MakeMember, stack: AsyncExitStack
    ) -> None:
        ana = await make()
        for _ in range(EACH):
            await stack.enter_async_context(live.socket(ana))
        headers = {"Authorization": f"Bearer {ana.token}"}
        url = f"ws://{live.address}/graphql"
        async with websockets.connect(
            url, subprotocols=[PROTOCOL], additional_headers=headers
        ) as connection:
            await connection.send(INIT)
            assert await closing_code(connection) == 4429


class TestPlace:
    async def test_one_too_many_is_closed_at_once(self, live: Live, stack: AsyncExitStack) -> None:
        for _ in range(ALL):
            await stack.enter_async_context(opened(live))

        async with opened(live) as connection:
            assert await closing_code(connection) == 4429
            assert "5 sockets" in (connection.close_reason or "")

    async def test_bounds_members_and_visitors_together(
        self, live: Live, make: MakeMember, stack: AsyncExitStack
    ) -> None:
        for by in [None, None, None, await make(), await make()]:
            await stack.enter_async_context(live.socket(by))

        assert (await refusal(live, await make()))[0] == 4429

    async def test_of_a_proxy_is_the_place_it_tells(self, settings: Settings) -> None:
        limits = {"sockets_per_address": 1, "trusted_proxies": "127.0.0.1"}
        app = create_app(settings.model_copy(update=limits))
        async with app.router.lifespan_context(app), serving(app) as address, AsyncExitStack() as s:
            codes = []
            for client in ("198.51.100.1", "198.51.100.2", "198.51.100.1"):
                headers = {"X-Forwarded-For": client}
                connection = await s.enter_async_context(
                    websockets.connect(
                        f"ws://{address}/graphql",
                        subprotocols=[PROTOCOL],
                        additional_headers=headers,
                    )
                )
                codes.append(await answer_to_beginning(connection))
        assert codes == ["connection_ack", "connection_ack", 4429]


async def answer_to_beginning(connection: ClientConnection) -> object:
    try:
        await connection.send(INIT)
        return (await Socket(connection).hear())["type"]
    except websockets.ConnectionClosed:
        return connection.close_code


class TestGivenBack:
    async def test_by_closing(self, live: Live, make: MakeMember) -> None:
        ana = await make()
        for _ in range(3 * ALL):
            assert await is_let_in(live, ana)

    async def test_by_a_refusal(self, live: Live, make: MakeMember, stack: AsyncExitStack) -> None:
        ana = await make()
        for _ in range(EACH):
            await stack.enter_async_context(live.socket(ana))
        for _ in range(2 * ALL):
            assert (await refusal(live, ana))[1] == (
                "At most 2 sockets at a time for each user; close one first."
            )

    async def test_by_a_broken_message(self, live: Live, make: MakeMember) -> None:
        ana = await make()
        for _ in range(EACH):
            async with live.socket(ana) as socket:
                await socket.connection.send("x")
                await closing_code(socket.connection)
        assert await is_let_in(live, ana)

    async def test_by_an_abrupt_death_amid_a_subscription(
        self, live: Live, make: MakeMember
    ) -> None:
        ana = await make()
        for _ in range(EACH):
            async with live.socket(ana) as socket:
                await (await socket.subscribe(LISTEN, id=ana.id)).next()
                socket.connection.transport.abort()
        assert await is_let_in(live, ana)

    async def test_by_all_so_that_nothing_is_kept(self, settings: Settings) -> None:
        app = create_app(settings)
        served = (getattr(route, "app", None) for route in app.routes)
        (endpoint,) = (each for each in served if isinstance(each, SocketEndpoint))
        async with app.router.lifespan_context(app), serving(app) as address:
            async with Live(address).socket():
                assert len(endpoint.sockets) == 1
            for _ in range(PATIENCE_SECONDS * 20):
                if not len(endpoint.sockets):
                    break
                await asyncio.sleep(0.05)
        assert len(endpoint.sockets) == 0
