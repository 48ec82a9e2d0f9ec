"""The words of the data files of this package."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Noun:
    """A thing, one and many; what cannot be counted has one form."""

    one: str
    many: str


@dataclass(frozen=True)
class Trade:
    """A heading of the directory, and what is offered under it."""

    heading: str
    makers: tuple[str, ...]
    goods: tuple[Noun, ...]
    kinds: tuple[str, ...]
    services: tuple[str, ...]


def read_trades() -> list[Trade]:
    """All trades, of all files."""
    files = [_read(path) for path in sorted((FOLDER / "trades").glob("*.toml"))]
    return [_trade(row) for file in files for row in file["trades"]]


@cache
def read_words(name: str) -> dict[str, list[str]]:
    """The lists of words of a file; a text is split into its words."""
    content = _read(FOLDER / f"{name}.toml")
    return {
        key: value.split() if isinstance(value, str) else value for key, value in content.items()
    }


def read_regions() -> dict[str, list[str]]:
    """The regions of each country."""
    return TypeAdapter(dict[str, list[str]]).validate_python(
        _read(FOLDER / "places.toml")["regions"]
    )


def noun(text: str) -> Noun:
    """``"box+es"`` and ``"knife/knives"`` are one and many, ``"bread"`` is just bread."""
    if "/" in text:
        return Noun(*text.split("/"))
    stem, _, ending = text.partition("+")
    return Noun(stem, stem + ending)


def _trade(row: dict[str, Any]) -> Trade:
    return Trade(
        heading=row["heading"],
        makers=tuple(row["makers"]),
        goods=tuple(map(noun, row["goods"])),
        kinds=tuple(row["kinds"]),
        services=tuple(noun(text).many for text in row["services"]),
    )


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
