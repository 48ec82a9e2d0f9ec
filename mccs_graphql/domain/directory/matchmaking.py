"""Telling entities that somebody new offers what they want, or wants what they offer.

A popular tag matches tens of thousands, so the member who adds it only leaves a note; who keeps
house tells the others, batch by batch.
"""

import logging
from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import NewListing, TagKind
from mccs_graphql.db.queries import new_listings as queries
from mccs_graphql.domain import events

log = logging.getLogger(__name__)

BATCH = 100
"""Entities that are told in one transaction: as many accounts are locked so long."""
ATTEMPTS_MAX = 10
FIRST_DELAY = timedelta(seconds=10)
"""After a failed attempt; it doubles each time, so the last one comes after more than an hour."""

_NOBODY = UUID(int=0)
_ANNOUNCED = "announced"


async def announce(
    session: AsyncSession, entity_id: UUID, tags: Collection[tuple[TagKind, UUID]]
) -> None:
    """Have those told who match what the entity has begun to carry, if it is listed.

    Its row must be locked. Once the session has committed, ``tell_next`` has something to do.
    """
    if tags and await queries.add(session, entity_id, tags):
        session.info[_ANNOUNCED] = True


def announced(session: AsyncSession) -> bool:
    """Whether this session, when it commits, leaves something for ``tell_next``."""
    return _ANNOUNCED in session.info


async def tell_next(session: AsyncSession) -> bool:
    """Tell the next ``BATCH`` entities of one that is new; whether there was anything to do.

    Each of them once, also when processes end in between or several do this at once: how far it
    went is written in the same transaction. What fails is tried again later, and behind the others.
    """
    rows = await queries.claim(session)
    if not rows:
        return False
    try:
        async with session.begin_nested():
            await _tell(session, rows)
    except Exception:
        log.exception("Matches of the entity %s could not be told", rows[0].entity_id)
        await _try_later(session, rows)
    return True


async def _tell(session: AsyncSession, rows: Sequence[NewListing]) -> None:
    ids = [row.id for row in rows]
    match_id, position = rows[0].entity_id, rows[0].position or _NOBODY
    found: list[UUID] = []
    if tags := await queries.matching_tags(session, ids):
        found = await queries.next_carriers(session, tags, after=position, most=BATCH)
        others = [id_ for id_ in found if id_ != match_id]
        events.record_match(session, match_id, await queries.lock_accounts(session, others))
        await session.flush()
    if len(found) < BATCH:
        await queries.remove(session, ids)
    else:
        await queries.go_on(session, ids, after=found[-1])


async def _try_later(session: AsyncSession, rows: Sequence[NewListing]) -> None:
    """Not for ever: what failed so often is given up, and the log has said why."""
    ids = [row.id for row in rows]
    attempts = max(row.attempts for row in rows)
    if attempts + 1 < ATTEMPTS_MAX:
        await queries.postpone(session, ids, by=FIRST_DELAY * 2**attempts)
    else:
        await queries.remove(session, ids)
