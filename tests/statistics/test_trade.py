"""What counts as trade, and what is made of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mccs_graphql.db.models import Canceller, TransferState
from mccs_graphql.domain.statistics.period import Period
from mccs_graphql.domain.statistics.suppression import Figure
from mccs_graphql.domain.statistics.values import Waits
from tests.statistics.ledger import HOUR, SPRING, Ledger, on


class TestTurnover:
    async def test_what_completed_in_the_period_is_summed(self, ledger: Ledger) -> None:
        town = await ledger.members(5)
        await ledger.ring(town, 1_000, on(3, 5))
        await ledger.ring(town, 50, on(4, 30))

        assert (await ledger.measured()).trade.turnover == 5_250

    async def test_what_completed_before_it_or_at_its_end_is_left_out(self, ledger: Ledger) -> None:
        town = await ledger.members(5)
        await ledger.ring(town, 20, SPRING.since - timedelta.resolution)
        await ledger.ring(town, 1_000, SPRING.since)
        await ledger.ring(town, 3, SPRING.until)

        assert (await ledger.measured()).trade.turnover == 5_000

    async def test_reversal_and_what_it_takes_back_are_left_out(self, ledger: Ledger) -> None:
        town = await ledger.members(5)
        await ledger.ring(town, 1_000, on(3, 5))
        id_ = await ledger.pay(town[0], town[1], 700, on(3, 6))
        await ledger.reverse(id_, on(4, 6))

        assert (await ledger.measured()).trade.turnover == 5_000

    async def test_what_was_reversed_after_the_period_is_counted_in_it(
        self, ledger: Ledger
    ) -> None:
        town = await ledger.members(5)
        await ledger.ring(town, 1_000, on(3, 5))
        id_ = await ledger.pay(town[0], town[1], 700, on(3, 6))
        await ledger.reverse(id_, SPRING.until)

        assert (await ledger.measured()).trade.turnover == 5_700

    async def test_transfer_that_an_admin_made_is_counted(self, ledger: Ledger) -> None:
        town = await ledger.members(5)
        by_admin: dict[str, Any] = {"admin_id": ledger.admin_id, "admin_reason": "On paper."}
        await ledger.ring(town, 1_000, on(3, 5), waited=timedelta(), **by_admin)

        assert (await ledger.measured()).trade.turnover == 5_000

    async def test_what_settles_the_balance_of_a_deleted_entity_is_left_out(
        self, ledger: Ledger
    ) -> None:
        town, leaver = await ledger.members(5), (await ledger.members(1))[0]
        await ledger.ring([*town, leaver], 1_000, on(3, 5))
        await ledger.pay(town[0], leaver, 200, on(3, 6))
        await ledger.delete(leaver, on(4, 1), settle_with=town[1])

        assert (await ledger.measured()).trade.turnover == 6_200

    @pytest.mark.parametrize("by", [Canceller.RECEIVER, Canceller.INITIATOR, Canceller.SYSTEM])
    async def test_what_did_not_complete_is_left_out(self, ledger: Ledger, by: Canceller) -> None:
        town = await ledger.members(5)
        await ledger.ring(town, 1_000, on(3, 5))
        await ledger.cancel(await ledger.propose(town[0], town[1], 9, on(3, 6)), on(3, 7), by)
        await ledger.propose(town[0], town[1], 9, on(3, 6))

        assert (await ledger.measured()).trade.turnover == 5_000

    async def test_each_month_of_the_period_has_its_own(self, ledger: Ledger) -> None:
        town = await ledger.members(5)
        await ledger.ring(town, 1_000, on(3, 5))
        await ledger.ring(town, 50, on(4, 30, 23))
        year = Period(on(3, 2, 0), on(6, 2, 0))

        assert list((await ledger.measured(year)).trade.by_month.items()) == [
            (datetime(2026, 3, 1, tzinfo=UTC), 5_000),
            (datetime(2026, 4, 1, tzinfo=UTC), 250),
            (datetime(2026, 5, 1, tzinfo=UTC), 0),
            (datetime(2026, 6, 1, tzinfo=UTC), 0),
        ]

    async def test_share_of_the_ten_that_were_paid_most(self, ledger: Ledger) -> None:
        town = await ledger.members(15)
        await ledger.ring(town, 100, on(3, 5))
        for payee in town[:3]:
            await ledger.pay(town[-1], payee, 500, on(3, 6))

        # Three have 600 and seven of the others 100 of 3,000.
        assert (await ledger.measured()).trade.top_ten_share == 0.8333

    async def test_velocity_is_the_turnover_of_a_year_by_the_credit_in_use(
        self, ledger: Ledger
    ) -> None:
        town = await ledger.members(10)
        for payer, payee in zip(town[:5], town[5:], strict=True):
            await ledger.pay(payer, payee, 1_000, on(3, 5))

        # 50.00 in 61 days, and 50.00 are owed.
        assert (await ledger.measured()).velocity == round(365.25 / 61, 4)

    async def test_without_credit_in_use_there_is_no_velocity(self, ledger: Ledger) -> None:
        await ledger.ring(await ledger.members(5), 1_000, on(3, 5))

        found = await ledger.measured()

        assert found.velocity is None
        assert Figure.VELOCITY not in found.suppressed


class TestProposals:
    async def test_states_are_those_when_the_period_ended(self, ledger: Ledger) -> None:
        town = await ledger.members(5)
        await ledger.ring(town, 100, on(3, 5))
        await ledger.ring(town, 100, SPRING.until, waited=HOUR)
        pairs = list(zip(town, [*town[1:], town[0]], strict=True))
        for pair in pairs * 2:
            await ledger.cancel(await ledger.propose(*pair, 1, on(4, 6)), on(4, 7))

        assert (await ledger.measured()).transfers == {
            TransferState.INITIATED: 5,
            TransferState.COMPLETED: 5,
            TransferState.CANCELLED: 10,
        }

    async def test_what_no_member_proposed_in_the_period_is_left_out(self, ledger: Ledger) -> None:
        town = await ledger.members(5)
        await ledger.ring(town, 100, SPRING.since, waited=HOUR)
        await ledger.ring(town, 100, on(3, 5))
        by_admin: dict[str, Any] = {"admin_id": ledger.admin_id, "admin_reason": "On paper."}
        await ledger.ring(town, 100, on(3, 6), waited=timedelta(), **by_admin)
        await ledger.pay(town[0], town[1], 100, on(3, 8))
        await ledger.delete(town[1], on(4, 1), settle_with=town[0])

        assert (await ledger.measured()).transfers[TransferState.COMPLETED] == 6

    async def test_decisions_of_members_are_timed(self, ledger: Ledger) -> None:
        town = await ledger.members(6)
        for hours, pair in enumerate(zip(town, [*town[1:], town[0]], strict=True), start=1):
            await ledger.pay(*pair, 100, on(3, 5), waited=hours * HOUR)
        rejected, withdrawn = [
            await ledger.propose(town[0], town[1], 1, on(4, 6, 0)) for _ in range(2)
        ]
        await ledger.cancel(rejected, on(4, 6, 7))
        await ledger.cancel(withdrawn, on(4, 8), Canceller.INITIATOR)
        await ledger.cancel(
            await ledger.propose(town[0], town[1], 1, on(4, 6, 0)), on(4, 6, 8), Canceller.SYSTEM
        )
        by_admin: dict[str, Any] = {"admin_id": ledger.admin_id, "admin_reason": "On paper."}
        await ledger.pay(town[0], town[1], 1, on(4, 7), waited=timedelta(), **by_admin)

        # One to eight hours: half of the way from 4 to 5, three tenths of that from 7 to 8.
        expected = Waits(median=round(4.5 * 3600), p90=round(7.3 * 3600))
        assert (await ledger.measured()).decisions == expected
