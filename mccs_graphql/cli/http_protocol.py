"""Uvicorn's HTTP with bounds on what comes before a body, and JSON for what is no HTTP."""

import asyncio

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES_MAX = 32_768
HEAD_SECONDS = 10
"""From a connection's beginning, or the end of the request before, to the end of the headers."""

_TOO_LARGE = f"The headers have more than {HEAD_BYTES_MAX} bytes."


class BoundedProtocol(HttpToolsProtocol):
    """One connection. Uvicorn alone would wait for a head without end, and keep all of it."""

    _head_bytes = 0
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(HEAD_SECONDS, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take some bytes, but not more than a head may have."""
        if self._head_timer is not None:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_timer is not None and self._head_bytes > HEAD_BYTES_MAX:
            self.send_400_response(_TOO_LARGE)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def on_headers_complete(self) -> None:
        """The head is whole; the application bounds the body."""
        self._stop_waiting()
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > HEAD_BYTES_MAX:
            raise ValueError(_TOO_LARGE)  # the parser ends here, and uvicorn says 400
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Say what is wrong, and hang up."""
        error = {"message": msg, "extensions": {"code": "BAD_REQUEST"}}
        body = orjson.dumps({"errors": [error]})
        head = (
            "HTTP/1.1 400 Bad Request\r\n"
            "content-type: application/json; charset=utf-8\r\n"
            f"content-length: {len(body)}\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    def _stop_waiting(self) -> None:
        self._head_bytes = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
