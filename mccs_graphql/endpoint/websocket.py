"""graphql-transport-ws, kinder than Strawberry's: one bad operation does not end the others."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
from graphql import GraphQLError
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.asgi import ASGIWebSocketAdapter, GraphQL
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    Message,
)

from mccs_graphql.context import Caller, Services
from mccs_graphql.domain.errors import Unauthenticated
from mccs_graphql.domain.places import place_of
from mccs_graphql.endpoint.callers import bearer, caller_of
from mccs_graphql.endpoint.refusals import refuse
from mccs_graphql.endpoint.requests import check_headers
from mccs_graphql.endpoint.schema import Schema
from mccs_graphql.endpoint.sockets import TOO_MANY_SOCKETS, Hold, Holder, Sockets, TooManySockets

INIT_WAIT = timedelta(seconds=10)
OPERATIONS_MAX = 20
_FULL = f"A socket carries {OPERATIONS_MAX} operations at a time; end one, or open another socket."
_HOLD = "mccs.hold"
_OPTIONAL = {"variables": dict, "operationName": str, "extensions": dict}


class TransportHandler(BaseGraphQLTransportWSHandler["SocketCaller", None]):
    """Closes the socket for what is no message; answers a bad operation with an error."""

    async def handle_message(self, message: Message) -> None:
        """Look at the shape first: everything after this relies on it."""
        if not _has_shape(message):
            await self.handle_invalid_message("Not a message of graphql-transport-ws")
        elif message["type"] == "subscribe" and self._is_full() and self.connection_acknowledged:
            error = {"message": _FULL, "extensions": {"code": "TOO_MANY_OPERATIONS"}}
            await self.websocket.send_json(
                {"id": message["id"], "type": "error", "payload": [error]}
            )
        else:
            await super().handle_message(message)

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Let the viewer in who has not too many sockets already."""
        try:
            await super().handle_connection_init(message)
        except TooManySockets as refused:
            await self.websocket.close(code=TOO_MANY_SOCKETS, reason=str(refused))

    def _is_full(self) -> bool:
        return len(self.operations) >= OPERATIONS_MAX

    @staticmethod
    def _get_pre_execution_close_reason(error: GraphQLError) -> str | None:
        return None


class TextAdapter(ASGIWebSocketAdapter):
    """The protocol is JSON text, where our encoder makes bytes."""

    async def send_json(self, message: Any) -> None:
        """Send one message. Raises WebSocketDisconnected when nobody is there any more."""
        try:
            await self.ws.send_text(orjson.dumps(message).decode())
        except WebSocketDisconnect as gone:
            raise WebSocketDisconnected from gone


def _has_shape(message: object) -> bool:
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return False
    if message["type"] not in ("subscribe", "complete"):
        return isinstance(message.get("payload", {}), dict | None)
    if not isinstance(message.get("id"), str):
        return False
    return message["type"] == "complete" or _is_request(message.get("payload"))


def _is_request(payload: object) -> bool:
    if not isinstance(payload, dict) or not isinstance(payload.get("query"), str):
        return False
    return all(isinstance(payload.get(name), kind | None) for name, kind in _OPTIONAL.items())


@dataclass
class SocketCaller(Caller):
    """The caller of a socket, which counts for whoever that turns out to be."""

    hold: Hold = field(kw_only=True)


class SocketEndpoint(GraphQL[SocketCaller, None]):
    """Strawberry's application, for its WebSockets alone, with our callers and our JSON."""

    graphql_transport_ws_handler_class = TransportHandler
    websocket_adapter_class = TextAdapter

    def __init__(self, schema: Schema, services: Services) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=INIT_WAIT,
            max_subscriptions_per_connection=None,  # the handler has its own
            allowed_origins=services.settings.origins,
        )
        self._services = services
        self.sockets = Sockets(services.settings)
        services.metrics.watch(lambda: [("mccs_sockets", (), self.sockets.count)])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket, or close it at once if its place has too many."""
        socket = WebSocket(scope, receive, send)
        try:
            check_headers(socket)
        except HTTPException as refused:
            await socket.send_denial_response(await refuse(socket, refused))
            return
        with self.sockets.one() as hold:
            try:
                hold(Holder.ADDRESS, place_of(caller_of(socket, self._services).origin.address))
            except TooManySockets as full:
                await socket.accept(await self.pick_websocket_subprotocol(socket))
                await socket.close(TOO_MANY_SOCKETS, str(full))
                return
            scope[_HOLD] = hold
            await super().__call__(scope, receive, send)

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> SocketCaller:
        """Who calls, as far as the handshake says."""
        caller = caller_of(request, self._services)
        return SocketCaller(caller.services, caller.token, caller.origin, hold=request.scope[_HOLD])

    async def reject_websocket(self, request: WebSocket) -> WebSocket:
        """Refuse a page from elsewhere."""
        refused = HTTPException(403, "Pages of this origin may not open a socket here.")
        await request.send_denial_response(await refuse(request, refused))
        return request

    async def on_ws_connect(self, context: SocketCaller) -> dict[str, object] | None:
        """Take the token from the payload of connection_init: browsers can send no headers.

        Raises TooManySockets.
        """
        said = context.connection_params or {}
        token = bearer(said.get("authorization", said.get("Authorization")))
        context.token = token or context.token
        if user := await self._user(context.token):
            context.hold(Holder.USER, user)
        return None

    async def _user(self, token: str | None) -> str | None:
        """Whose token it is; of one that is no good each operation says why."""
        try:
            return await self._services.tokens.subject(token) if token else None
        except (Unauthenticated, OSError, DBAPIError):
            return None

    def decode_json(self, data: str | bytes) -> object:
        """Strict JSON: no NaN, no broken UTF-8."""
        return orjson.loads(data)
