"""Adding to the audit trail, and sealing it."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, select, update
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
