"""Bring a database to the newest schema."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from mccs_graphql.db.engine import asyncpg_url
from mccs_graphql.db.roles import give_rights

MIGRATION_LOCK = 7_237_263_051_401_338
"""Any constant number: processes that start together migrate one after the other."""


def upgrade(database_url: str, *, application_url: str = "") -> None:
    """Run the missing migrations; safe to call from several processes at once.

    ``application_url`` names the role that serves, if it is another one: it gets its rights, and
    no more. Raises RoleMissing.
    """
    asyncio.run(upgrade_async(database_url, application_url=application_url))


async def upgrade_async(
    database_url: str, *, application_url: str = "", revision: str = "head"
) -> None:
    """The same, for those who have a loop running; or only as far as ``revision``."""
    engine = create_async_engine(asyncpg_url(database_url))
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            await connection.run_sync(_upgrade, revision)
            if application_url:
                await give_rights(connection, application_url)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
