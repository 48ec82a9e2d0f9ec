"""What is done before and after a load, outside its transaction, where alone VACUUM may run."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from mccs_graphql.communities.large.aside import TABLES
from mccs_graphql.communities.large.steps import Progress
from mccs_graphql.db.engine import Database
from mccs_graphql.settings import Settings

NO_TIMEOUT = 0


@asynccontextmanager
async def patient(settings: Settings) -> AsyncIterator[Database]:
    """The database, with the rights of its owner, and as much time as a statement needs."""
    as_owner = {"database_url": settings.owner_url, "statement_timeout_ms": NO_TIMEOUT}
    database = Database(settings.model_copy(update=as_owner))
    try:
        yield database
    finally:
        await database.close()


async def clear(database: Database, *, progress: Progress) -> None:
    """Give back the room of rows that a stopped load has left, which nobody sees."""
    await _vacuum(database, "VACUUM", "Clearing what a stopped load left", progress)


async def tidy(settings: Settings, *, progress: Progress) -> None:
    """Let the planner know what there is, and which pages everybody may read without a look.

    Autovacuum would do so too, later.
    """
    async with patient(settings) as database:
        await _vacuum(database, "VACUUM (FREEZE, ANALYZE)", "Gathering statistics", progress)


async def _vacuum(database: Database, command: str, what: str, progress: Progress) -> None:
    async with database.writes.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        for number, table in enumerate(TABLES):
            progress(what, number, len(TABLES))
            await connection.execute(text(f"{command} {table}"))
    progress(what, len(TABLES), len(TABLES))
