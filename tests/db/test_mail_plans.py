"""How PostgreSQL reads a large outbox: by its indexes, and no more than a page of it."""

import json
import os
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import MailKind, MailState
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.db.queries.keyset import Window
from mccs_graphql.db.queries.mail_search import MailFilter, page_of_mails
from mccs_graphql.embedded import Servers
from tests.conftest import settings_for
from tests.databases import plain, temporary_database

MAILS = 50_000
FILL = """
    INSERT INTO mails (id, kind, facts, state, sent_at)
    SELECT id, CASE WHEN n % 200 < 100 THEN 'contact' ELSE 'new_device' END, '{}', state,
           CASE state WHEN 'sent' THEN now() END
      FROM (SELECT id, n, CASE WHEN n <= 5 THEN 'queued' WHEN n % 100 = 0 THEN 'failed'
                               WHEN n % 50 = 1 THEN 'dropped' ELSE 'sent' END AS state
              FROM unnest($1::uuid[]) WITH ORDINALITY AS made (id, n)) AS mixed
"""
"""Those that wait are the oldest: nothing is found by walking back from the newest."""
FILTERS = {
    "failed": MailFilter(),
    "failed of a kind": MailFilter(kinds=frozenset((MailKind.CONTACT,))),
    "waiting": MailFilter(states=frozenset((MailState.QUEUED,))),
    "sent": MailFilter(states=frozenset((MailState.SENT,))),
    "all": MailFilter(states=frozenset(MailState)),
}
PAGE = 20
READ_MAX = len(MailState) * (2 * PAGE + 2)
"""Rows: a page and one more of each state, half of them of another kind."""


@pytest.fixture(scope="module")
async def filled(started: Servers, template: str) -> AsyncIterator[tuple[Database, Any]]:
    """A database with many mails, and a connection to it."""
    prefix = f"mccs_mail_plans_{os.getpid()}"
    async with temporary_database(started.owner_url, prefix, template=template) as name:
        settings = settings_for(started, name)
        connection = await asyncpg.connect(plain(settings.owner_url))
        await connection.execute(FILL, [uuid7() for _ in range(MAILS)])
        await connection.execute("VACUUM ANALYZE mails")
        database = Database(settings)
        yield database, connection
        await connection.close()
        await database.close()


def read_by(plan: Any) -> list[tuple[str, float]]:
    """The indexes that a plan reads, or `Seq Scan`, and how many rows each gave or passed over."""
    parts = [each for part in plan.get("Plans", ()) for each in read_by(part)]
    if "Scan" in plan["Node Type"] and "Plans" not in plan:
        passed = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        parts.append((plan.get("Index Name", plan["Node Type"]), passed))
    return parts


@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
@pytest.mark.parametrize("deep", [False, True], ids=["end", "deep"])
@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS.keys())
async def test_page_of_a_large_outbox_reads_little(
    filled: tuple[Database, Any], wanted: MailFilter, deep: bool, backward: bool
) -> None:
    database, connection = filled
    middle = await connection.fetchval("SELECT id FROM mails ORDER BY id OFFSET $1", MAILS // 2)
    window = Window(PAGE, (middle,) if deep else None, backward=backward)
    seen: list[tuple[str, Any]] = []

    def see(_c: object, _k: object, statement: str, values: Any, *_rest: object) -> None:
        seen.append((statement, values))

    event.listen(database.reads.sync_engine, "before_cursor_execute", see)
    async with database.reading() as session:
        await page_of_mails(session, wanted, window)
    event.remove(database.reads.sync_engine, "before_cursor_execute", see)

    ((statement, values),) = [each for each in seen if "mails" in each[0]]
    explained = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
    plan = json.loads(await connection.fetchval(explained, *values))[0]["Plan"]
    read = read_by(plan)
    assert {index for index, _ in read} <= {"ix_mails_ended", "ix_mails_due", "pk_mails"}, read
    assert sum(rows for _, rows in read) <= READ_MAX, read
