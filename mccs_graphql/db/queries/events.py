"""Reading the logs of entities."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Integer, bindparam, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from mccs_graphql.db.models import Account, Event


async def last_seqs(session: AsyncSession, entity_ids: Sequence[UUID]) -> list[tuple[UUID, int]]:
    """How far the logs of several entities go, in one statement."""
    rows = await session.execute(
        select(Account.entity_id, Account.event_seq).where(Account.entity_id.in_(entity_ids))
    )
    return [(row.entity_id, row.event_seq) for row in rows]


async def read_log(
    session: AsyncSession, entity_id: UUID, *, after: int, limit: int
) -> tuple[int, list[Event]]:
    """How far an entity's log goes, and its events with a greater ``seq``; one statement.

    (0, []) also when there is no such entity.
    """
    rows = await session.execute(_LOG, {"entity_id": entity_id, "after": after, "limit": limit})
    found: Sequence[tuple[int, Event | None]] = rows.all()
    return (found[0][0] if found else 0), [row[1] for row in found if row[1] is not None]


# Built once: every subscriber asks it at every event.
_EVENTS = (
    select(Event)
    .where(Event.entity_id == Account.entity_id, Event.seq > bindparam("after"))
    .order_by(Event.seq)
    .limit(bindparam("limit", type_=Integer))
    .lateral()
)
_LOG = (
    select(Account.event_seq, aliased(Event, _EVENTS))
    .join_from(Account, _EVENTS, true(), isouter=True)
    .where(Account.entity_id == bindparam("entity_id"))
    .order_by(_EVENTS.c.seq)
)
