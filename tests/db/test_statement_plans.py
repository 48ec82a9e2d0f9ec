"""How PostgreSQL reads the statement of a long history: by its indexes, never all of it."""

import json
import os
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import event

from bench.statements import BEGIN, HISTORIES, MANY, MONTH, MONTHS, fill
from mccs_graphql.db.engine import Database
from mccs_graphql.db.queries.keyset import Window
from mccs_graphql.db.queries.standings import At, Stretch, page_of_lines, standings_at
from mccs_graphql.embedded import Servers
from tests.conftest import settings_for
from tests.databases import plain, temporary_database
from tests.db.test_plans import scans

LINES = 20_000
WINDOWS = {
    "first": Window(20),
    "after": Window(20, (LINES // 2,)),
    "last": Window(20, backward=True),
    "longest": Window(100),
}
INDEXES = {"ix_postings_posted", "pk_postings", "pk_transfers"}


@pytest.fixture(scope="module")
async def filled(started: Servers, template: str) -> AsyncIterator[tuple[Database, Any]]:
    """A database with a long history, and a connection to it."""
    prefix = f"mccs_statements_{os.getpid()}"
    async with temporary_database(started.owner_url, prefix, template=template) as name:
        settings = settings_for(started, name)
        await fill(plain(settings.owner_url), sizes=(100, LINES))
        database = Database(settings)
        connection = await asyncpg.connect(plain(settings.owner_url))
        yield database, connection
        await connection.close()
        await database.close()


def used(plan: Any) -> set[str]:
    """The indexes that a plan goes by."""
    own = {plan["Index Name"]} if "Index Name" in plan else set()
    return own.union(*map(used, plan.get("Plans", ())))


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS.keys())
@pytest.mark.parametrize("month", [0, MONTHS // 2, MONTHS - 1])
async def test_month_of_a_long_history_is_read_by_indexes(
    filled: tuple[Database, Any], month: int, window: Window
) -> None:
    database, connection = filled
    seen: list[tuple[str, Any]] = []

    def see(_c: object, _k: object, statement: str, values: Any, *_rest: object) -> None:
        seen.append((statement, values))

    event.listen(database.reads.sync_engine, "before_cursor_execute", see)
    await read(database, HISTORIES[MANY].entity_id, month, window)
    event.remove(database.reads.sync_engine, "before_cursor_execute", see)

    about = [each for each in seen if "postings" in each[0]]
    plans = [await explained(connection, *each) for each in about]
    assert len(plans) == 2
    for plan in plans:
        assert set(scans(plan)) == set(), json.dumps(plan, indent=1)
        assert used(plan) & INDEXES == used(plan) != set()


async def read(database: Database, entity_id: UUID, month: int, window: Window) -> None:
    """A page of a month."""
    since, until = BEGIN + month * MONTH, BEGIN + (month + 1) * MONTH
    async with database.reading() as session:
        asked = [At(entity_id, since), At(entity_id, until)]
        stretch = Stretch(entity_id, *await standings_at(session, asked))
        await page_of_lines(session, stretch, window)


async def explained(connection: Any, statement: str, values: Any) -> Any:
    """The plan of a statement, with its own values."""
    found = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *values)
    return json.loads(found)[0]["Plan"]
