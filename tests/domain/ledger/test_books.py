"""`check_books` finds every contradiction that somebody with power over the database can make."""

# ruff: noqa: S608 - the statements are put together from this file's own texts

from collections.abc import AsyncIterator

import asyncpg
import pytest

from mccs_graphql.app import create_app
from mccs_graphql.db.engine import Database
from mccs_graphql.db.queries.books import CHECKS
from mccs_graphql.domain.ledger.books import Findings, check_books
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.databases import as_superuser
from tests.factories import Member, make_member
from tests.trading import Trading

COMPLETED = "(SELECT id FROM transfers WHERE state = 'completed' ORDER BY id LIMIT 1)"
ANY_ENTITY = "(SELECT max(entity_id::text)::uuid FROM accounts)"

TAMPERINGS: list[tuple[str, str]] = [
    (
        "The balances do not sum to zero",
        f"UPDATE accounts SET balance = balance + 1 WHERE entity_id = {ANY_ENTITY}",
    ),
    (
        "A balance is not the sum of its postings",
        f"""
        UPDATE accounts
           SET balance = balance + CASE WHEN entity_id = {ANY_ENTITY} THEN 1 ELSE -1 END
        """,
    ),
    (
        "An account has not as many postings as it counts",
        f"UPDATE accounts SET posting_count = 3 WHERE entity_id = {ANY_ENTITY}",
    ),
    (
        "An account has not as many postings as it counts",
        f"UPDATE postings SET number = 7 WHERE number = 2 AND entity_id = {ANY_ENTITY}",
    ),
    (
        "A posting does not continue its account's line",
        "UPDATE postings SET balance_after = balance_after + 1 WHERE number = 1",
    ),
    (
        "A balance is out of its limits",
        "UPDATE accounts SET max_negative_balance = 0 WHERE balance < 0",
    ),
    (
        "A balance is out of its limits",
        "UPDATE accounts SET max_positive_balance = 0 WHERE balance > 0",
    ),
    (
        "Limits are not what their last change says",
        """
        INSERT INTO limit_changes (entity_id, number, max_negative_before, max_positive_before,
                                   max_negative_after, max_positive_after, reason, forced,
                                   changed_by)
        SELECT entity_id, 1, 0, 0, 7, 7, 'Why not', true, user_id
          FROM accounts JOIN memberships USING (entity_id)
        """,
    ),
    (
        "A reversal does not take back what it reverses",
        f"""
        UPDATE transfers SET admin_id = proposed_by, admin_reason = 'Why not',
                             reverses_id = {COMPLETED}
         WHERE state = 'initiated'
        """,
    ),
    (
        "The postings of a transfer do not sum to zero",
        f"UPDATE postings SET amount = amount + 1 WHERE transfer_id = {COMPLETED} AND amount > 0",
    ),
    (
        "A completed transfer was not posted from its payer to its payee",
        f"UPDATE transfers SET amount = amount + 1 WHERE id = {COMPLETED}",
    ),
    (
        "A completed transfer was not posted from its payer to its payee",
        f"UPDATE transfers SET payer_id = payee_id, payee_id = payer_id WHERE id = {COMPLETED}",
    ),
    (
        "A completed transfer was not posted from its payer to its payee",
        f"DELETE FROM postings WHERE transfer_id = {COMPLETED}",
    ),
    (
        "A completed transfer was not posted from its payer to its payee",
        "UPDATE transfers SET state = 'completed', decided_at = now() WHERE state = 'initiated'",
    ),
    (
        "A posting is dated before the one before it",
        f"UPDATE postings SET posted_at = '2001-01-01Z' WHERE transfer_id <> {COMPLETED}",
    ),
    (
        "The postings of a transfer are not dated alike",
        "UPDATE postings SET posted_at = now() WHERE amount > 0",
    ),
    (
        "A posting is missing from its account's line",
        "DELETE FROM postings WHERE number = 1",
    ),
    (
        "A posting is not what its transfer says",
        f"UPDATE postings SET amount = amount + 1 WHERE transfer_id = {COMPLETED} AND amount > 0",
    ),
    (
        "A transfer that is not completed has postings",
        f"UPDATE transfers SET state = 'initiated', decided_at = NULL WHERE id = {COMPLETED}",
    ),
    (
        "An entity's log has gaps or does not end where its counter stands",
        "DELETE FROM events WHERE seq = 2",
    ),
    (
        "An entity's log has gaps or does not end where its counter stands",
        "DELETE FROM events WHERE seq = 5",
    ),
    (
        "An entity's log has gaps or does not end where its counter stands",
        f"UPDATE accounts SET event_seq = event_seq + 1 WHERE entity_id = {ANY_ENTITY}",
    ),
]
"""Which check finds what. The community has two completed transfers and one open proposal."""


@pytest.fixture
async def community(empty_database: Database, empty_settings: Settings) -> tuple[Member, Member]:
    """Two members who have traded."""
    ana, ben = await make_member(empty_database), await make_member(empty_database)
    app = create_app(empty_settings)
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as graphql:
        trading = Trading(graphql)
        await trading.pay(ana, ben, "30.00")
        await trading.pay(ben, ana, "10.00")
        await trading.proposed(ana, ben, "5.00")
    return ana, ben


@pytest.fixture
async def tamper(empty_settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A connection whose changes no trigger sees."""
    async with as_superuser(empty_settings) as connection:
        yield connection


async def findings_of(database: Database) -> Findings:
    async with database.snapshot() as session:
        return await check_books(session, progress=lambda _check: None)


@pytest.mark.usefixtures("community")
@pytest.mark.parametrize(("check", "statement"), TAMPERINGS)
async def test_tampering_is_found(
    empty_database: Database, tamper: asyncpg.Connection, check: str, statement: str
) -> None:
    await tamper.execute(statement)

    found = await findings_of(empty_database)

    assert not found.balanced
    assert check in {difference.what for difference in found.differences}


async def test_difference_says_whose_it_is_and_how_much(
    empty_database: Database, tamper: asyncpg.Connection, community: tuple[Member, Member]
) -> None:
    ana, _ben = community
    await tamper.execute(
        "UPDATE accounts SET balance = balance + 7 WHERE entity_id = $1", ana.entity_id
    )

    by_check = {found.what: found for found in (await findings_of(empty_database)).differences}

    whole = by_check["The balances do not sum to zero"]
    assert (whole.subject, whole.expected, whole.found) == ("community", 0, 7)
    own = by_check["A balance is not the sum of its postings"]
    assert (own.subject, own.expected, own.found) == (ana.account_number, -2000, -1993)


async def test_every_check_has_a_case() -> None:
    assert {check for check, _statement in TAMPERINGS} == set(CHECKS)


@pytest.mark.usefixtures("community")
async def test_untouched_books_balance(empty_database: Database) -> None:
    found = await findings_of(empty_database)

    assert found.balanced
    assert (found.accounts, found.transfers, found.postings) == (2, 3, 4)


async def test_empty_books_balance(empty_database: Database) -> None:
    assert (await findings_of(empty_database)).balanced
