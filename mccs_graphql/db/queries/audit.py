"""Adding to the audit trail, sealing it, and reading it in the order of the seals."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Table,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import AuditEntry, AuditHead, Transfer

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


async def find_head(session: AsyncSession) -> AuditHead | None:
    """The last seal as it is kept; None if somebody has removed it."""
    found: AuditHead | None = await session.scalar(select(AuditHead))
    return found


async def count_sealed(session: AsyncSession) -> int:
    """How many entries have a seal."""
    counted = select(func.count()).where(AuditEntry.sealed_seq.is_not(None))
    return await session.scalar(counted) or 0


async def sealed_entries(session: AsyncSession, *, after: int, most: int) -> Sequence[AuditEntry]:
    """The next entries in the order of their numbers."""
    found = await session.scalars(
        select(AuditEntry)
        .where(AuditEntry.sealed_seq > after)
        .order_by(AuditEntry.sealed_seq)
        .limit(most)
    )
    return found.all()


async def waiting_entries(session: AsyncSession, *, after: UUID, most: int) -> Sequence[AuditEntry]:
    """The next entries that have no seal, in the order of their ids."""
    found = await session.scalars(
        select(AuditEntry)
        .where(AuditEntry.sealed_seq.is_(None), AuditEntry.id > after)
        .order_by(AuditEntry.id)
        .limit(most)
    )
    return found.all()


async def is_older(session: AsyncSession, entry: AuditEntry, age: timedelta) -> bool:
    """Whether an entry was recorded so long ago, by the clock that it was recorded by."""
    now: datetime = (await session.execute(select(func.now()))).scalar_one()
    return now - entry.recorded_at > age


async def ids_there(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that are of entries."""
    if not ids:
        return set()
    return set(await session.scalars(select(AuditEntry.id).where(AuditEntry.id.in_(ids))))


async def transfers_there(
    session: AsyncSession, ids: Collection[UUID]
) -> dict[UUID, tuple[int, UUID, UUID]]:
    """Amount, payer and payee of those of the ids that are of transfers."""
    if not ids:
        return {}
    told = select(Transfer.id, Transfer.amount, Transfer.payer_id, Transfer.payee_id)
    rows = await session.execute(told.where(Transfer.id.in_(ids)))
    return {id_: (amount, payer_id, payee_id) for id_, amount, payer_id, payee_id in rows}


_UNTOLD = """
    WITH began AS (
        SELECT COALESCE(
            (SELECT max(recorded_at) FROM audit_entries
              WHERE action = 'seed' AND actor_kind = 'SYSTEM'),
            (SELECT min(recorded_at) FROM audit_entries)) AS moment)
    SELECT t.id, step.name, step.moment
      FROM began CROSS JOIN transfers t
     CROSS JOIN LATERAL (VALUES ('proposed', t.proposed_at), ('decided', t.decided_at))
           AS step (name, moment)
      LEFT JOIN audit_entries e ON e.recorded_at = step.moment AND e.outcome = 'DONE'
            AND (t.id = ANY (e.subjects) OR cardinality(e.subjects) >= :named_most)
     WHERE step.moment >= began.moment AND e.id IS NULL
     ORDER BY step.moment LIMIT :most
"""
"""An entry has the time of its transaction, and so has what was done in it."""


async def untold_transfers(
    session: AsyncSession, *, most: int, named_most: int
) -> Sequence[Row[Any]]:
    """Steps of transfers, since the trail began, of which no entry tells.

    A community that was invented (``seed``) brings a past of its own. An entry that names
    ``named_most`` ids may be about more than it names.
    """
    rows = await session.execute(text(_UNTOLD), {"most": most, "named_most": named_most})
    return rows.all()
