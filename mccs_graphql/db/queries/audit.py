"""Adding to the audit trail, and sealing it."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import AuditEntry, AuditHead

_ENTRIES = cast(Table, AuditEntry.__table__)
_ADD = insert(_ENTRIES)
_SEAL = (
    update(_ENTRIES)
    .where(_ENTRIES.c.id == bindparam("entry_id"))
    .values(sealed_seq=bindparam("number"), seal=bindparam("hash"))
)


async def add_entry(session: AsyncSession, values: Mapping[str, Any]) -> None:
    """Add an entry, unsealed."""
    await session.execute(_ADD, dict(values))


async def details_changing(
    session: AsyncSession, subject: UUID, field: str, *, most: int
) -> Sequence[dict[str, Any]]:
    """The details, if they are there, of the latest entries that changed a field of a subject."""
    found = await session.scalars(
        select(AuditEntry.details)
        .where(AuditEntry.subjects.contains([subject]), AuditEntry.fields.contains([field]))
        .order_by(AuditEntry.id.desc())
        .limit(most)
    )
    return [details for details in found if details is not None]


async def count_about(session: AsyncSession, subject: UUID, *, payments: bool) -> int:
    """How many entries ``erase_details`` would empty."""
    statement = select(func.count()).select_from(AuditEntry)
    return await session.scalar(statement.where(_about(subject, payments=payments))) or 0


async def erase_details(session: AsyncSession, subject: UUID, *, by: UUID, payments: bool) -> None:
    """Empty the details of all entries about a subject, but for the one that says so."""
    await session.execute(
        update(_ENTRIES)
        .where(_about(subject, payments=payments), _ENTRIES.c.id != by)
        .values(details=None, salt=None, erased_by=by)
    )


def _about(subject: UUID, *, payments: bool) -> ColumnElement[bool]:
    """Entries that have details, about a subject or by it; of transfers only if so said."""
    of_it = or_(_ENTRIES.c.subjects.contains([subject]), _ENTRIES.c.actor_id == subject)
    of_transfers = _ENTRIES.c.fields.contains(["Transfer.state"])
    return and_(of_it, _ENTRIES.c.erased_by.is_(None), true() if payments else ~of_transfers)


async def lock_head(session: AsyncSession) -> AuditHead | None:
    """The last seal, for whoever is to add the next; None if somebody else is at it."""
    found: AuditHead | None = await session.scalar(
        select(AuditHead).with_for_update(skip_locked=True)
    )
    return found


async def unsealed_entries(session: AsyncSession, *, most: int) -> Sequence[AuditEntry]:
    """The oldest entries that have no seal."""
    found = await session.scalars(
        select(AuditEntry)
        .where(AuditEntry.sealed_seq.is_(None))
        .order_by(AuditEntry.id)
        .limit(most)
    )
    return found.all()


async def seal_entries(session: AsyncSession, seals: Sequence[Mapping[str, Any]]) -> None:
    """Give entries their seals: ``entry_id``, ``number`` and ``hash`` of each."""
    connection = await session.connection()
    await connection.execute(_SEAL, [dict(seal) for seal in seals])
