"""Reports how well tags are found, and fails if that is below the bars."""

import asyncio
from collections.abc import Iterator, Sequence
from math import isnan

from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from bench.searches import (
    BARS,
    PLACES,
    Outcome,
    Shares,
    evaluate,
    fill,
    passes,
    shares,
    vocabulary,
)
from bench.stage import empty_database
from mccs_graphql.db.engine import asyncpg_url


def main() -> None:
    """Print the report; exit with 1 if a bar is not held."""
    with empty_database() as own:
        outcomes = asyncio.run(_measured(own.owner_url))
    print("\n".join(report(outcomes)))
    if not passes(shares(outcomes)):
        raise SystemExit(1)


def report(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """A line for each category, for all of them, and for each search that went wrong."""
    yield f"{len(outcomes)} searches among {len(vocabulary())} tags\n"
    yield f"{'':22}searches  recall@{PLACES}      first      wrong"
    for category in dict.fromkeys(one.search.category for one in outcomes):
        some = [one for one in outcomes if one.search.category == category]
        yield _line(category, len(some), shares(some))
    yield _line("all", len(outcomes), shares(outcomes))
    yield _line("at least, at most", 0, BARS) + "\n"
    for one in outcomes:
        yield from _complaints(one)


def _line(name: str, searches: int, of: Shares) -> str:
    figures = map(_figure, (of.recall, of.first, of.wrong))
    return f"{name:22}{searches or '':>8}{''.join(figures)}"


def _figure(share: float) -> str:
    return f"{'' if isnan(share) else format(share, '.3f'):>11}"


def _complaints(one: Outcome) -> Iterator[str]:
    asked = repr(one.search.query)
    if one.wrong:
        yield f"{asked} finds {', '.join(sorted(one.wrong))}"
    if one.is_meant and not one.is_first:
        yield f"{asked} begins with {', '.join(one.found[:3]) or 'nothing'}"
    if one.is_meant and one.recalled != one.search.tags:
        yield f"{asked} does not find {', '.join(sorted(one.search.tags - one.recalled))}"


async def _measured(database_url: str) -> list[Outcome]:
    engine = create_async_engine(asyncpg_url(database_url))
    async with AsyncSession(engine) as session:
        await fill(session)
        outcomes = await evaluate(session)
    await engine.dispose()
    return outcomes


if __name__ == "__main__":
    main()
