"""``mccs worker``: keeps house beside the processes that serve."""

import asyncio
import logging
import signal
from contextlib import suppress

import click
from sqlalchemy.exc import DBAPIError

from mccs_graphql.cli.check_books import NO_TIMEOUT
from mccs_graphql.cli.serve import migrate, plainly
from mccs_graphql.db.engine import Database
from mccs_graphql.domain.ledger.books import check_books
from mccs_graphql.settings import Settings

log = logging.getLogger(__name__)

ROUND_SECONDS = 3600


@click.command("worker")
@click.option("--once", is_flag=True, help="Do one round and stop.")
def command(*, once: bool) -> None:
    """Prove the books every hour, and say so in the log; needs DATABASE_URL."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    with plainly():
        settings = Settings()
        if not settings.database_url:
            raise click.ClickException("Set DATABASE_URL: a worker has no servers of its own.")
        migrate(settings)
        if not asyncio.run(_work(settings, once=once)):
            raise click.ClickException("The books were not proved; the log says why.")


async def _work(settings: Settings, *, once: bool) -> bool:
    """Work until a signal; or one round, and whether it proved the books."""
    database = Database(settings.model_copy(update={"statement_timeout_ms": NO_TIMEOUT}))
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    proved = True
    try:
        while not stopping.is_set():
            proved = await _try_round(database)
            if once:
                break
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), ROUND_SECONDS)
    finally:
        await database.close()
    return proved or not once


async def _try_round(database: Database) -> bool:
    try:
        return await keep_house(database)
    except (DBAPIError, OSError):
        log.exception("This round failed; the next one comes in %s seconds", ROUND_SECONDS)
        return False


async def keep_house(database: Database) -> bool:
    """One round: prove the books; whether they balance."""
    async with database.snapshot() as session:
        findings = await check_books(session, progress=log.debug)
    for difference in findings.differences:
        log.error("The books differ: %s", difference)
    if findings.balanced:
        log.info("Books balance: %s transfers looked at", findings.transfers)
    return findings.balanced
