"""What is worth telling about single records."""

from collections.abc import Iterable
from dataclasses import dataclass

QUOTED_MAX = 60


@dataclass(frozen=True)
class Finding:
    """Something about one record. ``what`` is the same for all records it is true of.

    ``detail`` is what is particular to this one.
    """

    file: str
    number: int
    field: str
    what: str
    detail: str = ""


def numbers_in(findings: Iterable[Finding], *files: str | None) -> frozenset[int]:
    """The records of ``files`` that ``findings`` are about."""
    return frozenset(finding.number for finding in findings if finding.file in files)


def quoted(text: str) -> str:
    """A text of a file, safe and short enough to print."""
    return repr(text if len(text) <= QUOTED_MAX else f"{text[:QUOTED_MAX]}…")
