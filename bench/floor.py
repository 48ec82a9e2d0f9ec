"""What the same HTTP stack does without GraphQL, our domain and our ORM."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson
import uvicorn
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bench.community import ISSUER, PUBLIC_KEY
from mccs_graphql.cli.serve import MESSAGE_BYTES_MAX, PING_SECONDS, WebServer
from mccs_graphql.domain.identity.access_tokens import read
from mccs_graphql.domain.money import Money, format_money
from mccs_graphql.schema.ids import IdPrefix, decode_id, encode_id
from mccs_graphql.settings import Settings

CHANNEL = "bench"
SCALE = 2
DIRECTORY = """
SELECT e.id, e.name, e.city,
  ARRAY(SELECT t.name FROM entity_tags et JOIN tags t ON t.id = et.tag_id
        WHERE et.entity_id = e.id AND et.kind = 'offer' ORDER BY t.name) AS offers,
  ARRAY(SELECT c.name FROM entity_categories ec JOIN categories c ON c.id = ec.category_id
        WHERE ec.entity_id = e.id ORDER BY c.name) AS categories
FROM entities e
WHERE e.status IN ('accepted', 'tradingPending', 'tradingAccepted', 'tradingRejected')
ORDER BY e.sort_name, e.id LIMIT $1"""
MAY_ACT = """
SELECT 1 FROM user_sessions s JOIN memberships m ON m.user_id = s.user_id
WHERE s.id = $1 AND s.expires_at > now() AND m.entity_id = $2"""
TRANSFERS = """
SELECT id, amount, state, payer_name, payee_name FROM (
  (SELECT * FROM transfers WHERE payer_id = $1 ORDER BY proposed_at DESC, id DESC LIMIT $2)
  UNION ALL
  (SELECT * FROM transfers WHERE payee_id = $1 ORDER BY proposed_at DESC, id DESC LIMIT $2))
AS own ORDER BY proposed_at DESC, id DESC LIMIT $2"""


class Floor:
    """The bare endpoints; they answer what the API answers, to the letter."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._redis = Redis.from_url(settings.redis_url)
        self._sockets: set[WebSocket] = set()

    @asynccontextmanager
    async def running(self, _app: Starlette) -> AsyncIterator[None]:
        """Connected, with as many connections as the API has."""
        size = self._settings.database_pool
        dsn = self._settings.database_url
        async with (
            asyncpg.create_pool(dsn, min_size=size, max_size=size) as self._pool,
            self._redis.pubsub() as self._ear,
        ):
            await self._ear.subscribe(CHANNEL)
            task = asyncio.create_task(self._pass_on())
            yield
            task.cancel()

    async def typename(self, request: Request) -> Response:
        """Read JSON, write JSON."""
        orjson.loads(await request.body())
        return _json({"data": {"__typename": "Query"}})

    async def directory(self, request: Request) -> Response:
        """A page of entities with offers and categories."""
        asked = orjson.loads(await request.body())["variables"]
        rows = await self._pool.fetch(DIRECTORY, asked["first"])
        return _json({"data": {"entities": {"nodes": list(map(_entity, rows))}}})

    async def transfers(self, request: Request) -> Response:
        """A page of transfers, for members of the entity."""
        asked = orjson.loads(await request.body())["variables"]
        token = request.headers["authorization"].removeprefix("Bearer ")
        _, entity_id = decode_id(asked["id"]) or (None, None)
        async with self._pool.acquire() as connection:
            session_id = read(token, PUBLIC_KEY, issuer=ISSUER)
            if not await connection.fetchval(MAY_ACT, session_id, entity_id):
                return Response(status_code=403)
            rows = await connection.fetch(TRANSFERS, entity_id, asked["first"])
        return _json({"data": {"entity": {"transfers": {"nodes": list(map(_transfer, rows))}}}})

    async def announce(self, request: Request) -> Response:
        """Answer, then publish what was sent."""
        text = await request.body()
        return Response(text, background=BackgroundTask(self._publish, text))

    async def listen(self, socket: WebSocket) -> None:
        """Everything that is announced, until the client hangs up."""
        await socket.accept()
        self._sockets.add(socket)
        try:
            await socket.receive_text()
        except WebSocketDisconnect:
            self._sockets.discard(socket)

    async def _publish(self, text: bytes) -> None:
        await self._redis.publish(CHANNEL, text)

    async def _pass_on(self) -> None:
        async for message in self._ear.listen():
            if message["type"] == "message":
                text = message["data"].decode()
                for socket in list(self._sockets):
                    await socket.send_text(text)


def _entity(row: Any) -> dict[str, object]:
    return {
        "id": encode_id(IdPrefix.ENTITY, row["id"]),
        "name": row["name"],
        "city": row["city"],
        "offers": [{"name": name} for name in row["offers"]],
        "categories": [{"name": name} for name in row["categories"]],
    }


def _transfer(row: Any) -> dict[str, object]:
    return {
        "id": encode_id(IdPrefix.TRANSFER, row["id"]),
        "amount": format_money(Money(row["amount"]), scale=SCALE),
        "state": row["state"].upper(),
        "payerName": row["payer_name"],
        "payeeName": row["payee_name"],
    }


def _json(found: object) -> Response:
    return Response(orjson.dumps(found), media_type="application/json")


def main() -> None:
    """Serve as ``mccs serve`` does, at a free port, and say which."""
    floor = Floor(Settings())
    works = (floor.typename, floor.directory, floor.transfers, floor.announce)
    routes = [Route(f"/{work.__name__}", work, methods=["POST"]) for work in works]
    app = Starlette(
        routes=[*routes, WebSocketRoute("/listen", floor.listen)], lifespan=floor.running
    )
    config = uvicorn.Config(
        app,
        loop="uvloop",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=MESSAGE_BYTES_MAX,
        ws_ping_interval=PING_SECONDS,
        access_log=False,
        server_header=False,
        log_config=None,
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        WebServer(config, ready=lambda: print(address, flush=True)).run(sockets=[listener])


if __name__ == "__main__":
    main()
