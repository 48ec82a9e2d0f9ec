"""What PostgreSQL itself refuses, whoever writes: plain SQL over a connection of its own."""

# ruff: noqa: S608 - the statements are put together from this file's own texts

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Entity
from mccs_graphql.schema.ids import IdPrefix, encode_id, id_of
from mccs_graphql.settings import Settings
from tests.factories import MakeMember, Member
from tests.trading import Trading

AMOUNT = 1000
COMPLETE = "UPDATE transfers SET state = 'completed', decided_at = now() WHERE id = $1"
INSERT_TRANSFER = """
    INSERT INTO transfers (id, payer_id, payee_id, initiator_id, payer_name, payee_name, amount,
                           description, state, decided_at, proposed_by)
    VALUES ($1, $2, $3, $4, 'Ana', 'Ben', $5, '', $6, $7, $8)
"""
POST = """
    WITH moved AS (
        UPDATE accounts SET balance = balance + $2, posting_count = posting_count + 1
         WHERE entity_id = $1 RETURNING *
    )
    INSERT INTO postings (entity_id, number, transfer_id, amount, balance_after)
    SELECT entity_id, posting_count + $4, $3, $2, balance + $5 FROM moved
"""

OPEN_ACCOUNT = """
    INSERT INTO accounts (entity_id, account_number, balance, max_negative_balance,
                          max_positive_balance, posting_count, event_seq)
    VALUES ($1, $2, $3, 100, 100, 0, 0)
"""
INSERT_ADMIN = "INSERT INTO admins (user_id, role) VALUES ($1, 'AUDITOR')"
IS_BLOCKED = "SELECT pg_blocking_pids($1) <> '{}'"
INSERT_MEMBERSHIP = "INSERT INTO memberships (user_id, entity_id) VALUES ($1, $2)"
INSERT_USER = """
    INSERT INTO users (id, email, password_hash, first_name, last_name, telephone)
    VALUES ($1, $2, '!', '', '', '')
"""

FOLLOW_LAST_POSTING = """
    UPDATE accounts a SET balance = p.balance_after, posting_count = p.number
      FROM (SELECT * FROM postings WHERE entity_id = $1 ORDER BY number DESC LIMIT 1) p
     WHERE a.entity_id = p.entity_id
"""


@dataclass(frozen=True)
class Books:
    """Two members, and transfers of ``AMOUNT`` from Ana to Ben: an open one and a completed one."""

    ana: Member
    ben: Member
    open: UUID
    completed: UUID


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Any]:
    """A connection that knows nothing of the application, of the role that owns the tables."""
    url = make_url(settings.owner_url).set(drivername="postgresql")
    connection = await asyncpg.connect(url.render_as_string(hide_password=False))
    yield connection
    await connection.close()


@pytest.fixture
async def sql(settings: Settings) -> AsyncIterator[Any]:
    """Such a connection for the test."""
    async with connected(settings) as connection:
        yield connection


@pytest.fixture
async def books(make: MakeMember, trading: Trading) -> Books:
    ana, ben = await make(), await make()
    completed = await trading.pay(ana, ben, "10.00")
    proposed = await trading.proposed(ana, ben, "10.00")
    return Books(ana, ben, id_of(IdPrefix.TRANSFER, proposed), id_of(IdPrefix.TRANSFER, completed))


@dataclass(frozen=True)
class Line:
    """A posting; its number skips so many, the balance after it is off by so much."""

    member: Member
    amount: int
    skip: int = 0
    off: int = 0


async def write(sql: Any, transfer: UUID, *lines: Line, complete: bool = True) -> None:
    """What an acceptance writes, in one unit; each balance is what the last line says."""
    async with sql.transaction():
        if complete:
            await sql.execute(COMPLETE, transfer)
        for line in lines:
            id_ = line.member.entity_id
            await sql.execute(POST, id_, line.amount, transfer, line.skip, line.off)
            await sql.execute(FOLLOW_LAST_POSTING, id_)


