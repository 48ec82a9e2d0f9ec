"""How many listed entities carry a tag or stand under a heading."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Counted, ListingCount

Subject = tuple[Counted, UUID]


async def counts_of(session: AsyncSession, ids: Sequence[UUID]) -> dict[Subject, int]:
    """The numbers for these subjects, in one statement; one that is absent is 0."""
    rows = await session.execute(
        select(ListingCount.kind, ListingCount.subject_id, func.sum(ListingCount.entities))
        .where(ListingCount.subject_id.in_(ids))
        .group_by(ListingCount.kind, ListingCount.subject_id)
    )
    return {(kind, subject_id): int(entities) for kind, subject_id, entities in rows}


async def compact(session: AsyncSession) -> None:
    """Replace the changes of each subject by their sum.

    Changes that others take away at the same moment are left to them; the numbers stay the same.
    """
    await session.execute(_COMPACT)


_COMPACT = text("""
    WITH several AS (
        SELECT kind, subject_id FROM listing_counts
         GROUP BY kind, subject_id HAVING count(*) > 1
    ), gone AS (
        DELETE FROM listing_counts WHERE id IN (
            SELECT id FROM listing_counts JOIN several USING (kind, subject_id)
            FOR UPDATE OF listing_counts SKIP LOCKED
        ) RETURNING kind, subject_id, entities
    )
    INSERT INTO listing_counts (kind, subject_id, entities)
    SELECT kind, subject_id, sum(entities) FROM gone GROUP BY kind, subject_id
    HAVING sum(entities) <> 0
""")
