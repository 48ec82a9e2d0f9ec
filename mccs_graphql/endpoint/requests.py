"""Reads what a client asks for; whatever is no request of GraphQL over HTTP is refused here."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from email.message import Message
from functools import lru_cache
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request

from mccs_graphql.endpoint.media_types import JSON

BODY_BYTES_MAX = 100_000
BODY_SECONDS = 10
"""How long a body may take to arrive."""
TYPES_KEPT = 64
"""Media types that have been read; a head has at most 32 kB, so they are 2 MB at most."""

_SAID_ONCE = ("Authorization", "Content-Encoding", "Content-Type", "Host", "Origin")
_DIGITS_MAX = 12
_CLOSE = {"Connection": "close"}
"""For bodies that may have no end: the rest is not waited for."""

_TOO_LARGE = f"The body has more than {BODY_BYTES_MAX} bytes."
_TOO_SLOW = f"The body took more than {BODY_SECONDS} seconds to arrive."
_FOREIGN = "Pages of this origin may not ask here; see MCCS_ALLOWED_ORIGINS."
_KINDS = {
    "operationName": (str, "a string"),
    "variables": (dict, "an object"),
    "extensions": (dict, "an object"),
}


@dataclass(frozen=True)
class Asked:
    """One operation, as the client names it."""

    query: str
    operation_name: str | None
    variables: dict[str, Any] | None
    extensions: dict[str, Any] | None


async def asked_by(request: Request) -> Asked:
    """What a GET or POST request asks for. Raises HTTPException."""
    if request.method == "POST":
        _check_type(request)
        return _asked(_parsed(await _body(request), "The body"))
    return _asked(_parameters(request))


def check_headers(connection: HTTPConnection) -> None:
    """Refuse what is said twice: who stands between may believe the other one of the two.

    Raises HTTPException.
    """
    for name in _SAID_ONCE:
        if len(connection.headers.getlist(name)) > 1:
            raise HTTPException(400, f"The header {name} is given more than once.")


def check_site(request: Request, origins: Collection[str]) -> None:
    """Refuse what a browser sends for a page from elsewhere, such as the address of an image.

    Without this a foreign page could have queries carried out by GET, though not read the answer.
    Raises HTTPException.
    """
    site = request.headers.get("sec-fetch-site", "none")
    known = "*" in origins or request.headers.get("origin") in origins
    if site not in ("none", "same-origin") and not known:
        raise HTTPException(403, _FOREIGN)


def _check_type(request: Request) -> None:
    """JSON in UTF-8 only: a page from elsewhere can send no such thing unless we let it."""
    media_type, charset = _type_of(request.headers.get("content-type") or "")
    if media_type != JSON:
        raise HTTPException(415, "The body must be application/json.")
    if charset not in ("utf-8", "utf8"):
        raise HTTPException(415, "The body must be in UTF-8.")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise HTTPException(415, "The body must not be compressed.")


@lru_cache(TYPES_KEPT)
def _type_of(content_type: str) -> tuple[str, str]:
    """The media type and the charset: slow to read, and clients write few of them."""
    message = Message()
    message["content-type"] = content_type
    return message.get_content_type(), message.get_content_charset() or "utf-8"


async def _body(request: Request) -> bytes:
    if not _fits(request.headers.get("content-length", "0")):
        raise HTTPException(413, _TOO_LARGE)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _read(request)
    except TimeoutError:
        raise HTTPException(408, _TOO_SLOW, headers=_CLOSE) from None
    except ClientDisconnect:
        raise HTTPException(400, "The body ended early.") from None


def _fits(declared: str) -> bool:
    return declared.isdecimal() and len(declared) < _DIGITS_MAX and int(declared) <= BODY_BYTES_MAX


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise HTTPException(413, _TOO_LARGE, headers=_CLOSE)
    return bytes(body)


def _parameters(request: Request) -> dict[str, Any]:
    """The parameters of the address; variables and extensions are JSON in them."""
    given = request.query_params
    for name in ("query", *_KINDS):
        if len(given.getlist(name)) > 1:
            raise HTTPException(400, f"`{name}` is given more than once.")
    found: dict[str, Any] = dict(given)
    for name in ("variables", "extensions"):
        if name in found:
            found[name] = _parsed(found[name].encode(), f"`{name}`") if found[name] else None
    return found


def _parsed(text: bytes, name: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise HTTPException(400, f"{name} is not JSON: {error.msg}.") from None


def _asked(body: object) -> Asked:
    if not isinstance(body, dict):
        raise HTTPException(400, "The body must be one JSON object.")
    if not isinstance(body.get("query"), str) or not body["query"]:
        raise HTTPException(400, "`query` must be a string: the document to carry out.")
    for name, (kind, called) in _KINDS.items():
        if not isinstance(body.get(name), kind | None):
            raise HTTPException(400, f"`{name}` must be {called} or null.")
    return Asked(
        query=body["query"],
        operation_name=body.get("operationName"),
        variables=body.get("variables"),
        extensions=body.get("extensions"),
    )
