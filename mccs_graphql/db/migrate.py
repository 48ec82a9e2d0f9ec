"""Bring a database to the newest schema."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from mccs_graphql.db.engine import asyncpg_url

MIGRATION_LOCK = 7_237_263_051_401_338
"""Any constant number: processes that start together migrate one after the other."""


def upgrade(database_url: str) -> None:
    """Run the missing migrations; safe to call from several processes at once."""
    asyncio.run(upgrade_async(database_url))


async def upgrade_async(database_url: str, *, revision: str = "head") -> None:
    """The same, for those who have a loop running; or only as far as ``revision``."""
    engine = create_async_engine(asyncpg_url(database_url))
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            await connection.run_sync(_upgrade, revision)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
