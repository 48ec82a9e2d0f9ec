"""The headings of the directory."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Category, EntityCategory
from mccs_graphql.db.queries.keyset import Ordering, Page, Window, page_of

BY_NAME = Ordering((Category.sort_name, Category.id))


async def page_of_categories(
    session: AsyncSession, window: Window, *, prefix: str
) -> Page[Category]:
    """The headings whose names begin so, in alphabetical order."""
    statement = select(Category)
    if prefix:
        statement = statement.where(Category.sort_name.like(func.sort_key(prefix) + "%"))
    rows = await session.scalars(BY_NAME.apply(statement, window.shape), window.parameters)
    return page_of(rows.all(), window)


async def count_categories(session: AsyncSession, *, prefix: str) -> int:
    """How many headings begin so."""
    statement = select(func.count()).select_from(Category)
    if prefix:
        statement = statement.where(Category.sort_name.like(func.sort_key(prefix) + "%"))
    return await session.scalar(statement) or 0


async def find_category(session: AsyncSession, slug: str) -> Category | None:
    """The heading with this slug."""
    found: Category | None = await session.scalar(select(Category).where(Category.slug == slug))
    return found


async def categories_by_id(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Category]:
    """Headings by their ids, in one statement."""
    found = await session.scalars(select(Category).where(Category.id.in_(ids)))
    return {category.id: category for category in found}


async def categories_of(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[Category]]:
    """The headings of several entities by name, in one statement."""
    rows = await session.execute(
        select(EntityCategory.entity_id, Category)
        .join(Category, Category.id == EntityCategory.category_id)
        .where(EntityCategory.entity_id.in_(ids))
        .order_by(Category.sort_name, Category.id)
    )
    categories: dict[UUID, list[Category]] = {}
    for entity_id, category in rows:
        categories.setdefault(entity_id, []).append(category)
    return categories
