"""graphql-transport-ws, kinder than Strawberry's: one bad operation does not end the others."""

from typing import Any

import orjson
from graphql import GraphQLError
from starlette.websockets import WebSocketDisconnect
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import Message

from mccs_graphql.context import Caller

OPERATIONS_MAX = 20
_FULL = f"A socket carries {OPERATIONS_MAX} operations at a time; end one, or open another socket."
_OPTIONAL = {"variables": dict, "operationName": str, "extensions": dict}


class TransportHandler(BaseGraphQLTransportWSHandler[Caller, None]):
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