class TestPostings:
    async def test_sum_other_than_zero_is_refused_at_the_commit(
        self, sql: Any, books: Books
    ) -> None:
        unit = sql.transaction()
        await unit.start()
        await write(sql, books.open, Line(books.ana, -AMOUNT), Line(books.ben, AMOUNT - 1))

        with pytest.raises(asyncpg.CheckViolationError, match="sum to -1, not to zero"):
            await unit.commit()

    async def test_completed_transfer_without_postings_is_refused(
        self, sql: Any, books: Books
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError, match="do not say what the transfer says"):
            await write(sql, books.open)

    async def test_postings_of_an_open_transfer_are_refused(self, sql: Any, books: Books) -> None:
        lines = (Line(books.ana, -AMOUNT), Line(books.ben, AMOUNT))
        with pytest.raises(asyncpg.CheckViolationError, match="do not say what the transfer says"):
            await write(sql, books.open, *lines, complete=False)

    async def test_second_postings_of_a_completed_transfer_are_refused(
        self, sql: Any, books: Books
    ) -> None:
        lines = (Line(books.ana, -AMOUNT), Line(books.ben, AMOUNT))
        with pytest.raises(asyncpg.CheckViolationError, match="do not say what the transfer says"):
            await write(sql, books.completed, *lines, complete=False)

    async def test_postings_between_other_accounts_are_refused(
        self, sql: Any, books: Books, make: MakeMember
    ) -> None:
        lines = (Line(await make(), -AMOUNT), Line(await make(), AMOUNT))
        with pytest.raises(asyncpg.CheckViolationError, match="do not say what the transfer says"):
            await write(sql, books.open, *lines)

    async def test_postings_from_payee_to_payer_are_refused(self, sql: Any, books: Books) -> None:
        lines = (Line(books.ana, AMOUNT), Line(books.ben, -AMOUNT))
        with pytest.raises(asyncpg.CheckViolationError, match="do not say what the transfer says"):
            await write(sql, books.open, *lines)

    @pytest.mark.parametrize("mistake", [{"skip": 1}, {"off": 1}])
    async def test_posting_that_does_not_follow_the_one_before_is_refused(
        self, sql: Any, books: Books, mistake: dict[str, int]
    ) -> None:
        lines = (Line(books.ana, -AMOUNT), Line(books.ben, AMOUNT, **mistake))
        with pytest.raises(asyncpg.CheckViolationError, match="does not follow the one before"):
            await write(sql, books.open, *lines)

    async def test_number_is_given_once(self, sql: Any, books: Books) -> None:
        with pytest.raises(asyncpg.UniqueViolationError, match="pk_postings"):
            await write(sql, books.open, Line(books.ana, -AMOUNT, skip=-1))

    async def test_line_of_nothing_is_refused(self, sql: Any, books: Books) -> None:
        with pytest.raises(asyncpg.CheckViolationError, match="ck_postings_amount"):
            await write(sql, books.open, Line(books.ana, 0))

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE postings SET amount = amount * 2 WHERE transfer_id = $1",
            "UPDATE postings SET posted_at = now() WHERE transfer_id = $1",
            "DELETE FROM postings WHERE transfer_id = $1",
        ],
    )
    async def test_change_is_refused(self, sql: Any, books: Books, change: str) -> None:
        with pytest.raises(asyncpg.RestrictViolationError, match="of postings is refused"):
            await sql.execute(change, books.completed)

    async def test_an_acceptance_written_by_hand_is_taken(self, sql: Any, books: Books) -> None:
        await write(sql, books.open, Line(books.ana, -AMOUNT), Line(books.ben, AMOUNT))

        balance = "SELECT balance FROM accounts WHERE entity_id = $1"
        assert await sql.fetchval(balance, books.ben.entity_id) == 2 * AMOUNT


@pytest.mark.parametrize("table", ["postings", "transfers", "accounts"])
async def test_truncate_is_refused(sql: Any, table: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match=r"TRUNCATE of .* is refused"):
        await sql.execute(f"TRUNCATE {table} CASCADE")


