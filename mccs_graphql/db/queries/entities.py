"""Reading entities, and what belongs to them, many at a time."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import (
    Account,
    Entity,
)


async def entities_by_id(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Entity]:
    """Entities of any status by their ids, in one statement."""
    found = await session.scalars(select(Entity).where(Entity.id.in_(ids)))
    return {entity.id: entity for entity in found}


async def terms_of(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, frozenset[str]]:
    """What several entities are found by, in one statement."""
    rows = await session.execute(select(Entity.id, Entity.terms).where(Entity.id.in_(ids)))
    return {row.id: frozenset(row.terms) for row in rows}


async def lock_entity(session: AsyncSession, entity_id: UUID) -> Entity:
    """The entity, which must be there, as it is now; nobody else changes it until the commit."""
    return await session.get_one(
        Entity, entity_id, with_for_update={"key_share": True}, populate_existing=True
    )


async def find_locked(session: AsyncSession, entity_id: UUID) -> Entity | None:
    """The entity as it is now, if there is one; nobody else changes it until the commit."""
    return await session.get(
        Entity, entity_id, with_for_update={"key_share": True}, populate_existing=True
    )


async def lock_entities(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Entity]:
    """Those of the entities that are there, locked in the order in which the ledger locks them."""
    found = await session.scalars(
        select(Entity)
        .where(Entity.id.in_(ids))
        .order_by(Entity.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {entity.id: entity for entity in found}


async def accounts_by_id(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Account]:
    """Accounts by the ids of their entities, in one statement."""
    found = await session.scalars(select(Account).where(Account.entity_id.in_(ids)))
    return {account.entity_id: account for account in found}
