"""``python -m bench``: measure everything, print the table, keep the results."""

import argparse
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import asyncpg
import uvloop

from bench import administration, directory, live, money, pages, protection
from bench.community import settle
from bench.measure import Pace, Row
from bench.report import keep, table
from bench.stage import Stage, empty_database, plain, staged
from mccs_graphql.cli.serve import handling

Measurement = Callable[[Stage, Pace], Coroutine[Any, Any, list[Row]]]

MEASUREMENTS: dict[str, Measurement] = {
    "money": money.measure,
    "pages": pages.measure_pages,
    "smallest": pages.measure_smallest,
    "protection": protection.measure,
    "events": live.measure,
}
DIRECTORY = "directory"
ADMINISTRATION = "administration"
SECONDS = 1.0


def main() -> None:
    """Everything, or what is asked for; Ctrl-C ends it at any time."""
    asked = _arguments()
    if asked.only == DIRECTORY:
        directory.show(asked.sizes or directory.SIZES)
        return
    if asked.only == ADMINISTRATION:
        administration.show(asked.sizes or administration.SIZES)
        return
    wanted = {asked.only: MEASUREMENTS[asked.only]} if asked.only else MEASUREMENTS
    with handling(signal.default_int_handler), suppress(KeyboardInterrupt):
        rows, postgresql = _measure_all(wanted, asked.seconds)
        print(f"\n{table(rows)}\n")
        if asked.only:
            print("Not kept: only a part was measured.")
        else:
            keep(rows, seconds=asked.seconds, postgresql=postgresql)
            print("Kept in bench/: results.json, results.svg and README.md.\n")
            directory.show(asked.sizes or directory.SMALL_SIZES)
        return
    raise SystemExit("Stopped; nothing was kept.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--only",
        choices=[*MEASUREMENTS, DIRECTORY, ADMINISTRATION],
        help="measure this and keep nothing",
    )
    parser.add_argument(
        "--sizes", type=int, nargs="+", help="entities of the communities that are searched"
    )
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help="how long each turn lasts [%(default)s]"
    )
    return parser.parse_args()


def _measure_all(wanted: dict[str, Measurement], seconds: float) -> tuple[list[Row], str]:
    _tell("Starting PostgreSQL, Redis, the API and the floor ...\n")
    pace = Pace(seconds, _tell)
    with empty_database() as own:
        postgresql = uvloop.run(_settled(plain(own.owner_url)))
        with staged(own) as stage:
            found = [uvloop.run(measure(stage, pace)) for measure in wanted.values()]
    return [row for rows in found for row in rows], postgresql


async def _settled(dsn: str) -> str:
    """Fill the database; the version of PostgreSQL."""
    await settle(dsn)
    connection = await asyncpg.connect(dsn)
    try:
        return str(await connection.fetchval("SHOW server_version"))
    finally:
        await connection.close()


def _tell(text: str) -> None:
    print(text, end="", flush=True)


if __name__ == "__main__":
    main()
