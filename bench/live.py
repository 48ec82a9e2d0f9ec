"""Events: from the answer of a mutation to their arrival at those who listen."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from statistics import median, quantiles

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bench.api import Failed, connections
from bench.community import Pair
from bench.measure import ROUNDS, Pace, Row
from bench.money import propose
from bench.stage import Stage

SUBSCRIBERS = (1, 200)
EVENTS_MIN = 1
ARRIVAL_SECONDS = 30
UNIT = "ms"
PAIR = Pair.number(400)
LISTEN = """subscription Listen($id: ID!) { transferEvents(entityId: $id) { __typename
  ... on LogMessage { cursor }
  ... on TransferEvent { transfer { id amount state payerName payeeName } } } }"""

Happening = Callable[[], Awaitable[str]]
"""Makes something happen and gives what its messages must contain."""


@dataclass
class Audience:
    """Those who listen: when their messages came, and what they said."""

    sockets: list[ClientConnection]
    arrivals: asyncio.Queue[tuple[float, str]] = field(default_factory=asyncio.Queue)

    async def hear(self, socket: ClientConnection) -> None:
        """Note every message of a socket."""
        async for message in socket:
            self.arrivals.put_nowait((time.perf_counter(), str(message)))

    async def delays(self, happening: Happening) -> list[float]:
        """Milliseconds from the answer to the arrival at each of them."""
        mark = await happening()
        answered = time.perf_counter()
        async with asyncio.timeout(ARRIVAL_SECONDS):
            heard = [await self.arrivals.get() for _ in self.sockets]
        for _, message in heard:
            if mark not in message:
                raise Failed(f"Not about {mark}: {message}")
        return [1000 * (moment - answered) for moment, _ in heard]


async def measure(stage: Stage, pace: Pace) -> list[Row]:
    """One subscriber, and many of the same entity."""
    return [row for count in SUBSCRIBERS for row in await _measure(stage, pace, count)]


async def _measure(stage: Stage, pace: Pace, count: int) -> list[Row]:
    what = "Event to 1 subscriber" if count == 1 else f"Event to {count} subscribers"
    pace.tell(f"{what} ")
    async with (
        _audience(_subscribed(stage.api), count) as ours,
        _audience(_listening(stage.floor), count) as theirs,
    ):
        rounds = []
        await _round(stage, ours, theirs, seconds=pace.seconds / 2)
        for _ in range(ROUNDS):
            rounds.append(await _round(stage, ours, theirs, seconds=pace.seconds))
            pace.tell(".")
    rows = [
        _row(f"{what}, median", rounds, median),
        _row(f"{what}, p95", rounds, lambda found: quantiles(found, n=20)[-1]),
    ]
    pace.tell(f" GraphQL {rows[0].ours:.1f}, Starlette {rows[0].floor:.1f} ms\n")
    return rows


async def _round(
    stage: Stage, ours: Audience, theirs: Audience, *, seconds: float
) -> tuple[list[float], list[float]]:
    """By turns an event of ours and one of the floor's, with the delays of each."""
    own: list[float] = []
    bare: list[float] = []
    deadline, events = time.perf_counter() + seconds, 0
    while events < EVENTS_MIN or time.perf_counter() < deadline:
        own += await ours.delays(lambda: _propose(stage.api))
        bare += await theirs.delays(lambda: _announce(stage.floor))
        events += 1
    return own, bare


def _row(
    what: str,
    rounds: list[tuple[list[float], list[float]]],
    figure: Callable[[list[float]], float],
) -> Row:
    """The longer it takes, the worse."""
    own = [figure(ours) for ours, _ in rounds]
    bare = [figure(floor) for _, floor in rounds]
    times = [mine / theirs for mine, theirs in zip(own, bare, strict=True)]
    return Row(
        what, UNIT, median(own), "Starlette", median(bare), median(times), min(times), max(times)
    )


async def _propose(address: str) -> str:
    async with connections(address, 1) as (client,):
        return await propose(client, PAIR)


async def _announce(address: str) -> str:
    """As much text as an event of ours, with a mark to know it by."""
    mark = str(time.monotonic_ns())
    async with connections(address, 1) as (client,):
        await client.post("/announce", orjson.dumps({"id": mark, "text": "." * 300}))
    return mark


@asynccontextmanager
async def _audience(
    opened: Callable[[], Awaitable[ClientConnection]], count: int
) -> AsyncIterator[Audience]:
    async with AsyncExitStack() as stack:
        audience = Audience([])
        for _ in range(count):
            audience.sockets.append(await opened())
            stack.push_async_callback(audience.sockets[-1].close)
        tasks = [asyncio.create_task(audience.hear(socket)) for socket in audience.sockets]
        yield audience
        for task in tasks:
            task.cancel()


def _subscribed(address: str) -> Callable[[], Awaitable[ClientConnection]]:
    async def opened() -> ClientConnection:
        protocol = Subprotocol("graphql-transport-ws")
        socket = await connect(
            f"ws://{address}/graphql", subprotocols=[protocol], compression=None, ping_interval=None
        )
        init = {"authorization": f"Bearer {PAIR.payee.token}"}
        await _say(socket, type="connection_init", payload=init)
        await socket.recv()
        operation = {"query": LISTEN, "variables": {"id": PAIR.payee.id}}
        await _say(socket, type="subscribe", id="1", payload=operation)
        first = str(await socket.recv())
        if "CaughtUp" not in first:
            raise Failed(first)
        return socket

    return opened


def _listening(address: str) -> Callable[[], Awaitable[ClientConnection]]:
    async def opened() -> ClientConnection:
        return await connect(f"ws://{address}/listen", compression=None, ping_interval=None)

    return opened


async def _say(socket: ClientConnection, **message: object) -> None:
    await socket.send(orjson.dumps(message).decode())
