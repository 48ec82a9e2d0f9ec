"""A command has its effect once, however often it is sent."""

import asyncio

from tests.clients import new_key
from tests.factories import MakeMember
from tests.trading import Trading

TWENTY = 20


async def test_key_of_another_request_is_refused_with_its_transfer(
    trading: Trading, make: MakeMember
) -> None:
    ana, ben, key = await make(), await make(), new_key()
    first = await trading.propose(ana, ben, "1.00", key=key)

    for other in (
        await trading.propose(ana, ben, "1.01", key=key),
        await trading.propose(ana, ben, "1.00", key=key, description="x"),
        await trading.propose(ana, ben, "1.00", key=key, direction="IN"),
    ):
        assert other["code"] == "IDEMPOTENCY_KEY_REUSED"
        assert other["transferId"] == first["transfer"]["id"]


async def test_key_of_a_proposal_does_not_serve_for_a_decision(
    trading: Trading, make: MakeMember
) -> None:
    ana, ben, key = await make(), await make(), new_key()
    id_ = (await trading.propose(ana, ben, key=key))["transfer"]["id"]

    assert (await trading.cancel(ana, id_, key=key))["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_same_key_twenty_times_at_once_makes_one_transfer(
    trading: Trading, make: MakeMember
) -> None:
    ana, ben, key = await make(), await make(), new_key()

    results = await asyncio.gather(
        *(trading.propose(ana, ben, "1.00", key=key) for _ in range(TWENTY))
    )

    assert all(result == results[0] for result in results)
    assert len(await trading.transfers(ana)) == 1


async def test_acceptance_twenty_times_at_once_moves_the_balances_once(
    trading: Trading, make: MakeMember
) -> None:
    ana, ben, key = await make(), await make(), new_key()
    id_ = await trading.proposed(ana, ben, "1.00")

    results = await asyncio.gather(*(trading.accept(ben, id_, key=key) for _ in range(TWENTY)))

    assert all(result == results[0] for result in results)
    assert await trading.balance(ben) == "1.00"


async def test_keys_of_two_members_do_not_meet(trading: Trading, make: MakeMember) -> None:
    ana, ben, key = await make(), await make(), new_key()

    first = await trading.propose(ana, ben, key=key)
    second = await trading.propose(ben, ana, key=key)

    assert first["transfer"]["id"] != second["transfer"]["id"]


async def test_refused_command_leaves_its_key_free(trading: Trading, make: MakeMember) -> None:
    ana, ben, key = await make(floor="1.00"), await make(), new_key()
    refused = await trading.propose(ana, ben, "5.00", key=key)
    await trading.pay(ben, ana, "10.00")

    again = await trading.propose(ana, ben, "5.00", key=key)

    assert (refused["code"], again["__typename"]) == ("CREDIT_LIMIT_EXCEEDED", "TransferPayload")
