"""Sealing the trail: each entry to the one before, so that none can be changed or go unnoticed."""

import hashlib

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import AuditEntry
from mccs_graphql.db.queries import audit as queries
from mccs_graphql.domain.audit.trail import digest

SEAL_BATCH = 500
FIRST_SEAL = bytes(32)
"""What the first entry is sealed to."""


async def seal_next(session: AsyncSession) -> bool:
    """Seal some of the entries that have been committed meanwhile; whether there may be more.

    One process at a time. Not in the transaction that writes an entry, as then every payment of
    the community would have to wait for the one before it.
    """
    head = await queries.lock_head(session)
    if head is None:
        return False
    entries = await queries.unsealed_entries(session, most=SEAL_BATCH)
    if not entries:
        return False
    seals, seal = [], head.seal
    for number, entry in enumerate(entries, head.sealed_seq + 1):
        seal = seal_of(entry, after=seal)
        seals.append({"entry_id": entry.id, "number": number, "hash": seal})
    await queries.seal_entries(session, seals)
    head.sealed_seq, head.seal = head.sealed_seq + len(seals), seal
    return len(seals) == SEAL_BATCH


async def seal_all(database: Database) -> None:
    """Seal what is not sealed yet, as a running server would have done by now."""
    more = True
    while more:
        async with database.writing() as session:
            more = await seal_next(session)


def seal_of(entry: AuditEntry, *, after: bytes) -> bytes:
    """The seal of an entry, which has the seal ``after`` before it; erasing details keeps it."""
    content = {
        "id": str(entry.id),
        "recordedAt": entry.recorded_at.isoformat(),
        "action": entry.action,
        "outcome": entry.outcome,
        "refusal": entry.refusal,
        "actorKind": entry.actor_kind,
        "actorId": str(entry.actor_id) if entry.actor_id else None,
        "tokenId": str(entry.token_id) if entry.token_id else None,
        "subjects": [str(id_) for id_ in entry.subjects],
        "fields": entry.fields,
        "reference": entry.reference,
        "details": entry.details_hash.hex(),
    }
    return hashlib.sha256(after + digest(content)).digest()
