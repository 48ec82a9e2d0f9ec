"""Whatever goes wrong around GraphQL is told in the form in which GraphQL tells errors."""

from collections.abc import Mapping

import orjson
from graphql import GraphQLError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.websockets import WebSocket

from mccs_graphql.endpoint.errors import presentable
from mccs_graphql.endpoint.media_types import JSON, negotiated
from mccs_graphql.endpoint.security_headers import HEADERS

_CODES = {404: "NOT_FOUND", 401: "UNAUTHENTICATED", 403: "FORBIDDEN"}
_NO_SUCH_ADDRESS = "There is nothing at this address; the API is at /graphql."
_NOT_HERE = {404: _NO_SUCH_ADDRESS, 405: "This address does not answer to this method."}


async def refuse(connection: HTTPConnection, refused: Exception) -> Response:
    """What is no request, or no request for us. Takes HTTPException only."""
    assert isinstance(refused, HTTPException)  # noqa: S101 - Starlette's type is wider
    status = refused.status_code
    error = GraphQLError(
        _NOT_HERE.get(status, refused.detail),
        extensions={"code": _CODES.get(status, "BAD_REQUEST")},
    )
    return told(connection, error, status=status, headers=refused.headers)


async def fail(connection: HTTPConnection, error: Exception) -> Response:
    """What is our fault: a reference, and the cause in the log.

    Starlette calls this outside of all middleware, so it adds the headers itself.
    """
    shown = presentable(GraphQLError(str(error), original_error=error))
    return told(connection, shown, status=500, headers=HEADERS)


async def refuse_socket(socket: WebSocket) -> None:
    """A handshake at an address that has no sockets."""
    refused = HTTPException(404)
    await socket.send_denial_response(await refuse(socket, refused))


def told(
    connection: HTTPConnection,
    error: GraphQLError,
    *,
    status: int,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer that is only an error, in the media type the client accepts, or else in JSON."""
    media_type = negotiated(connection.headers.get("accept")) or JSON
    return json_response({"errors": [error.formatted]}, media_type, status=status, headers=headers)


def json_response(
    body: object, media_type: str, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A body as compact JSON."""
    return Response(
        orjson.dumps(body),
        status_code=status,
        headers=headers,
        media_type=f"{media_type}; charset=utf-8",
    )
