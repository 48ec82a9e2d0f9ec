"""Writing the trail: one entry for each transaction that changes something, or is refused."""

import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import ActorKind, AuditOutcome
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.db.queries.audit import add_entry, erase_details
from mccs_graphql.domain.audit.changes import Gathered, gather

SALT_BYTES = 16
SUBJECTS_MAX = 200
"""More things than that are not found again by their ids; the details have them all."""


@dataclass(frozen=True)
class Actor:
    """Who does something: a user, perhaps by an API token; or nobody that is known."""

    kind: ActorKind
    user_id: UUID | None = None
    token_id: UUID | None = None


SYSTEM = Actor(ActorKind.SYSTEM)
VISITOR = Actor(ActorKind.VISITOR)


@dataclass(frozen=True)
class Deed:
    """What somebody sets out to do. ``reference`` is the request's, to find it in the logs."""

    action: str
    actor: Actor
    address: str = ""
    reference: str = ""


@asynccontextmanager
async def audited(database: Database, deed: Deed) -> AsyncIterator[AsyncSession]:
    """One unit of work with its entry: both are committed, or neither."""
    async with database.writing() as session:
        gathered = gather(session)
        yield session
        await session.flush()
        if gathered.changes:
            entry_id = await _write(session, deed, gathered, outcome=AuditOutcome.DONE)
            for subject, payments in gathered.erased.items():
                await erase_details(session, subject, by=entry_id, payments=payments)


async def refused(
    session: AsyncSession, deed: Deed, *, code: str, subjects: Iterable[UUID]
) -> None:
    """Record that something was tried and not done, in a transaction of its own."""
    gathered = Gathered(subjects=dict.fromkeys(subjects))
    await _write(session, deed, gathered, outcome=AuditOutcome.REFUSED, refusal=code)


async def summarise(session: AsyncSession, deed: Deed, *, reason: str) -> None:
    """Record in one entry what changes too much to be told one by one."""
    await _write(session, deed, Gathered(reason=reason), outcome=AuditOutcome.DONE)


def digest(value: object, *, salt: bytes = b"") -> bytes:
    """The hash of what JSON can say, the same however its keys are sorted."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(salt + text.encode()).digest()


async def _write(
    session: AsyncSession,
    deed: Deed,
    gathered: Gathered,
    *,
    outcome: AuditOutcome,
    refusal: str | None = None,
) -> UUID:
    id_ = uuid7()
    salt, details = secrets.token_bytes(SALT_BYTES), _details(deed, gathered)
    await add_entry(
        session,
        {
            "id": id_,
            "action": deed.action,
            "outcome": outcome,
            "refusal": refusal,
            "actor_kind": deed.actor.kind,
            "actor_id": deed.actor.user_id,
            "token_id": deed.actor.token_id,
            "subjects": list(gathered.subjects)[:SUBJECTS_MAX],
            "fields": gathered.fields,
            "reference": deed.reference,
            "details": details,
            "salt": salt,
            "details_hash": digest(details, salt=salt),
        },
    )
    return id_


def _details(deed: Deed, gathered: Gathered) -> dict[str, Any]:
    return {
        "address": deed.address,
        "reason": gathered.reason,
        "changes": [change.shown() for change in gathered.changes.values()],
    }
