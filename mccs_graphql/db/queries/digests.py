"""Who is to be told of which new matches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import DateTime, Text, Uuid

from mccs_graphql.db.models import MailKind, User
from mccs_graphql.db.models.record import uuid7


@dataclass(frozen=True)
class NewMatch:
    """An entity that another one was told of, and how far that one's log goes with it."""

    entity_id: UUID
    match_id: UUID
    seq: int


async def time_zones(session: AsyncSession) -> list[str]:
    """Those that users have chosen."""
    chosen = select(User.time_zone).where(User.time_zone.is_not(None)).distinct()
    return sorted(filter(None, await session.scalars(chosen)))


async def next_readers(
    session: AsyncSession,
    *,
    after: UUID,
    zone: str | None,
    day: date,
    horizon: datetime,
    most: int,
) -> list[UUID]:
    """Users with matches to be told of, the next ones by their ids; without those of the day.

    Only those who chose this time zone, or none. Who still has a digest on the way waits for it:
    it will tell of these too.
    """
    values = {"after": after, "zone": zone, "day": day.isoformat()}
    rows = await session.scalars(_READERS, values | {"horizon": horizon, "most": most})
    return list(rows)


async def add_mails(session: AsyncSession, user_ids: Sequence[UUID], *, day: date) -> int:
    """A digest to each of them, unless there is one of that day; how many."""
    rows = await session.execute(
        _ADD,
        {
            "ids": [uuid7() for _ in user_ids],
            "user_ids": list(user_ids),
            "kind": MailKind.DAILY_MATCHES.value,
            "day": day.isoformat(),
        },
    )
    return len(rows.all())


async def new_matches(session: AsyncSession, user_id: UUID, *, horizon: datetime) -> list[NewMatch]:
    """What no mail has told the user of yet, the latest first, each match once.

    Only for entities that are listed and want it, and only of those that are listed themselves.
    """
    rows = await session.execute(_NEW, {"user_id": user_id, "horizon": horizon})
    return [NewMatch(*row) for row in rows]


async def move_on(session: AsyncSession, user_id: UUID, ends: Mapping[UUID, int]) -> None:
    """The user has been told of these entities' matches up to there; never back."""
    values = {"user_id": user_id, "entity_ids": list(ends), "seqs": list(ends.values())}
    await session.execute(_MOVE_ON, values)


# What is alike in whom to write to and in what to write. Who came later is not told of before.
_UNTOLD = """
    FROM memberships m
    JOIN entities e ON e.id = m.entity_id AND e.listed AND e.receive_daily_match_notification_email
    LEFT JOIN digest_positions told USING (user_id, entity_id)
    JOIN events ON events.entity_id = m.entity_id AND events.seq > COALESCE(told.seq, 0)
                AND events.kind = 'matchFound'
                AND events.recorded_at >= greatest(m.created_at, :horizon)
    JOIN entities other ON other.id = events.match_id AND other.listed
"""
_READERS = text(
    f"""
    SELECT u.id
      FROM users u
     WHERE u.id > :after AND u.deleted_at IS NULL AND u.time_zone IS NOT DISTINCT FROM :zone
       AND EXISTS (SELECT {_UNTOLD} WHERE m.user_id = u.id)
       AND NOT EXISTS (
           SELECT FROM mails
            WHERE mails.user_id = u.id AND mails.kind = 'daily_matches'
              AND (mails.state IN ('queued', 'sending') OR mails.facts ->> 'day' = :day))
     ORDER BY u.id LIMIT :most
"""  # noqa: S608 - every word of it is here
).bindparams(
    bindparam("after", type_=Uuid),
    bindparam("zone", type_=Text),
    bindparam("day", type_=Text),
    bindparam("horizon", type_=DateTime(timezone=True)),
)
_ADD = text("""
    INSERT INTO mails (id, user_id, kind, facts)
    SELECT id, user_id, :kind, jsonb_build_object('day', CAST(:day AS text))
      FROM unnest(CAST(:ids AS uuid[]), CAST(:user_ids AS uuid[])) AS new (id, user_id)
    ON CONFLICT DO NOTHING
    RETURNING id
""")
_NEW = text(
    f"""
    SELECT m.entity_id, events.match_id, max(events.seq) AS seq
    {_UNTOLD}
     WHERE m.user_id = :user_id
     GROUP BY m.entity_id, m.created_at, events.match_id
     ORDER BY m.created_at, m.entity_id, seq DESC
"""
).bindparams(bindparam("user_id", type_=Uuid), bindparam("horizon", type_=DateTime(timezone=True)))
_MOVE_ON = text("""
    INSERT INTO digest_positions AS told (user_id, entity_id, seq)
    SELECT CAST(:user_id AS uuid), entity_id, seq
      FROM unnest(CAST(:entity_ids AS uuid[]), CAST(:seqs AS bigint[])) AS new (entity_id, seq)
     ORDER BY entity_id
    ON CONFLICT (user_id, entity_id) DO UPDATE SET seq = greatest(told.seq, excluded.seq)
""")