class TestAccounts:
    @pytest.mark.parametrize(
        "change",
        [
            "balance = -max_negative_balance - 1",
            "balance = max_positive_balance + 1",
            "max_negative_balance = 999",
        ],
    )
    async def test_balance_out_of_its_limits_is_refused(
        self, sql: Any, books: Books, change: str
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError, match="out of its limits"):
            await sql.execute(
                f"UPDATE accounts SET {change} WHERE entity_id = $1", books.ana.entity_id
            )

    @pytest.mark.parametrize("change", ["balance = balance + 1", "posting_count = 7"])
    async def test_move_without_a_posting_is_refused_at_the_commit(
        self, sql: Any, books: Books, change: str
    ) -> None:
        unit = sql.transaction()
        await unit.start()
        await sql.execute(f"UPDATE accounts SET {change} WHERE entity_id = $1", books.ana.entity_id)

        with pytest.raises(asyncpg.CheckViolationError, match="not what its postings say"):
            await unit.commit()

    async def test_account_that_begins_with_a_balance_is_refused(
        self, sql: Any, database: Database
    ) -> None:
        async with database.writing() as session:
            session.add(entity := Entity(name="Without account"))

        with pytest.raises(asyncpg.CheckViolationError, match="not what its postings say"):
            await sql.execute(OPEN_ACCOUNT, entity.id, "0000000000000000", 5)

    @pytest.mark.parametrize("number", ["123", "12345678901234567", "123456789012345a"])
    async def test_number_that_is_not_sixteen_digits_is_refused(
        self, sql: Any, books: Books, number: str
    ) -> None:
        with pytest.raises(asyncpg.PostgresError, match=r"ck_accounts_account_number|too long"):
            await sql.execute(
                "UPDATE accounts SET account_number = $2 WHERE entity_id = $1",
                books.ana.entity_id,
                number,
            )

    async def test_number_of_another_account_is_refused(self, sql: Any, books: Books) -> None:
        with pytest.raises(asyncpg.UniqueViolationError, match="uq_accounts_account_number"):
            await sql.execute(
                "UPDATE accounts SET account_number = $2 WHERE entity_id = $1",
                books.ana.entity_id,
                books.ben.account_number,
            )

    async def test_delete_is_refused(self, sql: Any, books: Books) -> None:
        with pytest.raises(asyncpg.RestrictViolationError, match="DELETE of accounts is refused"):
            await sql.execute("DELETE FROM accounts WHERE entity_id = $1", books.ana.entity_id)


class TestTransfers:
    @pytest.mark.parametrize("amount", [0, -1, 10**15])
    async def test_amount_out_of_range_is_refused(
        self, sql: Any, books: Books, amount: int
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError, match="ck_transfers_amount"):
            await insert_transfer(sql, books, amount=amount)

    async def test_transfer_with_itself_is_refused(self, sql: Any, books: Books) -> None:
        with pytest.raises(asyncpg.CheckViolationError, match="ck_transfers_two_entities"):
            await insert_transfer(sql, books, payee=books.ana)

    async def test_initiator_who_is_neither_side_is_refused(
        self, sql: Any, books: Books, make: MakeMember
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError, match="ck_transfers_initiator"):
            await insert_transfer(sql, books, initiator=await make())

    @pytest.mark.parametrize("state", ["completed", "cancelled"])
    async def test_transfer_that_begins_decided_is_refused(
        self, sql: Any, books: Books, state: str
    ) -> None:
        with pytest.raises(asyncpg.RestrictViolationError, match="must begin as initiated"):
            await insert_transfer(sql, books, state=state)

    @pytest.mark.parametrize(
        "second",
        [
            "state = 'cancelled', cancelled_by = 'receiver'",
            "state = 'initiated', decided_at = NULL",
            "decided_at = now()",
            "cancellation_reason = 'On second thoughts'",
        ],
    )
    async def test_second_decision_is_refused(self, sql: Any, books: Books, second: str) -> None:
        with pytest.raises(asyncpg.RestrictViolationError, match="is decided: completed"):
            await sql.execute(f"UPDATE transfers SET {second} WHERE id = $1", books.completed)

    async def test_completing_what_was_cancelled_is_refused(
        self, sql: Any, books: Books, trading: Trading
    ) -> None:
        await trading.cancel(books.ana, encode_id(IdPrefix.TRANSFER, books.open))

        with pytest.raises(asyncpg.RestrictViolationError, match="is decided: cancelled"):
            await sql.execute(COMPLETE, books.open)

    @pytest.mark.parametrize(
        "change",
        [
            "amount = 1",
            "description = 'Something else'",
            "payer_id = payee_id, payee_id = payer_id",
            "initiator_id = payee_id",
            "payer_name = 'Somebody else'",
            "payee_name = 'Somebody else'",
            "proposed_at = now()",
            "proposed_with = gen_random_uuid()",
        ],
    )
    async def test_change_of_what_was_proposed_is_refused(
        self, sql: Any, books: Books, change: str
    ) -> None:
        with pytest.raises(asyncpg.RestrictViolationError, match=r"what was proposed .* never"):
            await sql.execute(f"UPDATE transfers SET {change} WHERE id = $1", books.open)

    @pytest.mark.parametrize(
        ("decision", "constraint"),
        [
            ("decided_at = now()", "decided_at"),
            ("state = 'cancelled', cancelled_by = 'receiver'", "decided_at"),
            ("state = 'cancelled', decided_at = now()", "canceller"),
            ("cancelled_by = 'receiver'", "canceller"),
            (
                "state = 'cancelled', decided_at = now(), cancelled_by = 'system'",
                "reason_of_system",
            ),
            (
                """state = 'cancelled', decided_at = now(), cancelled_by = 'receiver',
                system_reason = 'payerCreditLimit'""",
                "reason_of_system",
            ),
            ("state = 'lost', decided_at = now()", "state"),
        ],
    )
    async def test_decision_that_contradicts_itself_is_refused(
        self, sql: Any, books: Books, decision: str, constraint: str
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError) as refused:
            await sql.execute(f"UPDATE transfers SET {decision} WHERE id = $1", books.open)
        assert refused.value.constraint_name == f"ck_transfers_{constraint}"

    async def test_delete_is_refused(self, sql: Any, books: Books) -> None:
        with pytest.raises(asyncpg.RestrictViolationError, match="DELETE of transfers is refused"):
            await sql.execute("DELETE FROM transfers WHERE id = $1", books.open)


