"""Hostile requests on a real port: each is refused in JSON."""

import asyncio
import gzip
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote

import httpx
import orjson
import pytest
import websockets
from websockets.typing import Subprotocol

from tests.attacks.conftest import JSON, PATIENCE_SECONDS, QUERY
from tests.clients import PROTOCOL, Live, Socket

MEGABYTE = 1_000_000
INIT = b'{"type": "connection_init"}'
SUBSCRIBE = b'{"id": "1", "type": "subscribe", "payload": {"query": "{ __typename }"}}'


@dataclass(frozen=True)
class Attack:
    """A request, and the status of its refusal."""

    name: str
    status: int
    body: bytes | None = None
    method: str = "POST"
    path: str = "/graphql"
    headers: dict[str, str] = field(default_factory=lambda: JSON)


def body(name: str, content: bytes, status: int = 400) -> Attack:
    return Attack(name, status, content)


def typed(content_type: str, content: bytes = QUERY) -> Attack:
    return Attack(f"type {content_type}", 415, content, headers={"Content-Type": content_type})


def member(name: str, value: object) -> Attack:
    content = orjson.dumps({"query": "{ __typename }", name: value})
    return body(f"{name} is {value!r}", content)


def with_header(name: str, value: str, status: int, *, method: str = "POST") -> Attack:
    content = QUERY if method == "POST" else None
    path = "/graphql" if method == "POST" else f"/graphql?query={quote('{ __typename }')}"
    return Attack(
        f"{method} {name}: {value[:40]}", status, content, method, path, JSON | {name: value}
    )


def get(name: str, address: str, status: int = 400) -> Attack:
    return Attack(f"GET {name}", status, method="GET", path=f"/graphql{address}", headers={})


def method(name: str, path: str = "/graphql") -> Attack:
    return Attack(f"{name} {path}", 405, method=name, path=path, headers={})


ODD: tuple[object, ...] = ("x", [1], 5, True, "{}")
ODD_NAMES: tuple[object, ...] = (5, [], {}, True)

