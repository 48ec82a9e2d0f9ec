"""When postings were written: mended for those there were, refused where they would be wrong."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from mccs_graphql.db.migrate import upgrade_async
from mccs_graphql.embedded import Servers
from tests.databases import plain, temporary_database, url_of

BEFORE = "0022"
PEOPLE = """
    INSERT INTO users (id, email, password_hash, first_name, last_name, telephone)
    SELECT uuidv7(), n || '@example.com', '!', '', '', '' FROM generate_series(1, 3) AS n;
    INSERT INTO entities (id, name, status, email, telephone, inc_type, company_number, website,
                          description, address, city, region, postal_code, country,
                          show_tags_matched_since_last_login,
                          receive_daily_match_notification_email)
    SELECT id, email, 'tradingAccepted', email, '', '', '', '', '', '', '', '', '', '', false, false
      FROM users;
    INSERT INTO accounts (entity_id, account_number, balance, max_negative_balance,
                          max_positive_balance, posting_count, event_seq)
    SELECT id, lpad(left(email, 1), 16, '0'), 0, 100, 100, 0, 0 FROM users;
"""
PAYMENT = """
    WITH sides AS (
        SELECT a.id AS payer, b.id AS payee FROM users a, users b
         WHERE left(a.email, 1) = $1 AND left(b.email, 1) = $2
    ), moved AS (
        INSERT INTO transfers (id, payer_id, payee_id, initiator_id, payer_name, payee_name, amount,
                               description, state, proposed_by, decided_at)
        SELECT uuidv7(), payer, payee, payer, '', '', 1, '', 'completed', payer, now() FROM sides
        RETURNING *
    ), booked AS (
        UPDATE accounts SET posting_count = posting_count + 1,
                            balance = balance + CASE WHEN entity_id = payer_id THEN -1 ELSE 1 END
          FROM moved WHERE entity_id IN (payer_id, payee_id)
        RETURNING entity_id, posting_count, balance, moved.id,
                  CASE WHEN entity_id = payer_id THEN -1 ELSE 1 END AS amount
    )
    INSERT INTO postings (entity_id, number, transfer_id, amount, balance_after, posted_at)
    SELECT entity_id, posting_count, id, amount, balance, $3::text::timestamptz FROM booked
"""
TIMES = """
    SELECT to_char(posted_at AT TIME ZONE 'UTC', 'HH24:MI') FROM postings
      JOIN users ON users.id = entity_id WHERE left(email, 1) = $1 ORDER BY number
"""


@pytest.fixture
async def before(started: Servers) -> AsyncIterator[str]:
    """A database as it was, with three accounts; its URL."""
    async with temporary_database(started.owner_url, "mccs_times") as name:
        url = url_of(started.owner_url, name)
        await upgrade_async(url, revision=BEFORE)
        yield url


async def test_times_there_were_follow_the_order_of_every_account(before: str) -> None:
    connection = await asyncpg.connect(plain(before))
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(PEOPLE)
    for payer, payee, time in (("1", "2", "10:05"), ("2", "3", "10:03"), ("3", "1", "10:04")):
        await connection.execute(PAYMENT, payer, payee, f"2026-01-01 {time}Z")
    await connection.execute("RESET session_replication_role")

    await upgrade_async(before)

    times = [[row[0] for row in await connection.fetch(TIMES, number)] for number in "123"]
    await connection.close()
    assert times == [["10:05", "10:05"]] * 3


async def test_posting_dated_before_the_one_before_it_is_refused(before: str) -> None:
    await upgrade_async(before)
    connection = await asyncpg.connect(plain(before))
    await connection.execute(PEOPLE)
    await connection.execute("ALTER TABLE transfers DISABLE TRIGGER transfers_guarded")
    await connection.execute(PAYMENT, "1", "2", "2026-01-01 10:05Z")

    with pytest.raises(asyncpg.CheckViolationError, match="is dated before the one before"):
        await connection.execute(PAYMENT, "2", "1", "2026-01-01 10:04Z")
    await connection.close()
