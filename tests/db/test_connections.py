"""PostgreSQL knows for which request it works."""

import os

from sqlalchemy import text

from mccs_graphql.db.engine import Database
from mccs_graphql.reference import begin_reference
from mccs_graphql.settings import Settings

NAME = text("SELECT current_setting('application_name')")


async def test_process_is_named(settings: Settings) -> None:
    database = Database(settings.model_copy(update={"process": "web-1"}))
    async with database.reading() as session:
        assert await session.scalar(NAME) == f"mccs web-1 {os.getpid()}"
    await database.close()


async def test_transaction_says_its_request_and_the_next_one_does_not(database: Database) -> None:
    reference = begin_reference()
    async with database.writing() as session:
        assert await session.scalar(NAME) == f"mccs {os.getpid()} {reference}"
    another = begin_reference()
    async with database.writing() as session:
        assert await session.scalar(NAME) == f"mccs {os.getpid()} {another}"
    async with database.snapshot() as session:
        assert (await session.scalar(NAME) or "").endswith(another)
    async with database.reading() as session:
        assert await session.scalar(NAME) == f"mccs {os.getpid()}"
