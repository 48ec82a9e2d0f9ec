"""``mccs worker``: keeps house beside the processes that serve."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext, suppress
from uuid import UUID

import click
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from mccs_graphql.adapters import log_lines
from mccs_graphql.adapters.housekeeping import Housekeeping, Publish
from mccs_graphql.adapters.mailer import where_mails_go
from mccs_graphql.adapters.metrics import Metrics
from mccs_graphql.adapters.queues import Queues
from mccs_graphql.adapters.scheduled import ScheduledWork
from mccs_graphql.adapters.vitals import Books, listening, pools
from mccs_graphql.adapters.wake_ups import WakeUps
from mccs_graphql.cli.check_books import NO_TIMEOUT
from mccs_graphql.cli.serve import migrate, plainly, require_free
from mccs_graphql.db.engine import Database
from mccs_graphql.domain.audit.proving import prove
from mccs_graphql.domain.audit.sealing import seal_all
from mccs_graphql.domain.events import WakeUp
from mccs_graphql.endpoint.metrics import MetricsPage
from mccs_graphql.reference import begin_reference
from mccs_graphql.settings import Settings

log = logging.getLogger(__name__)

ROUND_SECONDS = 3600


@click.command("worker")
@click.option("--once", is_flag=True, help="Do one round and stop.")
def command(*, once: bool) -> None:
    """Prove the books every hour, and say so in the log; needs DATABASE_URL.

    In between it does what a process that serves does beside serving, such as sending mails.
    """
    with plainly():
        settings = Settings()
        settings = settings.model_copy(update={"process": settings.process or "worker"})
        log_lines.set_up(settings)
        if not settings.database_url:
            raise click.ClickException("Set DATABASE_URL: a worker has no servers of its own.")
        require_free(settings.metrics_place)
        migrate(settings)
        log.info(where_mails_go(settings))
        if not asyncio.run(_work(settings, once=once)):
            raise click.ClickException("The books were not proved; the log says why.")


async def _work(settings: Settings, *, once: bool) -> bool:
    """Work until a signal; or one round, and whether it proved the books."""
    database = Database(settings.model_copy(update={"statement_timeout_ms": NO_TIMEOUT}))
    stopping, books = asyncio.Event(), Books()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    proved = True
    try:
        if once:  # nobody else may be there to seal
            await seal_all(database)
            await _do_due(settings)
        async with nullcontext() if once else at_work(settings, database, books):
            while not stopping.is_set():
                proved = await _try_round(database)
                books.proved(holds=proved)
                if once:
                    break
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), ROUND_SECONDS)
    finally:
        await database.close()
    return proved or not once


async def _do_due(settings: Settings) -> None:
    """Do the jobs that are due."""
    scheduled = ScheduledWork(settings, publish=_say_nothing)
    try:
        while await scheduled.run_due():
            pass
    finally:
        await scheduled.close()


@asynccontextmanager
async def at_work(settings: Settings, database: Database, books: Books) -> AsyncIterator[None]:
    """Keep house, and show the metrics where the settings say."""
    metrics = Metrics()
    metrics.watch(books.read)
    watched = Database(settings)  # statements of the one for proofs have no time limit
    page = MetricsPage(metrics, Queues(watched), settings)
    try:
        async with (
            housekeeping(settings, metrics, database.engines),
            page.served(settings.metrics_place),
        ):
            yield
    finally:
        await watched.close()


@asynccontextmanager
async def housekeeping(
    settings: Settings, metrics: Metrics, engines: Mapping[str, AsyncEngine]
) -> AsyncIterator[None]:
    """Keep house; without REDIS_URL nobody is woken, and those who listen find out by polling."""
    async with AsyncExitStack() as stack:
        publish: Publish = _say_nothing
        if settings.redis_url:
            wake_ups = WakeUps(
                settings.redis_url, read_ends=_no_ends, poll_seconds=settings.event_poll_seconds
            )
            await stack.enter_async_context(wake_ups.running())
            publish = wake_ups.publish
            metrics.watch(listening(wake_ups))
        keeping = Housekeeping(settings, publish=publish)
        metrics.watch(pools({**engines, **keeping.engines}))
        await stack.enter_async_context(keeping.running())
        yield


def _say_nothing(_wake_ups: Sequence[WakeUp]) -> None:
    """There is no Redis."""


async def _no_ends(_entity_ids: Iterable[UUID]) -> list[WakeUp]:
    """Nobody listens here."""
    return []


async def _try_round(database: Database) -> bool:
    begin_reference()
    try:
        return await keep_house(database)
    except (DBAPIError, OSError):
        log.exception("This round failed; the next one comes in %s seconds", ROUND_SECONDS)
        return False


async def keep_house(database: Database) -> bool:
    """One round: prove the books and the audit trail; whether nothing differs."""
    proof = await prove(database, progress=log.debug)
    for difference in proof.differences:
        log.error("The books differ: %s", difference)
    if proof.holds:
        log.info(
            "Books balance: %s transfers looked at, and %s audit entries up to seal %s",
            proof.books.transfers,
            proof.trail.entries,
            proof.trail.seal.hex(),
        )
    return proof.holds
