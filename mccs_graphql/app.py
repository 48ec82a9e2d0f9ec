"""The composition root: settings in, an ASGI application out."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from uuid import UUID

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute

from mccs_graphql.adapters.housekeeping import Housekeeping
from mccs_graphql.adapters.wake_ups import WakeUps
from mccs_graphql.context import Services
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import EntityStatus
from mccs_graphql.domain import events
from mccs_graphql.domain.events import WakeUp
from mccs_graphql.domain.identity.passwords import Passwords
from mccs_graphql.domain.identity.sign_up import Terms
from mccs_graphql.domain.money import to_money
from mccs_graphql.endpoint import graphiql, health, http
from mccs_graphql.endpoint.cors import cors
from mccs_graphql.endpoint.refusals import fail, refuse, refuse_socket
from mccs_graphql.endpoint.schema import build_schema
from mccs_graphql.endpoint.security_headers import SecurityHeaders
from mccs_graphql.endpoint.websocket import SocketEndpoint
from mccs_graphql.settings import Settings


def create_app(settings: Settings) -> Starlette:
    """The application; it connects when its lifespan begins and lets go when that ends."""
    services = build_services(settings)
    app = Starlette(
        routes=_routes(services),
        middleware=[
            Middleware(SecurityHeaders, hsts_seconds=settings.hsts_seconds),
            cors(settings),
        ],
        exception_handlers={HTTPException: refuse, Exception: fail},
        lifespan=_lifespan,
    )
    app.router.redirect_slashes = False  # what is not there is not near either
    app.state.services = services
    return app


def _routes(services: Services) -> list[BaseRoute]:
    schema = build_schema(services.settings)
    answer = http.HttpEndpoint(schema, services).answer
    return [
        Route("/", _to_graphql),
        Route("/graphql", answer, methods=http.METHODS),
        WebSocketRoute("/graphql", SocketEndpoint(schema, services)),
        WebSocketRoute("/{path:path}", refuse_socket),
        Route("/health/live", health.live),
        Route("/health/ready", health.ready),
        *([graphiql.files()] if services.settings.graphiql else []),
    ]


def build_services(settings: Settings) -> Services:
    """What lives as long as the process; nothing is connected yet."""
    database = Database(settings)

    async def read_ends(entity_ids: Iterable[UUID]) -> list[WakeUp]:
        async with database.reading() as session:
            return await events.ends(session, entity_ids)

    wake_ups = WakeUps(
        settings.redis_url, read_ends=read_ends, poll_seconds=settings.event_poll_seconds
    )
    return Services(
        settings=settings,
        database=database,
        passwords=Passwords(memory_kib=settings.password_memory_kib),
        wake_ups=wake_ups,
        housekeeping=Housekeeping(settings, publish=wake_ups.publish),
        terms=_terms(settings),
    )


def _terms(settings: Settings) -> Terms:
    status = EntityStatus.TRADING_ACCEPTED if settings.trading_on_sign_up else EntityStatus.PENDING
    return Terms(
        status=status,
        max_negative_balance=to_money(settings.max_negative_balance, scale=settings.unit_scale),
        max_positive_balance=to_money(settings.max_positive_balance, scale=settings.unit_scale),
    )


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    services: Services = app.state.services
    try:
        async with services.wake_ups.running(), services.housekeeping.running():
            yield
    finally:
        await services.database.close()


async def _to_graphql(_request: Request) -> RedirectResponse:
    return RedirectResponse("/graphql")
