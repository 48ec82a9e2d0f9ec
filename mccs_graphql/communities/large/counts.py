"""The ledger of counts after a load: one line for each sum instead of one for each batch."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

COMPACTION = (
    """CREATE TEMPORARY TABLE summed ON COMMIT DROP AS
       SELECT kind, subject_id, sum(entities) AS entities FROM listing_counts GROUP BY 1, 2""",
    # Not DELETE, which would leave the file as large as it is.
    "TRUNCATE listing_counts",
    """INSERT INTO listing_counts (kind, subject_id, entities)
       SELECT kind, subject_id, entities FROM summed ORDER BY subject_id, kind""",
)


async def compact_counts(session: AsyncSession) -> None:
    """Sum up the counts. Whoever calls it holds the table for itself."""
    for statement in COMPACTION:
        await session.execute(text(statement))
