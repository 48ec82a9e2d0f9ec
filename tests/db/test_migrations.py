"""The migrations lead to what the models say, and connections keep to what they are for."""

import asyncio
from contextlib import suppress

import pytest
from alembic.autogenerate import produce_migrations
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from mccs_graphql.db.engine import Database, asyncpg_url
from mccs_graphql.db.migrate import upgrade_async
from mccs_graphql.db.models import Record, Tag
from mccs_graphql.embedded import Servers
from tests.databases import temporary_database, url_of

UPGRADE_SECONDS = 30
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
      FROM pg_constraint
     WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'p', 'u', 'f')
       AND conrelid::regclass::text <> 'alembic_version'
"""
COLUMNS = """
    SELECT table_name, column_name, data_type, character_maximum_length, is_nullable,
           column_default, generation_expression
      FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name <> 'alembic_version'
"""
FUNCTIONS = """
    SELECT pg_get_functiondef(pg_proc.oid)
      FROM pg_proc JOIN pg_language ON pg_language.oid = prolang
     WHERE pronamespace = 'public'::regnamespace AND lanname = 'sql' ORDER BY pg_proc.oid
"""
INDEXES = """
    SELECT tablename, indexname, indexdef FROM pg_indexes
     WHERE schemaname = 'public' AND tablename <> 'alembic_version'
"""


def differences(connection: Connection) -> list[object]:
    """What Alembic would write into a next migration."""
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    script = produce_migrations(context, Record.metadata)
    assert script.upgrade_ops is not None
    found: list[object] = script.upgrade_ops.as_diffs()
    return found


async def rows(connection: AsyncConnection, query: str) -> set[tuple[object, ...]]:
    return {tuple(row) for row in await connection.execute(text(query))}


async def test_alembic_finds_nothing_to_add(database: Database) -> None:
    async with database.writes.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.parametrize("query", [CONSTRAINTS, COLUMNS, INDEXES])
async def test_migrated_tables_are_those_of_the_models(
    database: Database, started: Servers, query: str
) -> None:
    async with temporary_database(started.owner_url, "mccs_models") as name:
        modelled = create_async_engine(asyncpg_url(url_of(started.owner_url, name)))
        async with modelled.begin() as new, database.writes.connect() as migrated:
            for (function,) in (await migrated.execute(text(FUNCTIONS))).all():
                await new.exec_driver_sql(function)
            await new.run_sync(Record.metadata.create_all)
            assert await rows(migrated, query) == await rows(new, query)
        await modelled.dispose()


async def test_upgrades_at_the_same_moment_make_one_schema(started: Servers) -> None:
    async with temporary_database(started.owner_url, "mccs_upgraded") as name:
        url = url_of(started.owner_url, name)
        upgrades = (upgrade_async(url) for _ in range(3))
        async with asyncio.timeout(UPGRADE_SECONDS):
            assert await asyncio.gather(*upgrades, return_exceptions=True) == [None] * 3

        engine = create_async_engine(asyncpg_url(url))
        async with engine.connect() as connection:
            assert await connection.run_sync(differences) == []
        await engine.dispose()


async def test_reading_session_refuses_a_write(database: Database) -> None:
    async with database.reading() as session:
        session.add(Tag(name="never-kept"))
        with pytest.raises(DBAPIError, match="read-only transaction"):
            await session.flush()


async def test_error_does_not_tell_the_values_of_its_statement(database: Database) -> None:
    """They end up in the log: hashes of passwords and of tokens, and addresses."""
    async with database.reading() as session:
        with pytest.raises(DBAPIError, match="nowhere") as caught:
            await session.execute(text("SELECT * FROM nowhere WHERE x = :x"), {"x": "secret"})

    assert "secret" not in str(caught.value)


async def test_snapshot_refuses_a_write(database: Database) -> None:
    async with database.snapshot() as session:
        session.add(Tag(name="never-kept"))
        with pytest.raises(DBAPIError, match="read-only transaction"):
            await session.flush()


async def test_snapshot_keeps_to_one_moment(empty_database: Database) -> None:
    count = text("SELECT count(*) FROM tags")
    async with empty_database.snapshot() as session:
        assert await session.scalar(count) == 0
        async with empty_database.writing() as other:
            other.add(Tag(name="bread"))
        assert await session.scalar(count) == 0


async def test_unit_of_work_that_raises_leaves_nothing(empty_database: Database) -> None:
    with suppress(LookupError):
        async with empty_database.writing() as session:
            session.add(Tag(name="bread"))
            await session.flush()
            raise LookupError
    async with empty_database.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM tags")) == 0
