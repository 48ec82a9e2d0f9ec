"""What was found, kept: the figures as JSON, the table, and the README that shows both."""

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import orjson

from bench.measure import CLIENTS, ROUNDS, Row, figure_of, times_of
from bench.picture import draw
from bench.protection import ROUNDS as SHORT_ROUNDS

FOLDER = Path(__file__).parent
PACKAGES = (
    "asyncpg",
    "graphql-core",
    "h11",
    "orjson",
    "redis",
    "sqlalchemy",
    "starlette",
    "strawberry-graphql",
    "uvicorn",
    "uvloop",
    "websockets",
)
BEGIN, END = "<!-- written by `make bench` -->\n", "<!-- end of what `make bench` writes -->\n"
MEASURED = (
    "Measured on {date} with {cores} cores: {clients} clients, {rounds} rounds of {seconds:g} s; "
    "for protection {short_rounds} of half as long."
)
DECIMALS = 2
_HEADINGS = ("What", "GraphQL", "The floor", "Times as long", "Least to most")


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table that reads well as plain text too."""
    cells = [_HEADINGS, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    heading, *lines = [_line(cell, widths) for cell in cells]
    rule = "|".join(["", "-" * (widths[0] + 2), *("-" * (w + 1) + ":" for w in widths[1:]), ""])
    return "\n".join([heading, rule, *lines])


def keep(rows: Sequence[Row], *, seconds: float, postgresql: str) -> None:
    """Write ``results.json``, draw ``results.svg`` and bring the README up to date."""
    results: dict[str, object] = {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "clients": CLIENTS,
        "rounds": ROUNDS,
        "short_rounds": SHORT_ROUNDS,
        "seconds": seconds,
        "versions": {"python": platform.python_version(), "postgresql": postgresql}
        | {name: version(name) for name in PACKAGES},
        "rows": [_rounded(row) for row in rows],
    }
    path = FOLDER / "results.json"
    path.write_bytes(orjson.dumps(results, option=orjson.OPT_INDENT_2) + b"\n")
    draw(rows, FOLDER / "results.svg")
    _show_in_readme(f"{MEASURED.format(**results)}\n\n{table(rows)}\n")


def _rounded(row: Row) -> dict[str, object]:
    values = asdict(row).items()
    return {k: round(v, DECIMALS) if isinstance(v, float) else v for k, v in values}


def _show_in_readme(shown: str) -> None:
    readme = FOLDER / "README.md"
    before, _, rest = readme.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n{shown}\n{END}{after}")


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.what,
        f"{figure_of(row.ours)} {row.unit}",
        f"{row.floor_name} {figure_of(row.floor)} {row.unit}",
        times_of(row),
        _spread(row),
    )


def _spread(row: Row) -> str:
    ends = row.times_min, row.times_max
    return " to ".join(figure_of(end) if row.bar is None else f"{end:.{DECIMALS}f}" for end in ends)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    aligned = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
    return f"| {' | '.join(aligned)} |"
