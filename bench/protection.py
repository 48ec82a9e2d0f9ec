"""What it costs to count points: the same API with limits, and without."""

from bench.api import Failed, connections, request
from bench.community import WITH_HISTORY, Member
from bench.measure import CLIENTS, Pace, Row, compare, in_turns
from bench.pages import PAGE, TRANSFERS, UNIT, asking
from bench.stage import Stage


async def measure(stage: Stage, pace: Pace) -> list[Row]:
    """A member's page, which draws from three buckets; and a visitor's request of no work."""
    reader = Member(WITH_HISTORY)
    transfers = request(TRANSFERS, id=reader.id, first=PAGE)
    smallest = request("{ __typename }")
    return [
        await _measure(stage, pace, "Protection, list of 50 transfers", transfers, by=reader),
        await _measure(stage, pace, "Protection, { __typename }", smallest),
    ]


async def _measure(
    stage: Stage, pace: Pace, what: str, body: bytes, *, by: Member | None = None
) -> Row:
    async with (
        connections(stage.protected, CLIENTS) as protected,
        connections(stage.api, CLIENTS) as open_to_all,
    ):
        expected = await protected[0].post("/graphql", body, by=by)
        if b'"errors"' in expected:
            raise Failed(expected.decode())
        sides = {
            "GraphQL": in_turns([asking(c, "/graphql", body, expected, by) for c in protected]),
            "no limits": in_turns([asking(c, "/graphql", body, expected, by) for c in open_to_all]),
        }
        (row,) = await compare(what, UNIT, sides, pace)
        return row
