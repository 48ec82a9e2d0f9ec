"""Tables for spreadsheets (CSV), in which nothing that somebody has written becomes a formula."""

import csv
from collections.abc import Iterable
from io import StringIO

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Spreadsheets take what begins so for a formula, which somebody may have put in a name."""


def lines_of(rows: Iterable[Iterable[object]]) -> str:
    """The rows as text. Only texts are suspected: a number may well begin with a minus."""
    written = StringIO()
    csv.writer(written).writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    suspect = isinstance(value, str) and text.startswith(BEGINNINGS)
    return f"'{text}" if suspect else text
