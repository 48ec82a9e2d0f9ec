"""Reading: pages of entities and transfers, and the smallest request there is."""

from bench.api import Client, Failed, connections, request
from bench.community import WITH_HISTORY, Member
from bench.measure import CLIENTS, Pace, Row, Work, compare, in_turns
from bench.stage import Stage

UNIT = "requests/s"
PAGE = 50
DIRECTORY = """query Directory($first: Int!) { entities(first: $first) { nodes {
  id name city offers { name } categories { name } } } }"""
TRANSFERS = """query Transfers($id: ID!, $first: Int!) { entity(id: $id) {
  transfers(first: $first) { nodes { id amount state payerName payeeName } } } }"""


async def measure_pages(stage: Stage, pace: Pace) -> list[Row]:
    """A page of the directory as a visitor, a page of transfers as a member."""
    reader = Member(WITH_HISTORY)
    directory = request(DIRECTORY, first=PAGE)
    transfers = request(TRANSFERS, id=reader.id, first=PAGE)
    return [
        await _measure(stage, pace, "Directory, 50 entities", "/directory", directory),
        await _measure(stage, pace, "List of 50 transfers", "/transfers", transfers, by=reader),
    ]


async def measure_smallest(stage: Stage, pace: Pace) -> list[Row]:
    """What GraphQL costs before it does anything."""
    smallest = request("{ __typename }")
    return [await _measure(stage, pace, "{ __typename }", "/typename", smallest)]


async def _measure(
    stage: Stage, pace: Pace, what: str, path: str, body: bytes, *, by: Member | None = None
) -> Row:
    async with (
        connections(stage.api, CLIENTS) as ours,
        connections(stage.floor, CLIENTS) as floor,
    ):
        expected = await ours[0].post("/graphql", body, by=by)
        if b'"errors"' in expected:
            raise Failed(expected.decode())
        sides = {
            "GraphQL": in_turns(
                [asking(client, "/graphql", body, expected, by) for client in ours]
            ),
            "Starlette": in_turns([asking(client, path, body, expected, by) for client in floor]),
        }
        (row,) = await compare(what, UNIT, sides, pace)
        return row


def data_of(answer: bytes) -> bytes:
    """An answer up to what is said about it, such as what it cost."""
    data, extended, _ = answer.partition(b',"extensions":')
    return data if extended else data.removesuffix(b"}")


def asking(client: Client, path: str, body: bytes, expected: bytes, by: Member | None) -> Work:
    """Asks again and again, for the data that is expected."""
    data = data_of(expected)

    async def ask() -> None:
        answer = await client.post(path, body, by=by)
        if data_of(answer) != data:
            raise Failed(f"{path} answers {answer[:500]!r}, not {expected[:500]!r}")

    return ask
