"""What it costs to count points: the same API with limits, and without."""

from contextlib import AsyncExitStack

from bench.api import Client, Failed, connections, request
from bench.community import WITH_HISTORY, Member, Pair
from bench.measure import CLIENTS, Pace, Row, Slice, compare, in_turns
from bench.money import UNIT as PAYMENTS
from bench.money import paying
from bench.pages import DIRECTORY, PAGE, TRANSFERS, UNIT, asking
from bench.stage import Stage

ROUNDS = 15
"""More than elsewhere, and shorter: what is looked for is small."""
LOST_MAX = 0.15
BAR = 1 / (1 - LOST_MAX)
"""Times as long as without limits, if so much of the requests per second is lost."""


async def measure(stage: Stage, pace: Pace) -> list[Row]:
    """From no work at all to a payment; a member draws from three buckets, a visitor from two."""
    reader = Member(WITH_HISTORY)
    shorter = Pace(pace.seconds / 2, pace.tell)
    reads = (
        ("{ __typename }", request("{ __typename }"), None),
        ("50 entities", request(DIRECTORY, first=PAGE), None),
        ("list of 50 transfers", request(TRANSFERS, id=reader.id, first=PAGE), reader),
    )
    rows = [await _reading(stage, shorter, *read) for read in reads]
    return [*rows, await _paying(stage, shorter)]


async def _reading(stage: Stage, pace: Pace, what: str, body: bytes, by: Member | None) -> Row:
    async with AsyncExitStack() as stack:
        sides = await _sides(stack, stage)
        expected = await sides["GraphQL"][0].post("/graphql", body, by=by)
        if b'"errors"' in expected:
            raise Failed(expected.decode())
        slices = {
            name: in_turns([asking(client, "/graphql", body, expected, by) for client in clients])
            for name, clients in sides.items()
        }
        return await _row(what, UNIT, slices, pace)


async def _paying(stage: Stage, pace: Pace) -> Row:
    """Proposals that are accepted; longer turns, as commits wait for the disk."""
    pairs = [Pair.number(number) for number in range(CLIENTS)]
    async with AsyncExitStack() as stack:
        slices = {
            name: in_turns([paying(*each) for each in zip(clients, pairs, strict=True)])
            for name, clients in (await _sides(stack, stage)).items()
        }
        return await _row("payment", PAYMENTS, slices, pace)


async def _sides(stack: AsyncExitStack, stage: Stage) -> dict[str, list[Client]]:
    return {
        name: await stack.enter_async_context(connections(address, CLIENTS))
        for name, address in (("GraphQL", stage.protected), ("no limits", stage.api))
    }


async def _row(what: str, unit: str, sides: dict[str, Slice], pace: Pace) -> Row:
    (row,) = await compare(f"Protection, {what}", unit, sides, pace, rounds=ROUNDS, bar=BAR)
    return row
