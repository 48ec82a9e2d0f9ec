"""One POST to a stranger's server: bounded in time and in bytes, and nothing is followed.

Written on the connection itself, as it has to be the one to the address that was looked at, and as
no more than the status of the answer is of interest.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import h11

from mccs_graphql.adapters.resolving import Address
from mccs_graphql.domain.webhooks.targets import Target

CONNECT_SECONDS = 3.0
ADDRESSES_TRIED = 2
ANSWER_BYTES = 16_384
"""Of an answer no more is read than its head, and of that no more than this."""


class Unreachable(Exception):
    """Nobody takes the connection at any of the addresses."""


class TlsFailed(Exception):
    """The certificate is not good for the host, or there is no TLS at all."""


class NotHttp(Exception):
    """What was answered is not HTTP, has no end, or is nothing at all."""


async def post(
    target: Target,
    addresses: Sequence[Address],
    *,
    trust: ssl.SSLContext,
    headers: Mapping[str, str],
    body: bytes,
) -> int:
    """The status of the answer. Raises Unreachable, TlsFailed or NotHttp; takes any time."""
    async with _connected(target, addresses, trust) as (reader, writer):
        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=ANSWER_BYTES)
        try:
            writer.write(_request(connection, target, headers, body))
            await writer.drain()
            return await _status(connection, reader)
        except (OSError, h11.RemoteProtocolError) as error:
            raise NotHttp from error


def _request(
    connection: h11.Connection, target: Target, headers: Mapping[str, str], body: bytes
) -> bytes:
    sent = {
        "Host": target.authority,
        **headers,
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    request = h11.Request(method="POST", target=target.path, headers=list(sent.items()))
    parts = (request, h11.Data(data=body), h11.EndOfMessage())
    return b"".join(connection.send(part) or b"" for part in parts)


async def _status(connection: h11.Connection, reader: asyncio.StreamReader) -> int:
    left = ANSWER_BYTES
    while left > 0:
        event = connection.next_event()
        if isinstance(event, h11.Response):
            return event.status_code
        if event is h11.NEED_DATA:
            data = await reader.read(left)
            left -= len(data) or left  # the end is the end
            connection.receive_data(data)
    event = connection.next_event()
    if isinstance(event, h11.Response):
        return event.status_code
    raise NotHttp


@asynccontextmanager
async def _connected(
    target: Target, addresses: Sequence[Address], trust: ssl.SSLContext
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await _connect(target, addresses[:ADDRESSES_TRIED], trust)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()  # whatever else there is to say


async def _connect(
    target: Target, addresses: Sequence[Address], trust: ssl.SSLContext
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """To the first of the addresses that answers, by the name of the host."""
    for address in addresses:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await asyncio.open_connection(
                    str(address),
                    target.port,
                    limit=ANSWER_BYTES,
                    ssl=trust if target.secure else None,
                    server_hostname=target.host if target.secure else None,
                )
        except ssl.SSLError as error:
            raise TlsFailed from error
        except OSError:  # also the time that is up
            continue
    raise Unreachable
