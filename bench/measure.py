"""Comparing by turns, so that the noise of the machine falls on all sides alike."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

CLIENTS = 8
ROUNDS = 5
SMALL = 100

Work = Callable[[], Awaitable[None]]
"""One piece of work of one client; raises unless it is a success."""
Slice = Callable[[float], Awaitable[float]]
"""Works for so many seconds and gives how many pieces were done per second."""


@dataclass(frozen=True)
class Row:
    """One comparison. ``times`` is how many times as long ours takes, typical, least and most.

    ``bar`` is what ``times`` must not be above, where that is said.
    """

    what: str
    unit: str
    ours: float
    floor_name: str
    floor: float
    times: float
    times_min: float
    times_max: float
    bar: float | None = None


@dataclass(frozen=True)
class Pace:
    """How long to measure, and whom to tell that a round is over."""

    seconds: float
    tell: Callable[[str], None]


async def compare(
    what: str,
    unit: str,
    sides: Mapping[str, Slice],
    pace: Pace,
    *,
    rounds: int = ROUNDS,
    bar: float | None = None,
) -> list[Row]:
    """Ours, which comes first, against each of the others: one warm-up, then the rounds.

    Every other round begins with the other end, so that no side always follows the same one.
    """
    pace.tell(f"{what} ")
    rates: dict[str, list[float]] = {name: [] for name in sides}
    for work in sides.values():
        await work(pace.seconds / 2)
    for number in range(rounds):
        for name in list(sides)[:: -1 if number % 2 else 1]:
            rates[name].append(await sides[name](pace.seconds))
        pace.tell(".")
    pace.tell(" " + ", ".join(f"{name} {median(found):,.0f}" for name, found in rates.items()))
    pace.tell(f" {unit}\n")
    ours, *floors = rates
    rows = [rate_row(what, unit, rates[ours], name, rates[name]) for name in floors]
    return [replace(row, bar=bar) for row in rows]


def rate_row(
    what: str, unit: str, ours: Sequence[float], floor_name: str, floor: Sequence[float]
) -> Row:
    """The more per second, the better: what the floor does while ours does one."""
    times = [theirs / own for own, theirs in zip(ours, floor, strict=True)]
    return Row(
        what, unit, median(ours), floor_name, median(floor), median(times), min(times), max(times)
    )


def in_turns(workers: Sequence[Work]) -> Slice:
    """A slice in which each worker begins its next piece as soon as its last one is done."""

    async def work(seconds: float) -> float:
        began = time.perf_counter()
        deadline = began + seconds
        done = 0

        async def go_on(piece: Work) -> None:
            nonlocal done
            while time.perf_counter() < deadline:
                await piece()
                done += 1

        async with asyncio.TaskGroup() as group:
            for piece in workers:
                group.create_task(go_on(piece))
        return done / (time.perf_counter() - began)

    return work


def figure_of(value: float) -> str:
    """The number with as many digits as it is good for."""
    return f"{value:,.1f}" if value < SMALL else f"{value:,.0f}"


def times_of(row: Row) -> str:
    """How many times as long, finer where there is a bar to be seen beside it."""
    return figure_of(row.times) if row.bar is None else f"{row.times:.2f} (bar {row.bar:.2f})"
