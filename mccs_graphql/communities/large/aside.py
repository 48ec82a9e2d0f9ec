"""Setting aside what slows a bulk load down, and putting the very same back at its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.communities.large.steps import Progress

TABLES = (
    "users", "entities", "accounts", "memberships", "tags", "entity_tags", "categories",
    "entity_categories", "words", "listing_counts",
)  # fmt: skip
"""All that a large community is written to, by ourselves and by triggers."""
MAINTENANCE_MEMORY = "256MB"
"""For each index while it is built."""

# Each finds the statement that sets something aside, and the one that puts it back. Unique indexes
# stay, to refuse what is double at once. So do the guards of the books, and the triggers that count
# listings and note words: they work by statement. Only the triggers that copy an entity's place in
# the directory rest: whoever loads fills in the copies, and nobody else can write meanwhile. So do
# those that ask of each new member whether it is an admin: in an empty database there are none.
FOUND = {
    "Checking references": """
        SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS aside,
               format('ALTER TABLE %s ADD CONSTRAINT %I %s',
                      conrelid::regclass, conname, pg_get_constraintdef(oid)) AS back
          FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(CAST(:tables AS regclass[]))
         ORDER BY conname
    """,
    "Building indexes": """
        SELECT format('DROP INDEX %s', indexrelid::regclass) AS aside,
               pg_get_indexdef(indexrelid) AS back
          FROM pg_index WHERE NOT indisunique AND indrelid = ANY(CAST(:tables AS regclass[]))
         ORDER BY indexrelid::regclass::text
    """,
    "Waking triggers": """
        SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass, tgname) AS aside,
               format('ALTER TABLE %s ENABLE TRIGGER %I', tgrelid::regclass, tgname) AS back
          FROM pg_trigger
         WHERE tgfoid IN ('fill_listing'::regproc, 'guard_membership'::regproc)
           AND tgenabled = 'O'
         ORDER BY tgname
    """,
}


@dataclass(frozen=True)
class Aside:
    """The statements that put back what was set aside, by what they do."""

    back: dict[str, Sequence[str]]


async def take_tables(session: AsyncSession) -> None:
    """Nobody else reads or writes them until the transaction ends."""
    await session.execute(text(f"LOCK TABLE {', '.join(TABLES)} IN ACCESS EXCLUSIVE MODE"))


async def set_aside(session: AsyncSession) -> Aside:
    """Make the tables, which are ours, quick to fill. A rollback puts everything back too."""
    back: dict[str, Sequence[str]] = {}
    for what, query in FOUND.items():
        rows = await _found(session, query)
        for row in rows:
            await session.execute(text(row.aside))
        back[what] = [row.back for row in rows]
    return Aside(back)


async def put_back(session: AsyncSession, aside: Aside, *, progress: Progress) -> None:
    """References are checked, and indexes built, over all rows at once."""
    await session.execute(text(f"SET LOCAL maintenance_work_mem = '{MAINTENANCE_MEMORY}'"))
    for what, statements in aside.back.items():
        for number, statement in enumerate(statements):
            progress(what, number, len(statements))
            await session.execute(text(statement))
        progress(what, len(statements), len(statements))


async def _found(session: AsyncSession, query: str) -> Sequence[Row[Any]]:
    return (await session.execute(text(query), {"tables": list(TABLES)})).all()
