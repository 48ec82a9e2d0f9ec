"""What every answer tells browsers: show nothing of this elsewhere, guess nothing, keep nothing."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class SecurityHeaders:
    """Adds headers to every answer that does not say otherwise."""

    def __init__(self, app: ASGIApp, *, hsts_seconds: int) -> None:
        self._app = app
        hsts = {"Strict-Transport-Security": f"max-age={hsts_seconds}"} if hsts_seconds else {}
        self._headers = Headers(HEADERS | hsts).raw

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                given = list(message.get("headers", ()))
                names = {name for name, _ in given}
                message["headers"] = given + [own for own in self._headers if own[0] not in names]
            await send(message)

        await self._app(scope, receive, send_with_headers)
