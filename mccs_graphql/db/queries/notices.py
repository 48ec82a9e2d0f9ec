"""Events that nobody was told of yet, and the notices of users."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Integer, bindparam, delete, func, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Event, Membership, Notice, NoticeHead, Transfer
from mccs_graphql.db.queries.keyset import Ordering, Page, Window, page_of

ORDER = Ordering((Notice.id,), descending=True)
COUNTED_MAX = 1_000
"""As many unread notices are counted; more look like as many."""
_UNSYNCED = {"synchronize_session": False}


@dataclass(frozen=True)
class Wanted:
    """Which notices of a user: perhaps only unread ones, or those about one of the entities."""

    user_id: UUID
    unread_only: bool = False
    entity_id: UUID | None = None


async def claim_untold(
    session: AsyncSession, *, most: int
) -> Sequence[tuple[Event, Transfer | None]]:
    """The oldest events that nobody was told of, locked, with what they are about.

    Those that somebody else is telling of are left out.
    """
    rows = await session.execute(
        select(Event, Transfer)
        .outerjoin(Transfer, Transfer.id == Event.transfer_id)
        .where(~Event.told)
        .order_by(Event.recorded_at, Event.entity_id, Event.seq)
        .limit(most)
        .with_for_update(of=Event, skip_locked=True)
    )
    return [(event, transfer) for event, transfer in rows]


async def mark_told(session: AsyncSession, events: Collection[Event]) -> None:
    """Nobody need be told of these any more."""
    keys = [(event.entity_id, event.seq) for event in events]
    await session.execute(
        update(Event).where(tuple_(Event.entity_id, Event.seq).in_(keys)).values(told=True),
        execution_options=_UNSYNCED,
    )


async def held_members(
    session: AsyncSession, entity_ids: Collection[UUID]
) -> Sequence[tuple[UUID, UUID]]:
    """Who belongs to which of these entities; who wants to end it waits for the commit."""
    rows = await session.execute(
        select(Membership.entity_id, Membership.user_id)
        .where(Membership.entity_id.in_(entity_ids))
        .order_by(Membership.entity_id, Membership.user_id)
        .with_for_update(read=True, key_share=True)
    )
    return [(entity_id, user_id) for entity_id, user_id in rows]


async def give_numbers(session: AsyncSession, *, most: int) -> list[tuple[UUID, int]]:
    """Number the oldest notices that have no number; how far those of their users go now.

    Users are locked in one order, by their heads: two who do this wait for each other, and never
    in a circle.
    """
    rows = await session.execute(_GIVE_NUMBERS, {"most": most})
    return list(dict.fromkeys((row.user_id, row.last) for row in rows))


async def last_numbers(
    session: AsyncSession, user_ids: Collection[UUID]
) -> Sequence[tuple[UUID, int]]:
    """How far the numbers of these users' notices go."""
    rows = await session.execute(
        select(NoticeHead.user_id, NoticeHead.last).where(NoticeHead.user_id.in_(user_ids))
    )
    return [(user_id, last) for user_id, last in rows]


async def read_on(
    session: AsyncSession, user_id: UUID, *, after: int, most: int
) -> tuple[int, Sequence[Notice]]:
    """How far the numbers of a user's notices go, and those with a greater number than this."""
    heads = dict(await last_numbers(session, [user_id]))  # first: what is new now is found below
    found = await session.scalars(
        select(Notice)
        .where(Notice.user_id == user_id, Notice.number > after)
        .order_by(Notice.number)
        .limit(most)
    )
    return heads.get(user_id, 0), found.all()


async def page_of_notices(session: AsyncSession, wanted: Wanted, window: Window) -> Page[Notice]:
    """A window of a user's notices, the newest first."""
    found = select(Notice).where(Notice.user_id == wanted.user_id)
    if wanted.unread_only:
        found = found.where(Notice.read_at.is_(None))
    if wanted.entity_id is not None:
        found = found.where(Notice.entity_id == wanted.entity_id)
    rows = await session.scalars(ORDER.apply(found, window.shape), window.parameters)
    return page_of(rows.all(), window)


async def count_unread(session: AsyncSession, user_id: UUID) -> int:
    """How many of a user's notices are unread, up to ``COUNTED_MAX``: the cost has a bound."""
    return await session.scalar(_UNREAD, {"user_id": user_id, "most": COUNTED_MAX}) or 0


async def mark_read(session: AsyncSession, user_id: UUID, ids: Collection[UUID]) -> int:
    """Note that the user has read these notices of theirs; how many of them were unread."""
    return await _mark_read(session, user_id, ids=ids)


async def mark_read_before(session: AsyncSession, user_id: UUID, moment: datetime) -> int:
    """The same for all that are older than a moment."""
    return await _mark_read(session, user_id, before=moment)


async def forget(session: AsyncSession, *, older_than: timedelta, most: int) -> int:
    """Remove notices that are too old, of the oldest that there are; how many."""
    oldest = select(Notice.id, Notice.created_at).order_by(Notice.id).limit(most).subquery()
    gone = await session.scalars(
        delete(Notice)
        .where(
            Notice.id.in_(select(oldest.c.id).where(oldest.c.created_at < func.now() - older_than))
        )
        .returning(Notice.id),
        execution_options=_UNSYNCED,
    )
    return len(gone.all())


async def _mark_read(
    session: AsyncSession,
    user_id: UUID,
    *,
    ids: Collection[UUID] | None = None,
    before: datetime | None = None,
) -> int:
    which = Notice.created_at < before if ids is None else Notice.id.in_(ids)
    changed = await session.scalars(
        update(Notice)
        .where(Notice.user_id == user_id, Notice.read_at.is_(None), which)
        .values(read_at=func.now())
        .returning(Notice.id),
        execution_options=_UNSYNCED,
    )
    return len(changed.all())


_UNREAD = select(func.count()).select_from(
    select(Notice.id)
    .where(Notice.user_id == bindparam("user_id"), Notice.read_at.is_(None))
    .limit(bindparam("most", type_=Integer))
    .subquery()
)
_GIVE_NUMBERS = text("""
    WITH claimed AS (
        SELECT id, user_id FROM notices WHERE number IS NULL
         ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED
    ), placed AS (
        SELECT id, user_id, row_number() OVER (PARTITION BY user_id ORDER BY id) AS place,
               count(*) OVER (PARTITION BY user_id) AS places
          FROM claimed
    ), heads AS (
        INSERT INTO notice_heads (user_id, last)
        SELECT user_id, count(*) FROM claimed GROUP BY user_id ORDER BY user_id
        ON CONFLICT (user_id) DO UPDATE SET last = notice_heads.last + excluded.last
        RETURNING user_id, last
    )
    UPDATE notices SET number = heads.last - placed.places + placed.place
      FROM placed JOIN heads USING (user_id)
     WHERE notices.id = placed.id
    RETURNING notices.user_id, heads.last
""")
