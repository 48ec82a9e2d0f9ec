"""Members by status, and those who joined."""

from datetime import timedelta

from mccs_graphql.db.models import EntityStatus
from mccs_graphql.domain.statistics.values import Newcomers, Waits
from tests.statistics.ledger import SPRING, Ledger, on


async def test_members_are_counted_by_the_status_they_have(ledger: Ledger) -> None:
    await ledger.members(5)
    await ledger.members(6, status=EntityStatus.PENDING)
    await ledger.members(7, status=EntityStatus.TRADING_PENDING)

    found = (await ledger.measured()).members

    assert list(found.items()) == [
        (EntityStatus.PENDING, 6),
        (EntityStatus.REJECTED, 0),
        (EntityStatus.ACCEPTED, 0),
        (EntityStatus.TRADING_PENDING, 7),
        (EntityStatus.TRADING_ACCEPTED, 5),
        (EntityStatus.TRADING_REJECTED, 0),
    ]


async def test_deleted_entities_are_no_members(ledger: Ledger) -> None:
    town = await ledger.members(8)
    for payer, leaver in ((town[0], town[6]), (town[1], town[7])):
        await ledger.pay(payer, leaver, 100, on(3, 5))
        await ledger.delete(leaver, on(4, 1), settle_with=payer)

    found = (await ledger.measured()).members

    assert (found[EntityStatus.TRADING_ACCEPTED], found[EntityStatus.REJECTED]) == (6, 0)


async def test_newcomers_wait_from_joining_to_their_first_trade(ledger: Ledger) -> None:
    (old,) = await ledger.members(1)
    new = await ledger.members(10, joined=on(3, 10))
    for days, member in enumerate(new[:5], start=1):
        await ledger.pay(old, member, 100, on(3, 10 + days))
    for member in new[:5]:
        await ledger.pay(member, old, 100, on(4, 20))
    for member in new[5:]:
        await ledger.pay(old, member, 100, SPRING.until)
    day = 24 * 60 * 60

    assert (await ledger.measured()).newcomers == Newcomers(
        joined=10, traded=5, waits=Waits(median=3 * day, p90=round(4.6 * day))
    )


async def test_newcomers_are_those_who_joined_in_the_period_and_stayed(ledger: Ledger) -> None:
    (old,) = await ledger.members(1, joined=SPRING.since - timedelta.resolution)
    new = await ledger.members(6, joined=SPRING.since)
    await ledger.members(5, joined=SPRING.until)
    await ledger.pay(old, new[0], 100, on(3, 5))
    await ledger.delete(new[0], on(4, 1), settle_with=old)

    assert (await ledger.measured()).newcomers == Newcomers(joined=5, traded=0, waits=None)


async def test_reversed_trade_is_no_first_trade(ledger: Ledger) -> None:
    (old,) = await ledger.members(1)
    new = await ledger.members(5, joined=on(3, 10))
    trades = [await ledger.pay(old, member, 100, on(3, 11)) for member in new]
    for trade in trades:
        await ledger.reverse(trade, on(3, 12))

    assert (await ledger.measured()).newcomers == Newcomers(joined=5, traded=0, waits=None)
