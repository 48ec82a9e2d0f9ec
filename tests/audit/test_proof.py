"""Whoever has all powers over the database can tamper with the trail, but not unnoticed."""

# ruff: noqa: S608 - the statements are put together from this file's own texts

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import select, update

from mccs_graphql.app import create_app
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import AuditEntry, AuditHead, Transfer
from mccs_graphql.domain.audit import proof
from mccs_graphql.domain.audit.proving import prove
from mccs_graphql.domain.audit.sealing import FIRST_SEAL, seal_all, seal_next
from mccs_graphql.domain.audit.trail import SYSTEM, Deed, summarise
from mccs_graphql.domain.ledger.books import Difference
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.databases import as_superuser
from tests.factories import Member, make_member
from tests.trading import Trading

THIRD = "WHERE sealed_seq = 3"
LAST = "WHERE sealed_seq = (SELECT max(sealed_seq) FROM audit_entries)"

TAMPERINGS: list[tuple[str, str, str]] = [
    (proof.CHANGED, "number 3", f"UPDATE audit_entries SET actor_id = NULL {THIRD}"),
    (proof.CHANGED, "number 3", f"UPDATE audit_entries SET action = 'nothing' {THIRD}"),
    (proof.CHANGED, "number 3", f"UPDATE audit_entries SET subjects = '{{}}' {THIRD}"),
    (
        proof.CHANGED,
        "number 3",
        f"UPDATE audit_entries SET recorded_at = recorded_at - interval '1 hour' {THIRD}",
    ),
    (proof.CHANGED, "number 3", f"UPDATE audit_entries SET seal = sha256('x') {THIRD}"),
    (proof.CHANGED, "number 4", f"UPDATE audit_entries SET seal = sha256('x') {LAST}"),
    (
        proof.DETAILS,
        "number 3",
        f"UPDATE audit_entries SET details = jsonb_set(details, '{{address}}', '\"x\"') {THIRD}",
    ),
    (proof.MISSING, "number 3", f"DELETE FROM audit_entries {THIRD}"),
    (proof.MISSING, "number 1", "DELETE FROM audit_entries WHERE sealed_seq = 1"),
    (proof.MISSING, "number 4", f"DELETE FROM audit_entries {LAST}"),
    (proof.MISSING, "numbers 1 to 4", "DELETE FROM audit_entries"),
    (
        proof.CHANGED,
        "number 3",
        f"""
        DELETE FROM audit_entries {THIRD};
        UPDATE audit_entries SET sealed_seq = 3 WHERE sealed_seq = 4
        """,
    ),
    (proof.MISPLACED, "number 0", f"UPDATE audit_entries SET sealed_seq = 0 {THIRD}"),
    (
        proof.ERASED,
        "number 3",
        f"""
        UPDATE audit_entries SET details = NULL, salt = NULL,
               erased_by = '00000000-0000-0000-0000-000000000001' {THIRD}
        """,
    ),
    (
        proof.ERASED,
        "number 3",
        f"""
        UPDATE audit_entries SET details = NULL, salt = NULL,
               erased_by = (SELECT min(id::text)::uuid FROM audit_entries) {THIRD}
        """,
    ),
    (proof.HEAD, "the head", "UPDATE audit_head SET seal = sha256('x')"),
    (proof.HEAD, "the head", "DELETE FROM audit_head"),
    (
        proof.UNSEALED,
        "unsealed",
        f"""
        UPDATE audit_entries SET sealed_seq = NULL, seal = NULL,
               recorded_at = recorded_at - interval '11 minutes' {LAST}
        """,
    ),
    (proof.UNTOLD, "proposed at", "DELETE FROM audit_entries WHERE action = 'proposeTransfer'"),
    (proof.UNTOLD, "decided at", "DELETE FROM audit_entries WHERE action = 'acceptTransfer'"),
    (proof.TRANSFER, "number 1", "UPDATE transfers SET amount = 1 WHERE state = 'completed'"),
    (
        proof.TRANSFER,
        "number 3",
        "DELETE FROM idempotency_keys; DELETE FROM transfers WHERE state = 'initiated'",
    ),
]
"""What is found, where, and what was done. Number 1 proposes a transfer, 2 accepts it, 3 proposes
another, and 4 proposes one that is refused."""


@pytest.fixture
async def community(empty_database: Database, empty_settings: Settings) -> tuple[Member, Member]:
    """Two members who have traded; what they did is sealed."""
    ana, ben = await make_member(empty_database), await make_member(empty_database)
    app = create_app(empty_settings)
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as graphql:
        trading = Trading(graphql)
        await trading.pay(ana, ben, "30.00")
        await trading.proposed(ana, ben, "5.00")
        await trading.propose(ana, ben, "1000000.00")
    await seal_all(empty_database)
    return ana, ben


