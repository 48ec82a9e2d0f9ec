"""What the page on the original says is here is here, and is run by the tests it names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from graphql import GraphQLObjectType, build_schema

from mccs_graphql.cli import COMMANDS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "original.md"
SCHEMA = build_schema((ROOT / "schema.graphql").read_text())
FIELD = re.compile(r"`([A-Z]\w+)\.(\w+)`")
COMMAND = re.compile(r"`mccs ([a-z-]+)`")
PATH = re.compile(r"`(/[a-z/]+)`")
TEST = re.compile(r"\[`(test_\w+)`\]\(\.\./(tests/\S+?\.py)\)")
IMPORT = re.compile(r"^from (tests\.[\w.]+) import", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """One operation or screen of the original, where it is here, and what runs it."""

    original: str
    here: str
    run_by: str

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The fields it names, each with its type."""
        return FIELD.findall(self.here)

    @property
    def tests(self) -> list[tuple[str, Path]]:
        """The tests it names, each with its file."""
        return [(name, ROOT / path) for name, path in TEST.findall(self.run_by)]


def rows() -> Iterator[Row]:
    """The rows of all tables of the page."""
    for line in PAGE.read_text().splitlines():
        if line.startswith("| ") and not line.startswith(("| original |", "| screen |")):
            yield Row(*(cell.strip() for cell in line.strip("| ").split(" | ")))


@cache
def words_of(path: Path) -> str:
    """The text of a test file and of what it has from other test files."""
    text = path.read_text()
    for name in IMPORT.findall(text):
        found = ROOT / (name.replace(".", "/") + ".py")
        text += words_of(found) if found.exists() else ""
    return text


EVERY_ROW = pytest.mark.parametrize("row", list(rows()), ids=lambda row: row.original)


@EVERY_ROW
def test_row_names_what_there_is(row: Row) -> None:
    assert row.fields or COMMAND.search(row.here) or PATH.search(row.here)
    for type_name, field in row.fields:
        of = SCHEMA.type_map[type_name]
        assert isinstance(of, GraphQLObjectType)
        assert field in of.fields
    assert set(COMMAND.findall(row.here)) <= COMMANDS.keys()


@EVERY_ROW
def test_row_names_tests_that_run_it(row: Row) -> None:
    assert row.tests
    for name, path in row.tests:
        assert f"def {name}(" in path.read_text()


@EVERY_ROW
def test_tests_of_a_row_speak_of_all_it_names(row: Row) -> None:
    texts = "".join(words_of(path) for _, path in row.tests)
    for word in [word for _, word in row.fields] + COMMAND.findall(row.here):
        assert word in texts
