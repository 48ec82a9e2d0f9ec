"""What PostgreSQL itself refuses of limits and of transfers that admins make."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.settings import Settings
from tests.db.test_guards import connected
from tests.factories import MakeMember, Member
from tests.stewardship import Administration
from tests.trading import Trading

NOTE = """
    INSERT INTO limit_changes (entity_id, number, max_negative_before, max_positive_before,
                               max_negative_after, max_positive_after, reason, forced, changed_by)
    VALUES ($1, 1, 10000, 10000, 2000, 10000, 'Why not', $2, $3)
"""
NARROW = "UPDATE accounts SET max_negative_balance = 2000 WHERE entity_id = $1"
MAKE = """
    INSERT INTO transfers (id, payer_id, payee_id, initiator_id, payer_name, payee_name, amount,
                           description, state, proposed_by, admin_id, admin_reason, reverses_id)
    VALUES ($1, $2, $3, $2, 'Ana', 'Ben', $4, '', 'initiated', $5, $5, 'Why not', $6)
"""


@pytest.fixture
async def sql(settings: Settings) -> AsyncIterator[Any]:
    """A connection that knows nothing of the application."""
    async with connected(settings) as connection:
        yield connection


@pytest.fixture
async def debtor(trading: Trading, make: MakeMember) -> Member:
    """One who owes 50.00, and may owe 100.00."""
    ana = await make()
    await trading.pay(ana, await make(), "50.00")
    return ana


class TestLimits:
    async def test_limits_below_the_balance_without_a_forced_change_are_refused(
        self, sql: Any, debtor: Member
    ) -> None:
        unit = sql.transaction()
        await unit.start()
        await sql.execute(NOTE, debtor.entity_id, False, debtor.user_id)

        with pytest.raises(asyncpg.CheckViolationError, match="out of its limits"):
            await sql.execute(NARROW, debtor.entity_id)
        await unit.rollback()

    async def test_move_away_from_forced_limits_is_refused(self, sql: Any, debtor: Member) -> None:
        async with sql.transaction():
            await sql.execute(NOTE, debtor.entity_id, True, debtor.user_id)
            await sql.execute(NARROW, debtor.entity_id)

        with pytest.raises(asyncpg.CheckViolationError, match="out of its limits"):
            await sql.execute(
                "UPDATE accounts SET balance = balance - 1 WHERE entity_id = $1", debtor.entity_id
            )

    async def test_change_that_the_account_does_not_follow_is_refused_at_the_commit(
        self, sql: Any, debtor: Member
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError, match="not what their last change says"):
            await sql.execute(NOTE, debtor.entity_id, True, debtor.user_id)

    @pytest.mark.parametrize("change", ["UPDATE limit_changes SET reason = 'Other'", "DELETE FROM"])
    async def test_history_never_changes(
        self, sql: Any, administration: Administration, make: MakeMember, change: str
    ) -> None:
        await administration.change_limits(ana := await make(), "1.00", "1.00")
        statement = change.replace("DELETE FROM", "DELETE FROM limit_changes")

        with pytest.raises(asyncpg.RestrictViolationError, match="limit_changes is refused"):
            await sql.execute(f"{statement} WHERE entity_id = $1", ana.entity_id)


class TestTransfers:
    async def test_transfer_of_an_admin_that_stays_open_is_refused_at_the_commit(
        self, sql: Any, make: MakeMember
    ) -> None:
        ana, ben = await make(), await make()

        with pytest.raises(asyncpg.CheckViolationError, match="do not say what the transfer says"):
            await sql.execute(MAKE, uuid4(), ana.entity_id, ben.entity_id, 1, ana.user_id, None)

    @pytest.mark.parametrize("amount", [999, 1001])
    async def test_reversal_of_another_amount_is_refused(
        self, sql: Any, trading: Trading, make: MakeMember, amount: int
    ) -> None:
        ana, ben = await make(), await make()
        id_ = id_of(IdPrefix.TRANSFER, await trading.pay(ana, ben, "10.00"))
        sides = (ben.entity_id, ana.entity_id)

        with pytest.raises(asyncpg.RestrictViolationError, match="does not reverse"):
            await sql.execute(MAKE, uuid4(), *sides, amount, ana.user_id, id_)

    async def test_reversal_the_same_way_is_refused(
        self, sql: Any, trading: Trading, make: MakeMember
    ) -> None:
        ana, ben = await make(), await make()
        id_ = id_of(IdPrefix.TRANSFER, await trading.pay(ana, ben, "10.00"))
        sides = (ana.entity_id, ben.entity_id)

        with pytest.raises(asyncpg.RestrictViolationError, match="does not reverse"):
            await sql.execute(MAKE, uuid4(), *sides, 1000, ana.user_id, id_)

    async def test_second_reversal_is_refused(
        self, sql: Any, administration: Administration, trading: Trading, make: MakeMember
    ) -> None:
        ana, ben = await make(), await make()
        paid = await trading.pay(ana, ben, "10.00")
        await administration.reverse(paid)
        values = (ben.entity_id, ana.entity_id, 1000, ana.user_id, id_of(IdPrefix.TRANSFER, paid))

        with pytest.raises(asyncpg.UniqueViolationError, match="uq_transfers_reverses_id"):
            await sql.execute(MAKE, uuid4(), *values)

    async def test_proposal_does_not_become_an_admins(
        self, sql: Any, trading: Trading, make: MakeMember
    ) -> None:
        ana = await make()
        id_ = id_of(IdPrefix.TRANSFER, await trading.proposed(ana, await make()))

        with pytest.raises(asyncpg.RestrictViolationError, match=r"what was proposed .* never"):
            await sql.execute(
                "UPDATE transfers SET admin_id = $2, admin_reason = 'x' WHERE id = $1",
                id_,
                ana.user_id,
            )
