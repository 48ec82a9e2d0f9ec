"""How the directory answers in communities of several sizes."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf, isinf
from statistics import median_high

import asyncpg

from bench.api import Client, Failed, connections
from bench.questions import QUESTIONS, Prepared, Question, read_known
from bench.stage import Stage, empty_database, staged
from mccs_graphql.cli.progress import ProgressLine, duration
from mccs_graphql.communities.large import load_large, tidy
from mccs_graphql.embedded import Servers
from mccs_graphql.settings import Settings

SIZES = (10_000, 100_000, 1_000_000)
SMALL_SIZES = SIZES[:2]
"""Made in two minutes; the third takes twenty."""
ROUNDS = 5
"""How often all of a question's variants are asked."""


@dataclass(frozen=True)
class Timing:
    """How long answers took, in milliseconds."""

    median: float
    p95: float

    def __str__(self) -> str:
        return f"{_said(self.median)} / {_said(self.p95)}"


def _said(milliseconds: float) -> str:
    return "given up" if isinf(milliseconds) else f"{milliseconds:,.1f}"


def show(sizes: Sequence[int]) -> None:
    """Print what every size takes, one after the other."""
    print(table({size: measure(size) for size in sizes}))


def measure(entities: int) -> dict[str, Timing]:
    """Make a community of this size, ask everything, and let it go."""
    with empty_database() as own:
        print(f"{entities:,} entities: {made(own, entities)}", flush=True)
        with staged(own) as stage:
            return asyncio.run(asked(stage))


def made(own: Servers, entities: int) -> str:
    """How long it took to fill the database, and how large it is then."""
    settings = Settings().model_copy(update={"database_url": own.owner_url})
    progress, began = ProgressLine(), time.monotonic()
    asyncio.run(load_large(settings, entities=entities, progress=progress))
    asyncio.run(tidy(settings, progress=progress))
    return f"made in {duration(time.monotonic() - began)}"


async def asked(stage: Stage) -> dict[str, Timing]:
    connection = await asyncpg.connect(stage.dsn)
    try:
        known = await read_known(connection)
    finally:
        await connection.close()
    async with connections(stage.api, 1) as (client,):
        timings = {}
        for question in QUESTIONS:
            variants = [await prepare(client) for prepare in question.variants(known)]
            timings[question.what] = await timed(client, question, variants)
            print(f"  {question.what}: {timings[question.what]} ms", flush=True)
        return timings


async def timed(client: Client, question: Question, variants: Sequence[Prepared]) -> Timing:
    """One warm-up each, then each in turn, so that no two in a row are the same."""
    for variant in variants:
        await answered(client, question, variant)
    taken = [await answered(client, question, one) for _ in range(ROUNDS) for one in variants]
    return Timing(median_high(taken), _p95(taken))


def _p95(taken: Sequence[float]) -> float:
    """One that was measured: nothing between two of them, as one may be for ever."""
    return sorted(taken)[ceil(len(taken) * 0.95) - 1]


async def answered(client: Client, question: Question, asked: Prepared) -> float:
    """The milliseconds an answer takes, which must be free of errors.

    What the database gives up, as it took too long, takes for ever.
    """
    began = time.perf_counter()
    answer = await client.post("/graphql", asked.body, by=asked.by)
    taken = (time.perf_counter() - began) * 1000
    if b'"UNAVAILABLE"' in answer:
        return inf
    if b'"errors"' in answer or (question.finds and b'"nodes":[]' in answer):
        raise Failed(f"{question.what}: {asked.body[-300:]!r} answers {answer[:300]!r}")
    return taken


def table(found: dict[int, dict[str, Timing]]) -> str:
    """The median and the 95th percentile of each question and size, as Markdown."""
    heading = ["Milliseconds, median / p95", *(f"{size:,} entities" for size in found)]
    rows = [[q.what, *(str(timings[q.what]) for timings in found.values())] for q in QUESTIONS]
    rule = ["---", *("---:" for _ in found)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heading, rule, *rows))
