"""Searching the audit trail."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import ActorKind, AuditEntry, AuditOutcome
from mccs_graphql.db.queries.keyset import Ordering, Page, Window, page_of

NEWEST_FIRST = Ordering((AuditEntry.recorded_at, AuditEntry.id), descending=True)
OLDEST_FIRST = Ordering((AuditEntry.recorded_at, AuditEntry.id))
COUNTED_MAX = 100_000
"""Counting further takes longer than anybody should wait for a number, or for an export."""
BATCH = 500


@dataclass(frozen=True)
class AuditFilter:
    """Which entries; None stands for any. ``since`` is included, ``until`` is not.

    ``field`` is one such as ``Entity.name``.
    """

    actor_id: UUID | None = None
    subject_id: UUID | None = None
    action: str | None = None
    field: str | None = None
    outcome: AuditOutcome | None = None
    actor_kind: ActorKind | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """What a row has to fulfil."""
        named = {
            AuditEntry.actor_id: self.actor_id,
            AuditEntry.action: self.action,
            AuditEntry.outcome: self.outcome,
            AuditEntry.actor_kind: self.actor_kind,
        }
        found = [column == value for column, value in named.items() if value is not None]
        if self.subject_id is not None:
            found.append(AuditEntry.subjects.contains([self.subject_id]))
        if self.field is not None:
            found.append(AuditEntry.fields.contains([self.field]))
        if self.since is not None:
            found.append(AuditEntry.recorded_at >= self.since)
        if self.until is not None:
            found.append(AuditEntry.recorded_at < self.until)
        return found


async def page_of_entries(
    session: AsyncSession, wanted: AuditFilter, window: Window
) -> Page[AuditEntry]:
    """A window of the entries, the newest first."""
    statement = NEWEST_FIRST.apply(select(AuditEntry).where(*wanted.conditions), window.shape)
    rows = await session.scalars(statement, window.parameters)
    return page_of(rows.all(), window)


async def count_entries(session: AsyncSession, wanted: AuditFilter) -> int | None:
    """How many there are; None if they are more than ``COUNTED_MAX``."""
    some = select(literal(1)).where(*wanted.conditions).select_from(AuditEntry)
    found = await session.scalar(
        select(func.count()).select_from(some.limit(COUNTED_MAX + 1).subquery())
    )
    return found if found is not None and found <= COUNTED_MAX else None


async def count_all_entries(session: AsyncSession, wanted: AuditFilter) -> int:
    """How many there are, however long counting takes."""
    counted = select(func.count()).select_from(AuditEntry).where(*wanted.conditions)
    return await session.scalar(counted) or 0


async def batches_of_entries(
    database: Database, wanted: AuditFilter
) -> AsyncIterator[Sequence[AuditEntry]]:
    """All entries, the oldest first. Between two batches no connection is held."""
    window = Window(size=BATCH)
    while True:
        statement = OLDEST_FIRST.apply(select(AuditEntry).where(*wanted.conditions), window.shape)
        async with database.reading() as session:
            page = page_of((await session.scalars(statement, window.parameters)).all(), window)
        if page.rows:
            yield page.rows
        if not page.has_next:
            return
        last = page.rows[-1]
        window = Window(size=BATCH, position=(last.recorded_at, last.id))
