"""What is left of somebody in the database."""

from sqlalchemy import text

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Record

VOCABULARY = "words"
"""The directory's: which words there are, and not whose."""


async def tables_with(database: Database, word: str) -> set[str]:
    """The tables in which a word stands, in any column and whatever its letters."""
    async with database.reading() as session:
        return {
            name
            for name in Record.metadata.tables.keys() - {VOCABULARY}
            if await session.scalar(
                text(f"SELECT count(*) FROM {name} AS kept WHERE kept::text ILIKE :like"),  # noqa: S608
                {"like": f"%{word}%"},
            )
        }
