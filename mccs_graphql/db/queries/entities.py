"""Reading entities, and what belongs to them, many at a time."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import (
    Account,
    Category,
    Entity,
    EntityCategory,
)
from mccs_graphql.db.queries.keyset import Ordering, Page, Window, page_of

BY_NAME = Ordering((Entity.sort_name, Entity.id))


async def page_of_listed(
    session: AsyncSession, window: Window, *, name_prefix: str | None = None
) -> Page[Entity]:
    """Listed entities by name."""
    statement = select(Entity).where(*_listed_as(name_prefix))
    rows = await session.scalars(BY_NAME.apply(statement, window.shape), window.parameters)
    return page_of(rows.all(), window)


async def count_listed(session: AsyncSession, *, name_prefix: str | None = None) -> int:
    """How many entities all pages of ``page_of_listed`` together have."""
    statement = select(func.count()).select_from(Entity).where(*_listed_as(name_prefix))
    return await session.scalar(statement) or 0


def _listed_as(name_prefix: str | None) -> list[ColumnElement[bool]]:
    if not name_prefix:
        return [Entity.listed.is_(True)]
    return [Entity.listed.is_(True), Entity.sort_name.like(func.sort_key(name_prefix) + "%")]


async def entities_by_id(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Entity]:
    """Entities of any status by their ids, in one statement."""
    found = await session.scalars(select(Entity).where(Entity.id.in_(ids)))
    return {entity.id: entity for entity in found}


async def lock_entity(session: AsyncSession, entity_id: UUID) -> Entity:
    """The entity, which must be there, as it is now; nobody else changes it until the commit."""
    return await session.get_one(
        Entity, entity_id, with_for_update={"key_share": True}, populate_existing=True
    )


async def accounts_by_id(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Account]:
    """Accounts by the ids of their entities, in one statement."""
    found = await session.scalars(select(Account).where(Account.entity_id.in_(ids)))
    return {account.entity_id: account for account in found}


async def categories_of(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[Category]]:
    """The headings of several entities by name, in one statement."""
    rows = await session.execute(
        select(EntityCategory.entity_id, Category)
        .join(Category, Category.id == EntityCategory.category_id)
        .where(EntityCategory.entity_id.in_(ids))
        .order_by(Category.name)
    )
    categories: dict[UUID, list[Category]] = {}
    for entity_id, category in rows:
        categories.setdefault(entity_id, []).append(category)
    return categories
