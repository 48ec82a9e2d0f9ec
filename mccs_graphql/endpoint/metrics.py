"""``GET /metrics``: on an address of its own, or for who has the token; else there is nothing."""

import asyncio
import hmac
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mccs_graphql.adapters.metrics import Metrics
from mccs_graphql.adapters.queues import Queues
from mccs_graphql.endpoint.callers import bearer
from mccs_graphql.endpoint.refusals import refuse
from mccs_graphql.settings import Settings

PATH = "/metrics"
CONNECTIONS_MAX = 10
"""Of an address that is for one Prometheus, or two."""


class MetricsPage:
    """The page, wherever it is served."""

    def __init__(self, metrics: Metrics, queues: Queues, settings: Settings) -> None:
        metrics.watch(queues.read)
        self._registry = metrics.registry
        self._queues = queues
        self._token = settings.metrics_token.get_secret_value()

    @property
    def routes(self) -> list[Route]:
        """On the port that everybody reaches: none without a token to ask for."""
        return [Route(PATH, self._show_to_bearer)] if self._token else []

    async def _show_to_bearer(self, request: Request) -> Response:
        given = bearer(request.headers.get("authorization")) or ""
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            headers = {"WWW-Authenticate": "Bearer"}
            raise HTTPException(401, "This needs the token of MCCS_METRICS_TOKEN.", headers)
        return await self._show(request)

    async def _show(self, _request: Request) -> Response:
        await self._queues.refresh()
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)

    @asynccontextmanager
    async def served(self, place: tuple[str, int] | None) -> AsyncIterator[None]:
        """Serve it there for as long as the block lasts; nowhere if there is no place."""
        if place is None:
            yield
            return
        routes = [Route(PATH, self._show)]
        app = Starlette(routes=routes, exception_handlers={HTTPException: refuse})
        with listener(*place) as taken:
            server = _Aside(_config(app))
            serving = asyncio.create_task(server.serve(sockets=[taken]))
            try:
                yield
            finally:
                server.should_exit = True
                await serving


@contextmanager
def listener(host: str, port: int) -> Generator[socket.socket, None, None]:
    """The port, taken. Raises OSError."""
    family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
        yield taken


class _Aside(uvicorn.Server):
    """A server beside another one, which hears the signals."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        proxy_headers=False,
        access_log=False,
        server_header=False,
        log_config=None,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_graceful_shutdown=1,
    )
