"""What an import did, or why it did nothing, in words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from textwrap import wrap

from mccs_graphql.communities.original.findings import Finding

LINE_WIDTH = 100


class Outcome(StrEnum):
    """How an import ended."""

    WRITTEN = "written"
    NOTHING_NEW = "nothing new"
    REFUSED = "refused"


@dataclass(frozen=True)
class FileCount:
    """The records of one file, by what became of them."""

    file: str
    new: int
    known: int
    refused: int


@dataclass(frozen=True)
class Report:
    """The result of one import; ``written`` counts rows by table and is empty when none were."""

    source: str
    outcome: Outcome
    files: tuple[FileCount, ...]
    changed: tuple[Finding, ...]
    refused: tuple[Finding, ...]
    left_out: dict[str, tuple[str, ...]]
    written: dict[str, int] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """The report as it is printed."""
        return [
            self.source,
            "",
            *_table(self.files),
            *_section(self._changed_title(), self.changed),
            *_section("Refused", self.refused),
            *self._fields_left_out(),
            "",
            *_indented(self._verdict(), indent=0),
        ]

    def _changed_title(self) -> str:
        return "Would be changed" if self.outcome is Outcome.REFUSED else "Changed"

    def _fields_left_out(self) -> Iterator[str]:
        if self.left_out:
            yield from ("", "Fields without a place here, left out")
        for file, names in self.left_out.items():
            shown = (name if name.isidentifier() else ascii(name) for name in names)
            yield from _indented(f"{file}: {', '.join(shown)}")

    def _verdict(self) -> str:
        if self.outcome is Outcome.REFUSED:
            return (
                "Nothing was written, because records are refused. Mend them, or leave them out "
                "with --skip-refused: a user, its entity and its limits go together."
            )
        if self.outcome is Outcome.NOTHING_NEW:
            held = "everything that is not refused" if self.refused else "all of this"
            return f"Nothing to do: the database holds {held} already. Nothing was written."
        rows = ", ".join(f"{count} {table}" for table, count in self.written.items() if count)
        return f"Written in one transaction: {rows}."


def _table(files: Iterable[FileCount]) -> Iterator[str]:
    yield f"{'file':<20}{'new':>9}{'known':>9}{'refused':>9}"
    for count in files:
        yield f"{count.file:<20}{count.new:>9}{count.known:>9}{count.refused:>9}"


def _section(title: str, findings: Iterable[Finding]) -> Iterator[str]:
    """One paragraph for each thing found, with the records it is true of."""
    found = sorted(findings, key=_paragraph)
    if found:
        yield from ("", f"{title} (by the number of the record in its file)")
    for (file, name, what), members in groupby(found, key=_paragraph):
        yield f"  {file}, {name}: {what}"
        yield from _indented(_records(list(members)), indent=4)


def _paragraph(finding: Finding) -> tuple[str, str, str]:
    return finding.file, finding.field, finding.what


def _records(findings: list[Finding]) -> str:
    if not any(finding.detail for finding in findings):
        return _ranges(sorted({finding.number for finding in findings}))
    by_number = groupby(findings, key=lambda finding: finding.number)
    details = {
        number: ", ".join(dict.fromkeys(finding.detail for finding in members))
        for number, members in by_number
    }
    return "; ".join(f"{number} ({detail})" for number, detail in details.items())


def _ranges(numbers: list[int]) -> str:
    """``[1, 2, 3, 7]`` is ``"1-3, 7"``."""
    runs = groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])
    spans = [[number for _, number in run] for _, run in runs]
    return ", ".join(f"{span[0]}-{span[-1]}" if span[1:] else f"{span[0]}" for span in spans)


def _indented(text: str, *, indent: int = 2) -> list[str]:
    margin = " " * indent
    return wrap(
        text,
        LINE_WIDTH,
        initial_indent=margin,
        subsequent_indent=margin,
        break_on_hyphens=False,
    )
