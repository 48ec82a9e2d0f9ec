"""Nobody is recognised in the figures."""

import pytest

from mccs_graphql.db.models import EntityStatus
from mccs_graphql.domain.statistics.suppression import Figure, hidden
from tests.statistics.ledger import Ledger, on

TOLD_OF_NOBODY = 0


@pytest.mark.parametrize(
    ("entities", "expected"),
    [
        ({}, set()),
        ({"a": 0, "b": 5, "c": 9}, set()),
        ({"a": 1, "b": 9, "c": 5}, {"a", "c"}),
        ({"a": 4, "b": 3, "c": 5, "d": 6}, {"a", "b", "c"}),
        ({"a": 1, "b": 2, "c": 0}, {"a", "b"}),
    ],
    ids=["none", "all large", "one small", "two small", "all small"],
)
def test_small_parts_are_hidden_with_the_smallest_of_the_others(
    entities: dict[str, int], expected: set[str]
) -> None:
    assert hidden(entities) == expected


async def test_community_without_members_has_nothing_to_keep_back(ledger: Ledger) -> None:
    found = await ledger.measured()

    assert found.suppressed == ()
    assert (found.trade.turnover, found.credit.in_use, found.newcomers.joined) == (0, 0, 0)
    assert (found.velocity, found.credit.gini, found.decisions) == (None, None, None)


async def test_few_members_tell_of_nothing(ledger: Ledger) -> None:
    town = await ledger.members(4, floor=1_000, ceiling=1_000, joined=on(3, 2))
    await ledger.ring(town, 100, on(3, 5))
    await ledger.pay(town[0], town[1], 1_000, on(3, 6))

    found = await ledger.measured()

    assert found.suppressed == tuple(Figure)
    told = {*found.members.values(), *found.transfers.values(), *found.trade.by_month.values()}
    assert told == {None, TOLD_OF_NOBODY}
    assert (found.trade.turnover, found.velocity, found.decisions) == (None, None, None)
    assert {*vars(found.credit).values(), *vars(found.newcomers).values()} == {None}


async def test_turnover_of_one_payee_is_kept_back(ledger: Ledger) -> None:
    payee, *payers = await ledger.members(9)
    for payer in payers:
        await ledger.pay(payer, payee, 100, on(3, 5))

    found = await ledger.measured()

    assert found.trade.turnover is None
    assert found.credit.in_use is None


async def test_small_month_cannot_be_had_by_subtraction(ledger: Ledger) -> None:
    town = await ledger.members(5)
    await ledger.ring(town, 100, on(3, 5))
    await ledger.pay(town[0], town[1], 70, on(4, 5))

    trade = (await ledger.measured()).trade

    assert (trade.turnover, [*trade.by_month.values()]) == (570, [None, None])


async def test_few_of_a_status_are_not_told(ledger: Ledger) -> None:
    await ledger.members(1, status=EntityStatus.PENDING)
    await ledger.members(4, status=EntityStatus.ACCEPTED)
    await ledger.members(5)

    assert [*(await ledger.measured()).members.values()] == [None, 0, None, 0, 5, 0]


async def test_share_of_ten_is_not_told_of_fourteen(ledger: Ledger) -> None:
    await ledger.ring(await ledger.members(14), 100, on(3, 5))

    found = await ledger.measured()

    assert found.suppressed == (Figure.TOP_TEN_TURNOVER_SHARE,)
