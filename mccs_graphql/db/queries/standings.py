"""Accounts as they stood at a moment, and the lines between two moments."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Posting, Transfer
from mccs_graphql.db.queries.keyset import Ordering, Page, Window, page_of

BATCH = 1_000
"""Lines read by one statement when all are wanted."""
LINE_ORDER = Ordering((Posting.number,))
_BOOKED: tuple[Any, ...] = (Posting, Transfer)


@dataclass(frozen=True)
class At:
    """An account at a moment."""

    entity_id: UUID
    moment: datetime


@dataclass(frozen=True)
class Standing:
    """How many lines an account had before ``moment``, and the balance they led to."""

    moment: datetime
    number: int
    balance: int


@dataclass(frozen=True)
class BookedLine:
    """A line of an account, and the transfer that it comes from."""

    posting: Posting
    transfer: Transfer


@dataclass(frozen=True)
class Stretch:
    """The lines of an account that come after one standing, up to another one."""

    entity_id: UUID
    opening: Standing
    closing: Standing

    @property
    def line_count(self) -> int:
        """Lines are numbered without gaps."""
        return self.closing.number - self.opening.number

    @property
    def lines(self) -> Select[Any]:
        """In no order yet."""
        return (
            select(*_BOOKED)
            .join(Transfer, Transfer.id == Posting.transfer_id)
            .where(
                Posting.entity_id == self.entity_id,
                Posting.number > self.opening.number,
                Posting.number <= self.closing.number,
            )
        )


async def standings_at(session: AsyncSession, asked: Sequence[At]) -> list[Standing]:
    """How accounts stood, in the order asked; a moment to come counts as now.

    The answer stays true: what is being written when this begins is waited for, and what is
    written afterwards is dated afterwards.
    """
    now = await _settle(session, {at.entity_id for at in asked})
    moments = [min(at.moment, now) for at in asked]
    values = {"ids": [at.entity_id for at in asked], "moments": moments}
    rows = (await session.execute(_STANDINGS, values)).all()
    return [
        Standing(moment, row.number or 0, row.balance_after or 0)
        for moment, row in zip(moments, rows, strict=True)
    ]


async def _settle(session: AsyncSession, entity_ids: set[UUID]) -> datetime:
    """Wait for those who write to these accounts just now; the time at which this began.

    Whoever writes takes this lock before looking at the clock: migration 0025. It is let go of at
    once, so that nobody who holds one waits for another.
    """
    rows = (await session.execute(_SETTLE, {"ids": list(entity_ids)})).all()
    now: datetime = rows[0].now
    return now


async def page_of_lines(
    session: AsyncSession, stretch: Stretch, window: Window
) -> Page[BookedLine]:
    """A window of the lines, the oldest first."""
    statement = LINE_ORDER.apply(stretch.lines, window.shape)
    rows = await session.execute(statement, window.parameters)
    return page_of([BookedLine(*row) for row in rows], window)


async def batches_of_lines(
    database: Database, stretch: Stretch
) -> AsyncIterator[Sequence[BookedLine]]:
    """All lines, the oldest first. Between two batches no connection is held."""
    window = Window(size=BATCH)
    while True:
        async with database.reading() as session:
            page = await page_of_lines(session, stretch, window)
        if page.rows:
            yield page.rows
        if not page.has_next:
            return
        window = Window(size=BATCH, position=(page.rows[-1].posting.number,))


_SETTLE = text("""
    SELECT statement_timestamp() AS now,
           pg_advisory_lock_shared(key) AS taken, pg_advisory_unlock_shared(key) AS given
      FROM (SELECT hashtextextended(CAST(id AS text), 25) AS key
              FROM unnest(CAST(:ids AS uuid[])) AS id) keys
""")
_STANDINGS = text("""
    SELECT last.number, last.balance_after
      FROM unnest(CAST(:ids AS uuid[]), CAST(:moments AS timestamptz[]))
           WITH ORDINALITY AS asked (id, moment, place)
      LEFT JOIN LATERAL (
            SELECT number, balance_after FROM postings
             WHERE entity_id = asked.id AND posted_at < asked.moment
             ORDER BY posted_at DESC, number DESC LIMIT 1) last ON true
     ORDER BY place
""")