@pytest.fixture
async def tamper(empty_settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A connection of a superuser, whose changes no trigger sees."""
    async with as_superuser(empty_settings) as connection:
        yield connection


async def differences(database: Database, *, kept: bytes | None = None) -> list[Difference]:
    async with database.snapshot() as session:
        found = await proof.check_trail(session, progress=_quiet, kept=kept)
    return found.differences


def _quiet(_what: str, _done: int, _of: int) -> None:
    """Nobody looks on."""


@pytest.mark.usefixtures("community")
@pytest.mark.parametrize(("what", "where", "statement"), TAMPERINGS)
async def test_tampering_is_found_and_named(
    empty_database: Database, tamper: asyncpg.Connection, what: str, where: str, statement: str
) -> None:
    await tamper.execute(statement)

    found = await differences(empty_database)

    assert [each for each in found if each.what == what and where in each.subject], found


@pytest.mark.usefixtures("community")
async def test_one_changed_entry_is_one_difference(
    empty_database: Database, tamper: asyncpg.Connection
) -> None:
    id_ = await tamper.fetchval(f"UPDATE audit_entries SET refusal = 'X' {THIRD} RETURNING id")

    (found,) = await differences(empty_database)

    assert found.subject == f"entry {id_} (number 3, proposeTransfer)"


@pytest.mark.usefixtures("community")
async def test_rewritten_chain_does_not_lead_to_a_seal_kept_elsewhere(
    empty_database: Database, tamper: asyncpg.Connection
) -> None:
    kept = await tamper.fetchval("SELECT seal FROM audit_head")
    assert await differences(empty_database, kept=kept) == []
    await tamper.execute(
        f"""
        UPDATE audit_entries SET reference = 'x' {THIRD};
        UPDATE audit_entries SET sealed_seq = NULL, seal = NULL;
        UPDATE audit_head SET sealed_seq = 0, seal = decode(repeat('00', 32), 'hex');
        """
    )
    await seal_all(empty_database)

    assert await differences(empty_database) == []
    (found,) = await differences(empty_database, kept=kept)
    assert (found.what, found.subject) == (proof.NOT_IN_CHAIN, kept.hex())


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE postings SET amount = 1 WHERE amount > 0", "A posting is not what its transfer"),
        ("DELETE FROM postings WHERE amount > 0", "A posting is not what its transfer says"),
    ],
)
async def test_posting_that_was_tampered_with_is_named(
    empty_database: Database,
    tamper: asyncpg.Connection,
    community: tuple[Member, Member],
    statement: str,
    what: str,
) -> None:
    _ana, ben = community
    transfer_id = await tamper.fetchval("SELECT transfer_id FROM postings LIMIT 1")
    await tamper.execute(statement)

    found = (await prove(empty_database, progress=lambda _check: None)).differences

    (named,) = [each.subject for each in found if each.what.startswith(what)]
    assert named.startswith(f"transfer {transfer_id}, account {ben.account_number}")


@pytest.mark.usefixtures("community")
async def test_trail_as_it_was_written_is_whole(empty_database: Database) -> None:
    proved = await prove(empty_database, progress=lambda _check: None)

    assert proved.holds
    assert proved.trail.entries == 4
    assert proved.trail.seal != FIRST_SEAL


async def test_empty_trail_is_whole(empty_database: Database) -> None:
    assert await differences(empty_database) == []


async def test_past_that_was_loaded_needs_no_entries(empty_database: Database) -> None:
    """What is older than the trail is known by the one entry of loading it."""
    ana, ben = await make_member(empty_database), await make_member(empty_database)
    async with empty_database.writing() as session:
        session.add(_transfer(ana, ben, days_ago=1))
        await summarise(session, Deed("seed", SYSTEM), reason="A town")

    assert await differences(empty_database) == []


async def test_batches_bound_what_is_in_memory(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "BATCH", 2)
    await _write_entries(empty_database, 5)
    await seal_all(empty_database)
    steps: list[tuple[int, int]] = []

    async with empty_database.snapshot() as session:
        found = await proof.check_trail(
            session, progress=lambda _what, done, of: steps.append((done, of))
        )
        assert not list(session.sync_session.identity_map.values())[1:]  # the head alone

    assert (found.differences, found.entries) == ([], 5)
    assert steps == [(2, 5), (4, 5), (5, 5)]


async def test_sealers_at_the_same_moment_make_one_chain(empty_database: Database) -> None:
    async def write_and_seal() -> None:
        for _ in range(10):
            await _write_entries(empty_database, 1)
            async with empty_database.writing() as session:
                await seal_next(session)

    await asyncio.gather(*(write_and_seal() for _ in range(4)))
    await seal_all(empty_database)

    assert await differences(empty_database) == []
    async with empty_database.reading() as session:
        by_number = select(AuditEntry.sealed_seq).order_by(AuditEntry.sealed_seq)
        numbers = list(await session.scalars(by_number))
        head = await session.scalar(select(AuditHead.sealed_seq))
    assert numbers == list(range(1, 41))
    assert head == 40


async def test_erasing_while_others_seal_keeps_the_chain(empty_database: Database) -> None:
    """The hash of the details is sealed, not the details."""
    await _write_entries(empty_database, 30)
    async with empty_database.reading() as session:
        *ids, last = await session.scalars(select(AuditEntry.id).order_by(AuditEntry.id))

    async def erase(id_: Any) -> None:
        async with empty_database.writing() as session:
            erased = update(AuditEntry).where(AuditEntry.id == id_)
            await session.execute(erased.values(details=None, salt=None, erased_by=last))

    await asyncio.gather(seal_all(empty_database), *map(erase, ids))
    await seal_all(empty_database)

    assert await differences(empty_database) == []


async def _write_entries(database: Database, count: int) -> None:
    for _ in range(count):
        async with database.writing() as session:
            await summarise(session, Deed("nothing", SYSTEM), reason="To have an entry")


def _transfer(payer: Member, payee: Member, *, days_ago: int) -> Transfer:
    return Transfer(
        payer_id=payer.entity_id,
        payee_id=payee.entity_id,
        initiator_id=payer.entity_id,
        payer_name="Payer",
        payee_name="Payee",
        amount=100,
        proposed_by=payer.user_id,
        proposed_at=datetime.now(UTC) - timedelta(days=days_ago),
    )
