"""The endpoint as an ASGI application: plain HTTP, and graphql-transport-ws."""

from datetime import timedelta
from typing import Any

import orjson
from cross_web import HTTPException
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from mccs_graphql.context import Caller, Services
from mccs_graphql.endpoint.schema import Schema
from mccs_graphql.endpoint.websocket import TextAdapter, TransportHandler

INIT_WAIT = timedelta(seconds=10)
BODY_BYTES_MAX = 100_000
BEARER = "bearer "


class GraphQLApp(GraphQL[Caller, None]):
    """Strawberry's application with our callers, our JSON and JSON for every refusal."""

    graphql_transport_ws_handler_class = TransportHandler
    websocket_adapter_class = TextAdapter

    def __init__(self, schema: Schema, services: Services) -> None:
        super().__init__(
            schema,
            graphql_ide="graphiql" if services.settings.graphiql else None,
            allow_queries_via_get=False,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=INIT_WAIT,
            max_subscriptions_per_connection=None,  # the handler has its own
            allowed_origins=services.settings.origins,
        )
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        try:
            response = await self.run(Request(scope, _bounded(receive)))
        except HTTPException as refused:
            response = _refusal(refused.status_code, refused.reason)
        await response(scope, receive, send)

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Caller:
        """Who calls, as far as the request itself says."""
        return Caller(
            self._services,
            token=_bearer(request.headers.get("authorization")),
            can_stream=isinstance(request, WebSocket),
        )

    async def on_ws_connect(self, context: Caller) -> dict[str, object] | None:
        """Take the token from the payload of connection_init: browsers can send no headers."""
        said = context.connection_params or {}
        token = _bearer(said.get("authorization", said.get("Authorization")))
        context.token = token or context.token
        return None

    def decode_json(self, data: str | bytes) -> object:
        """Strict JSON: no NaN, no broken UTF-8."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> bytes:
        """Compact JSON."""
        return orjson.dumps(data)

    def parse_json(self, data: str | bytes) -> Any:
        """The body of a request, which is one object."""
        body = super().parse_json(data)
        if not isinstance(body, dict):
            raise HTTPException(400, "The body must be one JSON object.")
        if not isinstance(body.get("operationName"), str | None):
            raise HTTPException(400, "`operationName` must be a string or null.")
        return body


def _bounded(receive: Receive) -> Receive:
    """Stop reading a body that has no end."""
    received = 0

    async def bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > BODY_BYTES_MAX:
            raise HTTPException(413, f"The body has more than {BODY_BYTES_MAX} bytes.")
        return message

    return bounded


def _bearer(header: object) -> str | None:
    if isinstance(header, str) and header[: len(BEARER)].lower() == BEARER:
        return header[len(BEARER) :].strip() or None
    return None


def _refusal(status: int, reason: str) -> Response:
    error = GraphQLError(reason, extensions={"code": "BAD_REQUEST"})
    return JSONResponse({"errors": [error.formatted]}, status_code=status)
