"""Rows into tables, many at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.communities.large.members import Member, Population
from mccs_graphql.communities.large.rows import (
    COLUMNS,
    Row,
    Terms,
    category_rows,
    copied_rows,
    heading_rows,
    tag_rows,
    word_rows,
)

# What the triggers that rest would do for each row, for all of them.
TAGS = """
INSERT INTO entity_tags (entity_id, kind, tag_id, created_at, sort_name, listed)
SELECT entity_id, kind, tag_id, since, sort_name, listed
  FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[])
       AS carried (entity_id, kind, tag_id, since)
  JOIN entities ON entities.id = entity_id
"""
HEADINGS = """
INSERT INTO entity_categories (entity_id, category_id, sort_name, listed)
SELECT entity_id, category_id, sort_name, listed
  FROM unnest($1::uuid[], $2::uuid[]) AS filed (entity_id, category_id)
  JOIN entities ON entities.id = entity_id
"""
SHARED_COLUMNS = ("id", "name", "created_at")


class Driver(Protocol):
    """What asyncpg's connection does for us; it ships no types."""

    async def copy_records_to_table(
        self, table_name: str, *, records: Iterable[Row], columns: Sequence[str]
    ) -> str: ...

    async def execute(self, query: str, *arguments: object) -> str: ...


async def driver_of(session: AsyncSession) -> Driver:
    """The connection under a session; after a first statement it is inside the transaction."""
    raw = await (await session.connection()).get_raw_connection()
    return cast(Driver, raw.driver_connection)


@dataclass(frozen=True)
class Batch:
    """The rows of some members, ready to be written."""

    members: int
    copied: dict[str, list[Row]]
    tags: Sequence[Sequence[Any]]
    headings: Sequence[Sequence[Any]]


def make_batch(members: Sequence[Member], terms: Terms) -> Batch:
    return Batch(
        members=len(members),
        copied=copied_rows(members, terms),
        tags=list(zip(*tag_rows(members), strict=True)),
        headings=list(zip(*heading_rows(members), strict=True)),
    )


async def write_shared(driver: Driver, population: Population) -> None:
    """The tags and headings that all members share."""
    tags, categories = word_rows(population), category_rows(population)
    await driver.copy_records_to_table("tags", records=tags, columns=SHARED_COLUMNS)
    await driver.copy_records_to_table("categories", records=categories, columns=SHARED_COLUMNS)


async def write_batch(driver: Driver, batch: Batch) -> None:
    for table, rows in batch.copied.items():
        await driver.copy_records_to_table(table, records=rows, columns=COLUMNS[table])
    await driver.execute(TAGS, *batch.tags)
    await driver.execute(HEADINGS, *batch.headings)