CHANGES_OF_EVENTS = ["kind = 'transferCancelled'", "seq = seq + 100", "told = true, seq = 100"]


@pytest.mark.parametrize("change", CHANGES_OF_EVENTS)
async def test_changed_event_is_refused(sql: Any, books: Books, change: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="UPDATE of events is refused"):
        await sql.execute(f"UPDATE events SET {change} WHERE entity_id = $1", books.ana.entity_id)


async def test_address_in_other_letters_is_refused(sql: Any) -> None:
    name = uuid4().hex

    await sql.execute(INSERT_USER, uuid4(), f"{name}@example.com")
    with pytest.raises(asyncpg.UniqueViolationError, match="uq_users_email"):
        await sql.execute(INSERT_USER, uuid4(), f"{name.upper()}@Example.COM")


async def test_member_cannot_become_an_admin(sql: Any, books: Books) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="belongs to an entity"):
        await sql.execute(INSERT_ADMIN, books.ana.user_id)


async def test_admin_cannot_become_a_member(sql: Any, books: Books) -> None:
    admin_id = await insert_admin(sql)

    with pytest.raises(asyncpg.RestrictViolationError, match="is an admin"):
        await sql.execute(INSERT_MEMBERSHIP, admin_id, books.ana.entity_id)


async def test_of_admin_and_member_at_the_same_moment_one_is_refused(
    sql: Any, settings: Settings, books: Books
) -> None:
    """The second waits for the first, and then sees what it has done."""
    user_id = uuid4()
    await sql.execute(INSERT_USER, user_id, f"{user_id}@example.com")
    async with connected(settings) as other, other.transaction():
        await other.execute(INSERT_MEMBERSHIP, user_id, books.ana.entity_id)
        becoming = asyncio.create_task(sql.execute(INSERT_ADMIN, user_id))
        while not await other.fetchval(IS_BLOCKED, sql.get_server_pid()):
            assert not becoming.done()
    with pytest.raises(asyncpg.RestrictViolationError, match="belongs to an entity"):
        await becoming


async def insert_admin(sql: Any) -> UUID:
    """A user who is an admin."""
    user_id = uuid4()
    await sql.execute(INSERT_USER, user_id, f"{user_id}@example.com")
    await sql.execute(INSERT_ADMIN, user_id)
    return user_id


async def insert_transfer(
    sql: Any,
    books: Books,
    *,
    payee: Member | None = None,
    initiator: Member | None = None,
    amount: int = AMOUNT,
    state: str = "initiated",
) -> None:
    """A new transfer from Ana, which the database should take unless told otherwise."""
    await sql.execute(
        INSERT_TRANSFER,
        uuid4(),
        books.ana.entity_id,
        (payee or books.ben).entity_id,
        (initiator or books.ana).entity_id,
        amount,
        state,
        None if state == "initiated" else datetime.now(UTC),
        books.ana.user_id,
    )