ATTACKS = [
    *(
        body(f"body {content[:20]!r}", content)
        for content in (
            *(b"", b" ", b'"x"', b"[5]", b"[]", b"null", b"{}", b"5", b"1e999", b"true", b"{"),
            *(b"query", b"\xff\xfe", b'{"query": "\xff"}', b'{"query": "\\ud800"}', b"\0" * 100),
            *(b'{"query": NaN}', b'{"query": 5}', b'{"query": null}', b'{"query": ["{ x }"]}'),
            *(b'{"query": {}}', b'{"query": false}', b'{"Query": "{ __typename }"}', b"x=1"),
            *(b"[" * 90_000, b'{"a":' * 15_000, b"[" + QUERY + b"]", QUERY + QUERY),
            *(b"\xef\xbb\xbf" + QUERY, QUERY.decode().encode("utf-16"), b'{"query": "x",}'),
            b"query=%7B__typename%7D",
            gzip.compress(QUERY, mtime=0),
        )
    ),
    body("body of 60 MB", b'{"variables": "' + b"x" * 60 * MEGABYTE + b'"}', 413),
    body("body one byte too large", QUERY + b" " * (100_001 - len(QUERY)), 413),
    *(member(name, value) for name in ("variables", "extensions") for value in ODD),
    *(member("operationName", value) for value in ODD_NAMES),
    *(
        typed(content_type)
        for content_type in (
            *("text/plain", "application/x-www-form-urlencoded", "application/graphql", "x", ""),
            *("text/plain; application/json", "application/jsonp", "text/json", "application"),
            *("application/json; charset=utf-16", "application/json; charset=latin-1"),
            *("application/json; charset=x", "multipart/form-data", "application/json, text/plain"),
        )
    ),
    typed(
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n' + QUERY + b"\r\n--x--",
    ),
    Attack("no type", 415, QUERY, headers={}),
    with_header("Content-Encoding", "gzip", 415),
    with_header("Content-Encoding", "br", 415),
    *(
        with_header("Accept", accept, 406)
        for accept in (
            *("text/plain", "image/*", "application/xml", "application/json;q=0", "x", ","),
            *("*/*;q=0", "multipart/mixed", "text/event-stream", "application/json;q=x"),
        )
    ),
    with_header("Sec-Fetch-Site", "cross-site", 403),
    with_header("Sec-Fetch-Site", "cross-site", 403, method="GET"),
    with_header("Sec-Fetch-Site", "same-site", 403, method="GET"),
    with_header("X-Large", "x" * 40_000, 400),
    *(method(name) for name in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")),
    *(method("POST", path) for path in ("/", "/health/live", "/graphiql/page.css")),
    get("nothing", ""),
    get("an empty query", "?query"),
    get("another parameter", "?q=x"),
    get("two queries", "?query=a&query=b"),
    get("two operation names", "?query=%7B__typename%7D&operationName=a&operationName=b"),
    get("odd variables", "?query=%7B__typename%7D&variables=x"),
    get("a list of variables", "?query=%7B__typename%7D&variables=[1]"),
    get("odd extensions", "?query=%7B__typename%7D&extensions=5"),
    get("a mutation", "?query=mutation%7BlogOut%7BloggedOut%7D%7D", 405),
    get("a subscription", "?query=subscription%7Bx%7D"),
    get("an endless address", "?query=" + "x" * 40_000),
    *(
        Attack(f"GET {path}", 404, method="GET", path=path, headers={})
        for path in (
            *("/x", "/graphql/", "/graphql/x", "/.env", "/%00", "/graphiql/../app.py", "/\xff"),
            *("/graphiql/", "/graphiql/x.js", "/graphiql/%2e%2e/errors.py"),
        )
    ),
]

RAW = {
    "no HTTP": b"hello\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "broken version": b"GET / HTTP/9.9\r\n\r\n",
    "two lengths": b"POST /graphql HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "negative length": b"POST /graphql HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    "length and chunks": (
        b"POST /graphql HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    ),
    "broken chunk": (
        b"POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n"
    ),
    "endless header": b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000,
    "endless headers": b"GET / HTTP/1.1\r\n" + b"X: x\r\n" * 7_000,
    "endless line": b"GET /" + b"x" * 40_000,
}

SOCKETS = {
    "binary frame": ([INIT, b"\0\xff"], 4400),
    "binary beginning": ([INIT], 4400),
    "frame of 5 MB": ([INIT.decode(), "x" * 5 * MEGABYTE], 1009),
    "5 MB before the beginning": (["x" * 5 * MEGABYTE], 1009),
    "operation before the beginning": ([SUBSCRIBE.decode()], 4401),
    "two beginnings": ([INIT.decode()] * 2, 4429),
    "no JSON": (["x"], 4400),
    "unknown type": (['{"type": "start"}'], 4400),
    "broken UTF-8 escape": (['{"type": "\\ud800"}'], 4400),
    "a batch": ([INIT.decode(), f"[{SUBSCRIBE.decode()}]"], 4400),
}


def assert_refused(response: httpx.Response, status: int) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("application/json"), response.headers
    (error,) = response.json()["errors"]
    assert error["message"]
    assert error["extensions"]["code"]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_request_is_refused(attacked: httpx.AsyncClient, attack: Attack) -> None:
    response = await attacked.request(
        attack.method, attack.path, content=attack.body, headers=attack.headers
    )
    assert_refused(response, attack.status)
    assert ("allow" in response.headers) == (attack.status == 405)


async def heard(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Head and body of what the server says before it hangs up."""
    said = await asyncio.wait_for(reader.read(), PATIENCE_SECONDS)
    head, _, rest = said.partition(b"\r\n\r\n")
    return head, rest


@pytest.mark.parametrize("sent", RAW.values(), ids=RAW.keys())
async def test_what_is_no_http_is_refused_in_json_too(live: Live, sent: bytes) -> None:
    host, port = live.address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(sent)
    head, said = await heard(reader)
    writer.close()

    assert head.startswith(b"HTTP/1.1 400")
    assert b"content-type: application/json" in head.lower()
    assert orjson.loads(said)["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


async def test_body_without_end_is_refused_and_hung_up_on(live: Live) -> None:
    def endless() -> Iterator[bytes]:
        head = b"POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\n"
        yield head + b"Transfer-Encoding: chunked\r\n\r\n"
        while True:
            yield b"1000\r\n" + b"x" * 0x1000 + b"\r\n"

    host, port = live.address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for chunk, _ in zip(endless(), range(26), strict=False):
        writer.write(chunk)
    head, said = await heard(reader)
    writer.close()

    assert head.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in head.lower()
    assert b"100000 bytes" in said


async def test_body_that_does_not_come_is_not_waited_for(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mccs_graphql.endpoint.requests.BODY_SECONDS", 0.1)
    host, port = live.address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = b"POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\n"
    writer.write(head + b"Content-Length: 50\r\n\r\n{")
    head, said = await heard(reader)
    writer.close()

    assert head.startswith(b"HTTP/1.1 408")
    assert orjson.loads(said)["errors"]


async def test_head_that_does_not_come_is_not_waited_for(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mccs_graphql.cli.http_protocol.HEAD_SECONDS", 0.1)
    host, port = live.address.split(":")
    for sent in (b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nX: "):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(sent)
        assert await heard(reader) == (b"", b"")
        writer.close()


@pytest.mark.parametrize(("said", "code"), SOCKETS.values(), ids=SOCKETS.keys())
async def test_socket_is_closed(live: Live, said: list[str | bytes], code: int) -> None:
    url = f"ws://{live.address}/graphql"
    async with websockets.connect(url, subprotocols=[Subprotocol(PROTOCOL)]) as connection:
        with suppress(websockets.ConnectionClosed):
            for message in said:
                await connection.send(message)
        await asyncio.wait_for(connection.wait_closed(), PATIENCE_SECONDS)
    assert connection.close_code == code


@pytest.mark.parametrize("path", ["/", "/x", "/health/live", "/graphql/"])
async def test_socket_elsewhere_is_refused_in_json(live: Live, path: str) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(f"ws://{live.address}{path}")
    response = refused.value.response
    assert response.status_code == 404
    assert orjson.loads(response.body or b"")["errors"][0]["extensions"] == {"code": "NOT_FOUND"}


async def test_socket_goes_on_after_broken_documents(live: Live) -> None:
    async with live.socket() as socket:
        for number, query in enumerate(["", "{", "{ x }", "}" * 900, "{ a" * 400, "\0"]):
            payload = {"query": query}
            await socket.say(id=str(number), type="subscribe", payload=payload)
            message = await socket.hear()
            assert (message["id"], message["type"]) == (str(number), "error")
        assert await typename(socket) == "Query"


async def typename(socket: Socket) -> str:
    await socket.say(id="good", type="subscribe", payload={"query": "{ __typename }"})
    message = await socket.hear()
    found: str = message["payload"]["data"]["__typename"]
    return found
