"""Clients: documents over HTTP, and a small graphql-transport-ws."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
import orjson
import uvicorn
import websockets
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection
from websockets.typing import Subprotocol

from mccs_graphql.cli.serve import web_config
from tests.factories import Login

PATIENCE_SECONDS = 60
PROTOCOL = Subprotocol("graphql-transport-ws")


def new_key() -> str:
    """An idempotency key."""
    return str(uuid4())


class GraphQLClient:
    """Sends documents as a member, or as a visitor."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    @classmethod
    @asynccontextmanager
    async def to(cls, app: Starlette) -> AsyncIterator["GraphQLClient"]:
        """A client of the application, without a socket between them."""
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            yield cls(http)

    async def send(
        self, query: str, *, by: Login | str | None = None, **variables: Any
    ) -> dict[str, Any]:
        """The whole answer."""
        token = by.token if isinstance(by, Login) else by
        response = await self.http.post(
            "/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )
        assert response.status_code < 500, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def __call__(
        self, query: str, *, by: Login | str | None = None, **variables: Any
    ) -> dict[str, Any]:
        """The data; there must be no errors."""
        answer = await self.send(query, by=by, **variables)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    async def code(self, query: str, *, by: Login | str | None = None, **variables: Any) -> str:
        """The code of the first top-level error; there must be one."""
        answer = await self.send(query, by=by, **variables)
        assert answer.get("errors"), answer
        code: str = answer["errors"][0]["extensions"]["code"]
        return code


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[str]:
    """The application behind a free port of this machine; yields host and port."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = web_config(app)
    config.lifespan = "off"
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        host, port = listener.getsockname()
        yield f"{host}:{port}"
    finally:
        server.should_exit = True
        await task
        listener.close()


@dataclass(frozen=True)
class Live:
    """Opens sockets to a served application."""

    address: str

    @asynccontextmanager
    async def socket(self, by: Login | str | None = None) -> AsyncIterator["Socket"]:
        """A socket that has been acknowledged."""
        token = by.token if isinstance(by, Login) else by
        url = f"ws://{self.address}/graphql"
        async with websockets.connect(url, subprotocols=[PROTOCOL]) as connection:
            socket = Socket(connection)
            payload = {"authorization": f"Bearer {token}"} if token else {}
            await socket.say(type="connection_init", payload=payload)
            assert (await socket.hear())["type"] == "connection_ack"
            yield socket

    @asynccontextmanager
    async def subscription(
        self, query: str, *, by: Login | str | None, **variables: Any
    ) -> AsyncIterator["Subscription"]:
        """One subscription on a socket of its own."""
        async with self.socket(by) as socket:
            yield await socket.subscribe(query, **variables)


class Socket:
    """A connection that speaks graphql-transport-ws."""

    _ids = count(1)

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, **message: Any) -> None:
        """Send one message."""
        await self.connection.send(orjson.dumps(message).decode())

    async def hear(self) -> dict[str, Any]:
        """Receive one message."""
        text = await asyncio.wait_for(self.connection.recv(), PATIENCE_SECONDS)
        message: dict[str, Any] = orjson.loads(text)
        return message

    async def subscribe(self, query: str, **variables: Any) -> "Subscription":
        """Begin an operation; its messages must be the only ones on this socket."""
        id_ = str(next(self._ids))
        await self.say(id=id_, type="subscribe", payload={"query": query, "variables": variables})
        return Subscription(self, id_)


class Subscription:
    """The messages of one operation."""

    def __init__(self, socket: Socket, id_: str) -> None:
        self.socket = socket
        self.id = id_

    async def message(self) -> dict[str, Any]:
        """The next protocol message."""
        message = await self.socket.hear()
        assert message["id"] == self.id, message
        return message

    async def answer(self) -> dict[str, Any]:
        """The next answer as HTTP would give it: with data, or with the errors instead."""
        message = await self.message()
        if message["type"] == "error":
            return {"errors": message["payload"]}
        found: dict[str, Any] = message["payload"]
        return found

    async def next(self) -> dict[str, Any]:
        """What the next `next` carries in its only field; there must be no errors."""
        message = await self.message()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        (value,) = message["payload"]["data"].values()
        found: dict[str, Any] = value
        return found
