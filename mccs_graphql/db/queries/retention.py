"""Removing what has been kept long enough, a bounded number of rows at a time."""

from datetime import datetime

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession


async def forget_events(session: AsyncSession, *, before: datetime, most: int) -> int:
    """Remove some of the oldest events, of each log from its beginning on; how many.

    A log must have no gap inside: who has read up to there would not notice it. Moments are those
    at which transactions began, so an event may be older than one before it, which then goes too.
    """
    return await _count(session, _EVENTS, before=before, most=most)


async def forget_one_time_tokens(session: AsyncSession, *, before: datetime, most: int) -> int:
    """Remove tokens of mails that had expired by then; how many."""
    return await _count(
        session, _expired("one_time_tokens", "expires_at"), before=before, most=most
    )


async def forget_sessions(session: AsyncSession, *, before: datetime, most: int) -> int:
    """Remove sessions that had expired by then; how many."""
    return await _count(session, _expired("user_sessions", "expires_at"), before=before, most=most)


async def forget_attempts(session: AsyncSession, *, before: datetime, most: int) -> int:
    """Remove counts of attempts that said nothing any more by then; how many."""
    statement = _expired("attempt_counts", "forgotten_at")
    return await _count(session, statement, before=before, most=most)


async def _count(session: AsyncSession, statement: TextClause, **values: object) -> int:
    count: int = (await session.execute(statement, values)).scalar_one()
    return count


_EVENTS = text("""
    WITH oldest AS (
        SELECT entity_id, seq FROM events WHERE recorded_at < :before
         ORDER BY recorded_at LIMIT :most
    ), gone AS (
        DELETE FROM events USING (
               SELECT entity_id, max(seq) AS seq FROM oldest GROUP BY entity_id) AS up_to
         WHERE events.entity_id = up_to.entity_id AND events.seq <= up_to.seq
        RETURNING 1
    )
    SELECT count(*) FROM gone
""")


def _expired(table: str, column: str) -> TextClause:
    return text(f"""
        WITH gone AS (
            DELETE FROM {table} WHERE ctid IN (
                   SELECT ctid FROM {table} WHERE {column} < :before
                    LIMIT :most FOR UPDATE SKIP LOCKED)
            RETURNING 1
        )
        SELECT count(*) FROM gone
    """)  # noqa: S608 - both names are in this module
