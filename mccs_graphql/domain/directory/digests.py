"""Telling users each morning, by one mail, whom their entities have been matched with.

The mail itself is put together when it is sent, and how far it told is kept when it has left: what
one that never left would have told, the next one does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, islice
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Entity, TagKind
from mccs_graphql.db.queries import digests as queries
from mccs_graphql.db.queries.digests import NewMatch
from mccs_graphql.db.queries.entities import entities_by_id
from mccs_graphql.db.queries.tags import tags_of
from mccs_graphql.domain.directory.matching import Reason, read_matching
from mccs_graphql.settings import EVENT_DAYS_MIN

LOOK_BACK = timedelta(days=EVENT_DAYS_MIN)
"""What is older is no news any more, whoever has not heard of it."""
READERS_BATCH = 200
TOLD_MAX = 20
"""Matches in one mail; of the others it says how many there are."""
LOOKED_AT_MAX = 200
"""Matches of one entity that are looked at for a reason, the latest first."""
NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Told:
    """A match, and the best reason for it."""

    entity: Entity
    reason: Reason


@dataclass(frozen=True)
class Group:
    """What is new for one entity: some of its matches, the latest first, and how many more."""

    entity: Entity
    told: Sequence[Told]
    more: int


@dataclass(frozen=True)
class Digest:
    """What a user is told; and of each entity how far its log goes with that."""

    groups: Sequence[Group]
    ends: dict[UUID, int]


async def queue_next(
    session: AsyncSession, *, after: UUID, zone: str | None, day: date, now: datetime
) -> tuple[int, UUID | None]:
    """Have a mail go out to the next users of a time zone with news, once each day.

    Without a ``zone`` to those who chose none. How many there are, and after whom to go on; None at
    the end.
    """
    readers = await queries.next_readers(
        session, after=after, zone=zone, day=day, horizon=now - LOOK_BACK, most=READERS_BATCH
    )
    added = await queries.add_mails(session, readers, day=day) if readers else 0
    return added, readers[-1] if len(readers) == READERS_BATCH else None


async def read_digest(session: AsyncSession, user_id: UUID, *, now: datetime) -> Digest:
    """What is new for the user at this moment; without groups if that is nothing.

    A match is left out whose tags have been taken back meanwhile.
    """
    new = await queries.new_matches(session, user_id, horizon=now - LOOK_BACK)
    by_entity = [list(found) for _, found in groupby(new, key=lambda one: one.entity_id)]
    share = max(1, TOLD_MAX // max(1, len(by_entity)))
    groups = [await _group(session, found, most=share) for found in by_entity]
    ends = {found[0].entity_id: found[0].seq for found in by_entity}
    return Digest([group for group in groups if group.told][:TOLD_MAX], ends)


async def _group(session: AsyncSession, found: Sequence[NewMatch], *, most: int) -> Group:
    own_id, looked_at = found[0].entity_id, found[:LOOKED_AT_MAX]
    ids = [own_id, *(one.match_id for one in looked_at)]
    entities = await entities_by_id(session, ids)
    reasons = await _reasons(session, own_id, ids[1:])
    matches = [one.match_id for one in looked_at if one.match_id in reasons]
    told = [Told(entities[id_], reasons[id_]) for id_ in islice(matches, most)]
    more = len(matches) - len(told) + len(found) - len(looked_at)
    return Group(entities[own_id], told, more)


async def _reasons(session: AsyncSession, own_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Reason]:
    """The best reason for each match that there still is one for."""
    matching, carried = await read_matching(session, own_id), await tags_of(session, ids)
    best = {}
    for id_ in ids:
        tags = [tag for kind in TagKind for tag in carried.get((id_, kind), ())]
        if reasons := matching.reasons(tags):
            best[id_] = reasons[0]
    return best
