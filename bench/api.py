"""An HTTP client that costs next to nothing, so that it is not what is measured."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from bench.community import Member

_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *([0-9]+)")


class Failed(Exception):
    """Something was refused or broke: what was measured means nothing."""


@dataclass(frozen=True)
class LogIn:
    """Somebody who has logged in."""

    token: str


class Client:
    """One connection, kept alive, with one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def post(self, path: str, body: bytes, *, by: Member | LogIn | None = None) -> bytes:
        """The body of the answer, which must be 200."""
        token = f"Authorization: Bearer {by.token}\r\n" if by else ""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            f"Accept: application/json\r\n{token}Content-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(answer)
        content = await self._reader.readexactly(int(length[1]) if length else 0)
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise Failed(f"{path}: {answer[:40]!r} {content[:500]!r}")
        return content

    async def ask(self, document: str, *, by: Member | None = None, **variables: Any) -> Any:
        """What the only field of a GraphQL operation answers; there must be no error."""
        answer = orjson.loads(await self.post("/graphql", request(document, **variables), by=by))
        if "errors" in answer:
            raise Failed(str(answer["errors"]))
        (found,) = answer["data"].values()
        return found


def request(document: str, **variables: Any) -> bytes:
    """The body that asks for a GraphQL operation."""
    return orjson.dumps({"query": document, "variables": variables})


@asynccontextmanager
async def connections(address: str, count: int) -> AsyncIterator[list[Client]]:
    """So many clients of the server at ``host:port``, for the time of the block."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(_connection(address)) for _ in range(count)]


@asynccontextmanager
async def _connection(address: str) -> AsyncIterator[Client]:
    host, _, port = address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield Client(reader, writer)
    finally:
        writer.close()
