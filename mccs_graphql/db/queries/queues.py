"""How much is waiting in the database: one statement, bounded however long the queues are."""

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

COUNTED_MAX = 10_000

_QUEUES = text("""
    SELECT (SELECT count(*) FROM (SELECT FROM mails WHERE state = 'queued' LIMIT :most) AS part)
               AS queued,
           (SELECT count(*) FROM (SELECT FROM mails WHERE state = 'sending' LIMIT :most) AS part)
               AS sending,
           (SELECT count(*) FROM (SELECT FROM mails WHERE state = 'failed' LIMIT :most) AS part)
               AS failed,
           (SELECT greatest(0, extract(epoch FROM now() - min(next_attempt_at))) FROM mails
             WHERE state IN ('queued', 'sending'))::float AS mail_seconds,
           (SELECT count(*)
              FROM (SELECT FROM audit_entries WHERE sealed_seq IS NULL LIMIT :most) AS part)
               AS unsealed,
           (SELECT extract(epoch FROM now() - recorded_at) FROM audit_entries
             WHERE sealed_seq IS NULL ORDER BY id LIMIT 1)::float AS unsealed_seconds,
           (SELECT count(*) FROM (SELECT FROM new_listings LIMIT :most) AS part) AS listings,
           (SELECT greatest(0, extract(epoch FROM now() - min(due_at))) FROM new_listings)::float
               AS listing_seconds
""")


async def queues(session: AsyncSession) -> Row[tuple[int | float | None, ...]]:
    """How many wait, up to ``COUNTED_MAX``, and for how long; no time where none waits."""
    found = await session.execute(_QUEUES, {"most": COUNTED_MAX})
    return found.one()
