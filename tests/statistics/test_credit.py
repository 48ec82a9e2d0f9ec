"""Balances and limits when the period ended."""

from datetime import timedelta

from mccs_graphql.db.models import EntityStatus
from mccs_graphql.domain.ledger.books import check_books
from mccs_graphql.domain.statistics.figures import measure
from mccs_graphql.domain.statistics.period import Period
from tests.statistics.ledger import SPRING, Ledger, on

AMOUNTS = (100, 200, 300, 400, 1_000)


async def test_credit_in_use_is_what_was_owed_when_the_period_ended(ledger: Ledger) -> None:
    town = await ledger.members(10)
    for payer, payee, amount in zip(town[:5], town[5:], AMOUNTS, strict=True):
        await ledger.pay(payer, payee, amount, on(2, 5))
    await ledger.pay(town[5], town[0], 40, SPRING.until - timedelta.resolution)
    await ledger.pay(town[0], town[5], 7, SPRING.until)

    assert (await ledger.measured()).credit.in_use == 1_960


async def test_credit_in_use_is_what_the_books_say(ledger: Ledger) -> None:
    town = await ledger.members(10)
    for payer, payee, amount in zip(town[:5], town[5:], AMOUNTS, strict=True):
        await ledger.reverse(await ledger.pay(payer, payee, amount, on(3, 5)), on(3, 6))
        await ledger.pay(payer, payee, amount, on(4, 5))

    async with ledger.database.snapshot() as session:
        found = await measure(session, SPRING)
        books = await check_books(session, progress=lambda _check: None)

    assert books.balanced
    assert found.credit.in_use == found.trade.turnover == sum(AMOUNTS)


async def test_credit_allowed_is_that_of_those_who_trade(ledger: Ledger) -> None:
    await ledger.members(5, floor=3_000)
    await ledger.members(5, floor=9_000, status=EntityStatus.ACCEPTED)
    await ledger.members(5, floor=9_000, joined=SPRING.until)

    assert (await ledger.measured()).credit.allowed == 15_000


async def test_credit_allowed_is_that_of_the_end_of_the_period(ledger: Ledger) -> None:
    town = await ledger.members(5, floor=3_000)
    await ledger.limit(town[0], 4_000, on(4, 1))
    await ledger.limit(town[1], 9_000, SPRING.until)

    assert (await ledger.measured()).credit.allowed == 16_000


async def test_who_owes_or_holds_all_they_may_is_at_the_limit(ledger: Ledger) -> None:
    payers = await ledger.members(5, floor=1_000)
    payees = await ledger.members(6, ceiling=1_000)
    for payer, payee in zip(payers, payees[:5], strict=True):
        await ledger.pay(payer, payee, 1_000, on(3, 5))
    await ledger.members(7, floor=0)

    credit = (await ledger.measured()).credit

    assert (credit.at_max_negative, credit.at_max_positive) == (5, 5)


async def test_gini_of_positive_balances(ledger: Ledger) -> None:
    town = await ledger.members(6)
    for payee, amount in zip(town[1:], AMOUNTS, strict=True):
        await ledger.pay(town[0], payee, amount, on(3, 5))
    spread = sum(abs(one - other) for one in AMOUNTS for other in AMOUNTS)

    assert (await ledger.measured()).credit.gini == round(spread / (2 * 5 * sum(AMOUNTS)), 4)


async def test_equal_balances_have_a_gini_of_zero(ledger: Ledger) -> None:
    town = await ledger.members(6)
    for payee in town[1:]:
        await ledger.pay(town[0], payee, 100, on(3, 5))

    assert (await ledger.measured()).credit.gini == 0


async def test_share_of_the_ten_largest_balances(ledger: Ledger) -> None:
    town = await ledger.members(16, ceiling=100_000, floor=100_000)
    for number, payee in enumerate(town[1:]):
        await ledger.pay(town[0], payee, 300 if number < 2 else 100, on(3, 5))

    # Two have 300 and eight of the others 100 of 1,900.
    assert (await ledger.measured()).credit.top_ten_share == round(1_400 / 1_900, 4)


async def test_what_deleted_entities_owed_or_held_then_is_counted(ledger: Ledger) -> None:
    town = await ledger.members(10)
    for payer, payee, amount in zip(town[:5], town[5:], AMOUNTS, strict=True):
        await ledger.pay(payer, payee, amount, on(3, 5))
    await ledger.delete(town[9], on(6, 1), settle_with=town[8])

    assert (await ledger.measured()).credit.gini == 0.4
    summer = await ledger.measured(Period(on(6, 1), on(7, 1)))
    assert (summer.credit.in_use, summer.credit.gini) == (None, None)
