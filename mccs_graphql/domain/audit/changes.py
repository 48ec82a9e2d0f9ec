"""What a transaction changes, gathered from what it writes: nobody has to remember to say it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, Uuid, event, inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from mccs_graphql.db.models import (
    AttemptCount,
    AuditEntry,
    AuditHead,
    ContactMessage,
    DigestPosition,
    Event,
    IdempotencyKey,
    ListingCount,
    NewListing,
    Notice,
    NoticeHead,
    OneTimeToken,
    Posting,
    Record,
    TagKin,
    User,
    WebhookAttempt,
    Word,
)


class ChangeKind(StrEnum):
    """What became of a record."""

    CREATED = "CREATED"
    CHANGED = "CHANGED"
    DELETED = "DELETED"
    REVOKED = "REVOKED"
    SHARED = "SHARED"


UNAUDITED: frozenset[type[Record]] = frozenset(
    (
        *(AuditEntry, AuditHead),  # the trail itself
        *(Event, Posting, IdempotencyKey),  # say what the transfer beside them says
        *(ListingCount, NewListing, TagKin, Word),  # follow from the rest
        *(Notice, NoticeHead),  # tell of what has an entry
        *(AttemptCount, DigestPosition, OneTimeToken, WebhookAttempt),  # of no interest afterwards
    )
)
"""Rows that say nothing which is not said elsewhere; all others are audited."""
UNSAID = {
    *("created_at", "updated_at", "event_seq", "posting_count", "sort_name", "listed", "terms"),
    *("email_key", "turnover_key", "seen_at", "beginnings", "folded", "grams"),
}
"""Columns that follow from others, or from the time of the entry."""
SECRET = "(not shown)"  # noqa: S105 - what is shown instead of one
SECRETS = {User.password_hash, User.unsubscribe_key, ContactMessage.body}
"""What no trail may hold, besides everything binary: such columns are hashes and keys."""
CREATED, CHANGED, DELETED, REVOKED, SHARED = ChangeKind
_GATHERED = "audited changes"


@dataclass
class Change:
    """What became of one record: each field with its value before and after."""

    record: str
    id: str
    what: str
    fields: dict[str, list[Any]] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """As it is kept."""
        return {"record": self.record, "id": self.id, "what": self.what, "fields": self.fields}


@dataclass
class Gathered:
    """All changes of a transaction so far, and the ids of everything that they are about."""

    changes: dict[tuple[str, str], Change] = field(default_factory=dict)
    subjects: dict[UUID, None] = field(default_factory=dict)
    reason: str | None = None
    erased: dict[UUID, bool] = field(default_factory=dict)
    """Whose entries lose their details once this one is written; and whether also of payments."""

    def add(self, change: Change, subjects: Iterable[UUID]) -> None:
        """Several changes of one record become one, from the first value to the last."""
        self.subjects |= dict.fromkeys(subjects)
        known = self.changes.setdefault((change.record, change.id), change)
        if known is change:
            return
        if change.what == DELETED:
            known.what = DELETED
        for name, (before, after) in change.fields.items():
            known.fields[name] = [known.fields.get(name, [before])[0], after]

    @property
    def fields(self) -> list[str]:
        """The names of what changed, such as ``Entity.name``."""
        return sorted(
            {
                f"{change.record}.{name}"
                for change in self.changes.values()
                for name in change.fields or ("*",)
            }
        )


def gather(session: AsyncSession) -> Gathered:
    """Begin to gather what this session writes as mapped rows."""
    gathered = Gathered()
    session.info[_GATHERED] = gathered
    return gathered


def note(
    session: AsyncSession,
    record: type[Record],
    id_: UUID | str,
    *,
    what: str = CHANGED,
    about: Iterable[UUID] = (),
    fields: Mapping[str, tuple[Any, Any]] | None = None,
) -> None:
    """Say what a statement changed that wrote no mapped rows: fields before and after.

    ``about`` are the ids by which it is to be found, besides its own.
    """
    gathered: Gathered | None = session.info.get(_GATHERED)
    if gathered is None:
        return
    said = {name: list(pair) for name, pair in (fields or {}).items()}
    ids = (id_, *about) if isinstance(id_, UUID) else about
    gathered.add(Change(record.__name__, str(id_), what, said), ids)


def erase(session: AsyncSession, id_: UUID, *, payments: bool) -> None:
    """See ``domain.audit.erasing``."""
    gathered: Gathered | None = session.info.get(_GATHERED)
    if gathered is not None:
        gathered.erased[id_] = payments


def because(session: AsyncSession, reason: str) -> None:
    """Give the reason why somebody does this, in their own words."""
    gathered: Gathered | None = session.info.get(_GATHERED)
    if gathered is not None:
        gathered.reason = reason


@event.listens_for(Session, "after_flush")
def _gather_flush(session: Session, _context: object) -> None:
    gathered: Gathered | None = session.info.get(_GATHERED)
    if gathered is None:
        return
    for what, rows in (
        (CREATED, session.new),
        (CHANGED, session.dirty),
        (DELETED, session.deleted),
    ):
        for row in rows:
            if type(row) not in UNAUDITED and (change := _change_of(row, what)):
                gathered.add(change, _subjects_of(row))


def _change_of(row: Any, what: ChangeKind) -> Change | None:
    """What became of a row; None if nothing that would be said."""
    fields = dict(_fields_of(row, what))
    if what == CHANGED and not fields:
        return None
    identity = ":".join(str(part) for part in inspect(row).mapper.primary_key_from_instance(row))
    return Change(type(row).__name__, identity, what, fields)


def _fields_of(row: Any, what: ChangeKind) -> Iterator[tuple[str, list[Any]]]:
    state = inspect(row)
    for attribute in state.mapper.column_attrs:
        key, column = attribute.key, attribute.columns[0]
        if key in UNSAID or column.primary_key or key in state.unloaded:
            continue
        value = getattr(row, key)
        history = state.attrs[key].history
        if what == CHANGED and not history.has_changes():
            continue
        before = (history.deleted[0] if history.deleted else None) if what == CHANGED else None
        pair = {CREATED: [None, value], CHANGED: [before, value], DELETED: [value, None]}[what]
        if pair[0] != pair[1]:
            secret = isinstance(column.type, LargeBinary) or attribute.class_attribute in SECRETS
            yield camel(key), [_shown(each, secret=secret) for each in pair]


def _subjects_of(row: Any) -> Iterator[UUID]:
    """The ids in a row: its own, and those of what it refers to."""
    state = inspect(row)
    for attribute in state.mapper.column_attrs:
        if isinstance(attribute.columns[0].type, Uuid) and attribute.key not in state.unloaded:
            value = getattr(row, attribute.key)
            if value is not None:
                yield value


def _shown(value: Any, *, secret: bool) -> Any:
    """A value as JSON keeps it."""
    if value is None:
        return None
    if secret:
        return SECRET
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list):
        return [_shown(each, secret=False) for each in value]
    return value if isinstance(value, bool | int | str) else str(value)


def camel(name: str) -> str:
    """The name of a column as the API spells it."""
    head, *rest = name.split("_")
    return head + "".join(map(str.capitalize, rest))
