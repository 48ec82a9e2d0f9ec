"""Changing the words that all share, together with everything that carries them."""

from uuid import UUID

from sqlalchemy import exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import TextClause

from mccs_graphql.db.models import EntityTag, Tag

VOCABULARY_LOCK = 0x6D636373_00000002
"""Held together by those who change what an entity carries, alone by those who change the words:
tags, and the headings that entities are filed under."""


async def share_vocabulary(session: AsyncSession) -> None:
    """Nobody changes the words that are carried until the commit. Before any row is locked."""
    await session.execute(select(func.pg_advisory_xact_lock_shared(VOCABULARY_LOCK)))


async def hold_vocabulary(session: AsyncSession) -> None:
    """Wait for those who change what is carried, and keep others from it until the commit."""
    await session.execute(select(func.pg_advisory_xact_lock(VOCABULARY_LOCK)))


async def find_tag(session: AsyncSession, name: str) -> Tag | None:
    """The tag of this name."""
    found: Tag | None = await session.scalar(select(Tag).where(Tag.name == name))
    return found


async def find_tags(session: AsyncSession, *names: str) -> dict[str, Tag]:
    """The tags of these names, in one statement."""
    found = await session.scalars(select(Tag).where(Tag.name.in_(names)))
    return {tag.name: tag for tag in found}


async def is_carried(session: AsyncSession, tag_id: UUID) -> bool:
    """Whether any entity offers or wants it, listed or not."""
    return bool(await session.scalar(select(exists().where(EntityTag.tag_id == tag_id))))


async def raise_versions(session: AsyncSession, tag_id: UUID) -> int:
    """Whoever has read an entity that carries the tag must read it again before changing it.

    How many carry it. They are locked in the order in which all lock several entities.
    """
    return await session.scalar(_RAISE_CARRIERS, {"id": tag_id}) or 0


async def carry_instead(session: AsyncSession, *, gone_id: UUID, kept_id: UUID) -> None:
    """Whoever carries the one carries the other, since the earlier of both times.

    Of whom others were still to be told for the one, they are told for the other.
    """
    ids = {"gone_id": gone_id, "kept_id": kept_id}
    await session.execute(_CARRY, ids)
    await session.execute(_ANNOUNCE, ids)


async def drop(session: AsyncSession, tag_id: UUID) -> None:
    """The tag is no more, and nobody carries it."""
    for statement in (_UNCARRY, _HUSH, _FORGET):
        await session.execute(statement, {"tag_id": tag_id})


def raising(table: str, column: str) -> TextClause:
    """Raises the versions of the entities that refer to ``:id`` in a table, and counts them."""
    return text(_RAISE.format(table=table, column=column))


_RAISE = """
    WITH carriers AS (
        SELECT id FROM entities WHERE id IN (SELECT entity_id FROM {table} WHERE {column} = :id)
         ORDER BY id FOR NO KEY UPDATE
    ), raised AS (
        UPDATE entities SET version = version + 1, updated_at = now()
          FROM carriers WHERE entities.id = carriers.id RETURNING 1
    )
    SELECT count(*) FROM raised
"""
_RAISE_CARRIERS = raising("entity_tags", "tag_id")
_CARRY = text("""
    INSERT INTO entity_tags (entity_id, kind, tag_id, created_at)
    SELECT entity_id, kind, :kept_id, created_at FROM entity_tags WHERE tag_id = :gone_id
    ON CONFLICT (entity_id, kind, tag_id) DO UPDATE
       SET created_at = LEAST(entity_tags.created_at, excluded.created_at)
""")
# Who tells of new listings locks several of them by their ids, and so do these two.
_ANNOUNCE = text("""
    WITH waiting AS (
        SELECT id FROM new_listings WHERE tag_id = :gone_id ORDER BY id FOR UPDATE
    )
    UPDATE new_listings SET tag_id = :kept_id FROM waiting WHERE new_listings.id = waiting.id
""")
_HUSH = text("""
    WITH waiting AS (
        SELECT id FROM new_listings WHERE tag_id = :tag_id ORDER BY id FOR UPDATE
    )
    DELETE FROM new_listings USING waiting WHERE new_listings.id = waiting.id
""")
_UNCARRY = text("DELETE FROM entity_tags WHERE tag_id = :tag_id")
_FORGET = text("DELETE FROM tags WHERE id = :tag_id")
