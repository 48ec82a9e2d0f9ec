"""The audit trail as a table for spreadsheets."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from mccs_graphql.db.models import AuditEntry
from mccs_graphql.domain.tables import lines_of

COLUMNS = (
    *("recorded_at", "number", "id", "action", "outcome", "refusal"),
    *("actor_kind", "actor_id", "token_id", "address", "reference", "reason", "erased", "subjects"),
    *("record", "record_id", "what", "field", "before", "after"),
)
NO_CHANGE = ("",) * 6


def head() -> str:
    """The first line: what stands in which column."""
    return lines_of([COLUMNS])


def lines(entries: Iterable[AuditEntry]) -> str:
    """A line for each field that an entry changed; for one that changed none, a single line."""
    return lines_of(row for entry in entries for row in _rows(entry))


def _rows(entry: AuditEntry) -> Iterator[tuple[object, ...]]:
    details = entry.details or {}
    told = (
        *(entry.recorded_at.isoformat(), entry.sealed_seq, entry.id, entry.action),
        *(entry.outcome, entry.refusal, entry.actor_kind, entry.actor_id, entry.token_id),
        *(details.get("address"), entry.reference, details.get("reason")),
        "yes" if entry.details is None else "",
        " ".join(map(str, entry.subjects)),
    )
    changes = [row for change in details.get("changes", ()) for row in _changed(change)]
    for row in changes or [NO_CHANGE]:
        yield (*told, *row)


def _changed(change: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    of = (change["record"], change["id"], change["what"])
    for name, (before, after) in sorted(change["fields"].items()) or [("", (None, None))]:
        yield (*of, name, _text(before), _text(after))


def _text(value: object) -> str | None:
    """Texts and numbers as they are, lists and truths as JSON."""
    return value if isinstance(value, str | None) else json.dumps(value, ensure_ascii=False)
