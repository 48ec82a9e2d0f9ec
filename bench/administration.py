"""How the searches of admins grow with a community: two sizes, asked in turns."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median

import orjson

from bench.api import Client, Failed, connections, request
from bench.directory import made
from bench.looks import LOOKS, Known, Look, read_known
from bench.office import ADMIN, open_office
from bench.stage import Stage, empty_database, plain, staged

SIZES = (10_000, 100_000)
ROUNDS = 7
PAGE = 20
STRIDES = [99] * 20
"""Pages of these sizes come before the hundredth of twenty."""
BAR = 3.0
"""Times as long in the larger community: no search may take more."""


@dataclass(frozen=True)
class Compared:
    """The median milliseconds of one page in each community."""

    what: str
    smaller: float
    larger: float

    @property
    def times(self) -> float:
        return self.larger / self.smaller


@dataclass(frozen=True)
class Community:
    """One that is served, and what is known of it."""

    address: str
    known: Known


def show(sizes: Sequence[int] = SIZES) -> None:
    """Print what every search takes in a smaller and a larger community, and how they compare."""
    with ExitStack() as stack:
        stages = [stack.enter_context(_served(size)) for size in sizes[:2]]
        found = asyncio.run(_compared(stages))
    print(table(found, sizes))
    over = sum(each.times > BAR for each in found)
    print(f"\n{len(found)} pages, {over} of them more than {BAR:.0f} times as long.")


@contextmanager
def _served(entities: int) -> Iterator[Stage]:
    """A community of this size with its office."""
    with empty_database() as own:
        print(f"{entities:,} entities: {made(own, entities)}", flush=True)
        asyncio.run(open_office(plain(own.owner_url), entities=entities))
        with staged(own) as stage:
            yield stage


async def _compared(stages: Sequence[Stage]) -> list[Compared]:
    communities = [Community(stage.api, await read_known(stage.dsn)) for stage in stages]
    return [page for look in LOOKS for page in await _pages(look, communities)]


async def _pages(look: Look, communities: Sequence[Community]) -> list[Compared]:
    """The first page, and the hundredth where both communities have one."""
    firsts = [_body(look, each, None) for each in communities]
    cursors = [await _cursor(look, each) for each in communities]
    found = [await _turns(f"{look}, page 1", communities, firsts)]
    if all(cursors):
        deep = [_body(look, each, after) for each, after in zip(communities, cursors, strict=True)]
        found.append(await _turns(f"{look}, page 100", communities, deep))
    for each in found:
        print(f"  {each.what}: {each.smaller:.1f} {each.larger:.1f} ms", flush=True)
    return found


async def _turns(what: str, communities: Sequence[Community], bodies: Sequence[bytes]) -> Compared:
    """The median of several rounds, in which each is asked in turn; the first does not count."""
    taken: list[list[float]] = [[] for _ in communities]
    async with AsyncExitStack() as stack:
        opened = [connections(each.address, 1) for each in communities]
        clients = [(await stack.enter_async_context(each))[0] for each in opened]
        for _ in range(1 + ROUNDS):
            for times, client, body in zip(taken, clients, bodies, strict=True):
                times.append(await _answered(client, body))
    smaller, larger = (median(times[1:]) for times in taken)
    return Compared(what, smaller, larger)


async def _answered(client: Client, body: bytes) -> float:
    began = time.perf_counter()
    answer = await client.post("/graphql", body, by=ADMIN)
    taken = (time.perf_counter() - began) * 1000
    if b'"errors"' in answer:
        raise Failed(f"{body!r} answers {answer[:300]!r}")
    return taken


async def _cursor(look: Look, community: Community) -> str | None:
    """Where the hundredth page begins; None if there is none."""
    after: str | None = None
    async with connections(community.address, 1) as (client,):
        for size in STRIDES:
            body = _body(look, community, after, first=size)
            answer = orjson.loads(await client.post("/graphql", body, by=ADMIN))
            (found,) = answer["data"].values()
            if not found["pageInfo"]["hasNextPage"]:
                return None
            after = found["pageInfo"]["endCursor"]
    return after


def _body(look: Look, community: Community, after: str | None, *, first: int = PAGE) -> bytes:
    variables = look.variables(community.known)
    return request(look.document, **variables, after=after, first=first)


def table(found: Sequence[Compared], sizes: Sequence[int]) -> str:
    """Both times of each page and how they compare, as Markdown, the worst first."""
    heading = ["Milliseconds", *(f"{size:,} entities" for size in sizes), "Times as long"]
    rows = [
        [each.what, f"{each.smaller:.1f}", f"{each.larger:.1f}", f"{each.times:.1f}"]
        for each in sorted(found, key=lambda each: -each.times)
    ]
    rule = ["---", "---:", "---:", "---:"]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heading, rule, *rows))
