"""The composition root: settings in, an ASGI application out."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute

from mccs_graphql.adapters.buckets import Buckets
from mccs_graphql.adapters.housekeeping import Housekeeping
from mccs_graphql.adapters.metrics import Metrics
from mccs_graphql.adapters.queues import Queues
from mccs_graphql.adapters.tracing import tracing_of
from mccs_graphql.adapters.vitals import listening, pools
from mccs_graphql.adapters.wake_ups import WakeUps
from mccs_graphql.context import Services
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import EntityStatus
from mccs_graphql.domain import events
from mccs_graphql.domain.audit.trail import SYSTEM, Deed, audited
from mccs_graphql.domain.events import WakeUp
from mccs_graphql.domain.identity import keys, second_factor
from mccs_graphql.domain.identity.access_tokens import AccessTokens
from mccs_graphql.domain.identity.passwords import Passwords
from mccs_graphql.domain.identity.sealing import Seal
from mccs_graphql.domain.identity.sign_up import Terms
from mccs_graphql.domain.identity.throttle import Throttle, rules_of
from mccs_graphql.domain.ledger.statement_links import StatementLinks
from mccs_graphql.domain.money import to_money
from mccs_graphql.domain.rates import Rates
from mccs_graphql.endpoint import (
    audit_export,
    graphiql,
    health,
    http,
    statement_export,
    unsubscribe,
)
from mccs_graphql.endpoint.cors import cors
from mccs_graphql.endpoint.jwks import jwks
from mccs_graphql.endpoint.metrics import MetricsPage
from mccs_graphql.endpoint.refusals import fail, refuse, refuse_socket
from mccs_graphql.endpoint.schema import build_schema
from mccs_graphql.endpoint.security_headers import SecurityHeaders
from mccs_graphql.endpoint.websocket import SocketEndpoint
from mccs_graphql.settings import Settings

log = logging.getLogger(__name__)


def create_app(settings: Settings) -> Starlette:
    """The application; it connects when its lifespan begins and lets go when that ends."""
    services = build_services(settings)
    page = MetricsPage(services.metrics, Queues(services.database), settings)
    app = Starlette(
        routes=_routes(services, page),
        middleware=[
            Middleware(SecurityHeaders, hsts_seconds=settings.hsts_seconds),
            cors(settings),
        ],
        exception_handlers={HTTPException: refuse, Exception: fail},
        lifespan=_lifespan,
    )
    app.router.redirect_slashes = False  # what is not there is not near either
    app.state.services, app.state.metrics_page = services, page
    return app


def _routes(services: Services, page: MetricsPage) -> list[BaseRoute]:
    schema = build_schema(services.settings)
    answer = http.HttpEndpoint(schema, services).answer
    return [
        Route("/", _to_graphql),
        Route("/graphql", answer, methods=http.METHODS),
        WebSocketRoute("/graphql", SocketEndpoint(schema, services)),
        WebSocketRoute("/{path:path}", refuse_socket),
        Route(audit_export.PATH, audit_export.audit_csv),
        Route(statement_export.PATH, statement_export.statement),
        Route(unsubscribe.PATH, unsubscribe.answer, methods=unsubscribe.METHODS),
        Route("/.well-known/jwks.json", jwks),
        Route("/health/live", health.live),
        Route("/health/ready", health.ready),
        *page.routes,
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
    signing = keys.Keys(partial(read_ring, database, settings))
    housekeeping = Housekeeping(settings, publish=wake_ups.publish)
    metrics = Metrics()
    metrics.watch(pools(database.engines | housekeeping.engines))
    metrics.watch(listening(wake_ups))
    return Services(
        settings=settings,
        database=database,
        passwords=Passwords(memory_kib=settings.password_memory_kib),
        tokens=AccessTokens(
            signing, issuer=settings.token_issuer, lifetime=settings.access_token_life
        ),
        statement_links=StatementLinks(
            signing, issuer=settings.token_issuer, lifetime=settings.statement_link_life
        ),
        seal=Seal(settings.secret.get_secret_value()),
        wake_ups=wake_ups,
        housekeeping=housekeeping,
        terms=_terms(settings),
        rates=Rates(settings),
        buckets=Buckets(settings.redis_url),
        throttle=Throttle(rules_of(settings)),
        metrics=metrics,
        tracing=tracing_of(settings, database.engines),
    )


async def read_ring(database: Database, settings: Settings) -> keys.KeyRing:
    """The keys of the database; the first one is made here. Raises WrongSecret."""
    seal = Seal(settings.secret.get_secret_value())
    while True:
        async with database.reading() as session:
            ring = await keys.find_ring(session, seal=seal, lifetime=settings.signed_life)
        if ring:
            return ring
        async with audited(database, Deed("create-signing-key", SYSTEM)) as session:
            await keys.ensure_key(session, seal=seal)


async def check_keys(settings: Settings) -> None:
    """See that there is a key to sign with, and that the secret fits. Raises WrongSecret."""
    database = Database(settings)
    try:
        await read_ring(database, settings)
        async with database.reading() as session:
            await second_factor.require_opens(session, Seal(settings.secret.get_secret_value()))
    finally:
        await database.close()


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
        await _warm_up(services)
        async with (
            services.wake_ups.running(),
            services.housekeeping.running(),
            services.buckets.running(),
            app.state.metrics_page.served(services.settings.metrics_place),
        ):
            yield
    finally:
        await services.database.close()
        await asyncio.to_thread(services.tracing.close)


async def _warm_up(services: Services) -> None:
    """Have a key before the first request; without a database, later. Raises WrongSecret."""
    try:
        await services.tokens.keys.fresh()
    except (OSError, DBAPIError) as error:
        log.warning("The signing keys cannot be read yet: %r", error)


async def _to_graphql(_request: Request) -> RedirectResponse:
    return RedirectResponse("/graphql")
