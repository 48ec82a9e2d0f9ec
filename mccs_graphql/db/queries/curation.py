"""Changing the words that all share, together with everything that carries them."""

from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Entity, EntityTag, Tag

VOCABULARY_LOCK = 0x6D636373_00000002
"""Held together by those who change what an entity carries, alone by those who change the words."""


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


async def raise_versions(session: AsyncSession, tag_id: UUID) -> None:
    """Whoever has read an entity that carries the tag must read it again before changing it."""
    carriers = select(EntityTag.entity_id).where(EntityTag.tag_id == tag_id)
    await session.execute(
        update(Entity)
        .where(Entity.id.in_(carriers))
        .values(version=Entity.version + 1, updated_at=func.now())
        .execution_options(synchronize_session=False)
    )


async def carry_instead(session: AsyncSession, *, gone_id: UUID, kept_id: UUID) -> None:
    """Whoever carries the one carries the other, since the earlier of both times."""
    await session.execute(_CARRY, {"gone_id": gone_id, "kept_id": kept_id})


async def drop(session: AsyncSession, tag_id: UUID) -> None:
    """The tag is no more, and nobody carries it."""
    await session.execute(_UNCARRY, {"tag_id": tag_id})
    await session.execute(_FORGET, {"tag_id": tag_id})


_CARRY = text("""
    INSERT INTO entity_tags (entity_id, kind, tag_id, created_at)
    SELECT entity_id, kind, :kept_id, created_at FROM entity_tags WHERE tag_id = :gone_id
    ON CONFLICT (entity_id, kind, tag_id) DO UPDATE
       SET created_at = LEAST(entity_tags.created_at, excluded.created_at)
""")
_UNCARRY = text("DELETE FROM entity_tags WHERE tag_id = :tag_id")
_FORGET = text("DELETE FROM tags WHERE id = :tag_id")
