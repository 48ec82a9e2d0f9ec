"""Changing the headings of the directory, together with everything that is filed under them."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import EntityCategory
from mccs_graphql.db.queries.curation import raising


async def slug_of(session: AsyncSession, name: str) -> str:
    """The slug of a name; empty when there is no letter or digit in it."""
    return await session.scalar(select(func.slug_of(name))) or ""


async def raise_versions(session: AsyncSession, category_id: UUID) -> int:
    """As it is done for tags; how many entities are filed under the heading."""
    return await session.scalar(_RAISE_FILED, {"id": category_id}) or 0


async def file(session: AsyncSession, entity_id: UUID, category_ids: Collection[UUID]) -> None:
    """File the entity under these headings, which must be there."""
    rows = [{"entity_id": entity_id, "category_id": id_} for id_ in category_ids]
    await session.execute(insert(EntityCategory).values(rows))


async def remove(session: AsyncSession, entity_id: UUID, category_ids: Collection[UUID]) -> None:
    """The entity is not filed under these any more."""
    await session.execute(
        delete(EntityCategory).where(
            EntityCategory.entity_id == entity_id, EntityCategory.category_id.in_(category_ids)
        )
    )


async def file_instead(session: AsyncSession, *, gone_id: UUID, kept_id: UUID) -> None:
    """What is filed under the one is filed under the other."""
    await session.execute(_REFILE, {"gone_id": gone_id, "kept_id": kept_id})


async def drop(session: AsyncSession, category_id: UUID) -> None:
    """The heading is no more, and nothing is filed under it."""
    for statement in (_UNFILE, _FORGET):
        await session.execute(statement, {"category_id": category_id})


_RAISE_FILED = raising("entity_categories", "category_id")
_REFILE = text("""
    INSERT INTO entity_categories (entity_id, category_id)
    SELECT entity_id, :kept_id FROM entity_categories WHERE category_id = :gone_id
    ON CONFLICT DO NOTHING
""")
_UNFILE = text("DELETE FROM entity_categories WHERE category_id = :category_id")
_FORGET = text("DELETE FROM categories WHERE id = :category_id")
