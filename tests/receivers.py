"""Servers that webhooks lead to, and how they may behave."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import orjson

NEAR = "127.0.0.1"
TEN_MEGABYTES = 10_000_000
DRIP_SECONDS = 0.05
Behave = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def message(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.body)
        return found


@dataclass
class Receiver:
    """A server that keeps what it gets, and then behaves as it likes."""

    behave: Behave
    port: int = 0
    scheme: str = "http"
    received: list[Received] = field(default_factory=list)
    open: int = 0
    most_open: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"{self.scheme}://{NEAR}:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        """The ids of all that was received, in order."""
        return [received.id for received in self.received]

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                self.received.append(await _read(reader))
                await self.behave(writer)
        finally:
            self.open -= 1
            self._tasks.discard(task)
            writer.transport.abort()

    async def stop(self) -> None:
        """Let go of whoever waits for an answer."""
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def receiver(
    behave: Behave | None = None, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    """A server on a free port of this machine; it says 204 if nothing else is wanted."""
    found = Receiver(behave or answering(204))
    server = await asyncio.start_server(found.take, NEAR, 0, ssl=tls)
    found.port = server.sockets[0].getsockname()[1]
    found.scheme = "https" if tls else "http"
    try:
        yield found
    finally:
        server.close()
        await found.stop()
        await server.wait_closed()


def answering(status: int, *headers: str) -> Behave:
    """Says so, and nothing more."""
    lines = "".join(f"{header}\r\n" for header in (*headers, "Content-Length: 0"))
    return saying(f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode())


def saying(answer: bytes) -> Behave:
    """Says just that, whether it is HTTP or not."""

    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    return say


def redirecting(url: str) -> Behave:
    return answering(307, f"Location: {url}")


async def hanging(_writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def dripping(writer: asyncio.StreamWriter) -> None:
    """One letter of the head after the other, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(DRIP_SECONDS)


async def endless_head(writer: asyncio.StreamWriter) -> None:
    """As fast as it can."""
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    await _write_much(writer)


async def ten_megabytes(writer: asyncio.StreamWriter) -> None:
    writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {TEN_MEGABYTES}\r\n\r\n".encode())
    await _write_much(writer)


async def _write_much(writer: asyncio.StreamWriter) -> None:
    for _ in range(TEN_MEGABYTES // 100_000):
        writer.write(b"x" * 100_000)
        await writer.drain()


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    return Received(first.split(" ")[1], headers, body)
