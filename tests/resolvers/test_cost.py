"""What operations cost, in SQL statements."""

from contextlib import AbstractContextManager

from tests.factories import MakeMember
from tests.trading import Trading

PROPOSAL = 6
"""Who asks; the key; both sides, locked; the transfer; both counters; both events."""
ACCEPTANCE = 7
"""Who asks; the key; transfer and sides, locked; the decision; both balances; postings; events."""


async def test_proposal_and_acceptance_cost_a_small_constant(
    trading: Trading, make: MakeMember, counting: AbstractContextManager[list[str]]
) -> None:
    ana, ben = await make(), await make()
    for _ in range(3):
        await trading.pay(ana, ben, "1.00")

    with counting as statements:
        id_ = await trading.proposed(ana, ben, "1.00")
        proposal = len(statements)
        await trading.accept(ben, id_)

    assert (proposal, len(statements) - proposal) == (PROPOSAL, ACCEPTANCE), statements


async def test_refused_proposal_costs_no_write(
    trading: Trading, make: MakeMember, counting: AbstractContextManager[list[str]]
) -> None:
    ana, ben = await make(floor="1.00"), await make()

    with counting as statements:
        await trading.propose(ana, ben, "5.00")

    assert len(statements) == 3, statements
