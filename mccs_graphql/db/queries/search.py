"""Pages of the directory in an order of their own, or by where their words stand."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Integer, Select, and_, literal, not_, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from mccs_graphql.db.models import Entity, EntityCategory
from mccs_graphql.db.queries.conditions import (
    Conditions,
    TermGroups,
    category_id,
    has_terms,
    met,
)
from mccs_graphql.db.queries.keyset import Ordering, Page, Window, page_of
from mccs_graphql.db.queries.ranking import Hit

BY_NAME = Ordering((Entity.sort_name, Entity.id))
NEWEST = Ordering((Entity.created_at, Entity.id), descending=True)
_OF_CATEGORY = Ordering((EntityCategory.sort_name, EntityCategory.entity_id))
"""The order of BY_NAME, as the index of a heading has it."""


async def page_by_name(
    session: AsyncSession, conditions: Conditions, window: Window
) -> Page[Entity]:
    """The entities that meet the conditions, by name."""
    if conditions.category is None:
        statement, order = select(Entity), BY_NAME
    else:
        statement, order = _of_category(conditions.category), _OF_CATEGORY
        conditions = replace(conditions, category=None)
    statement = statement.where(*met(conditions))
    rows = await session.scalars(order.apply(statement, window.shape), window.parameters)
    return page_of(rows.all(), window)


async def page_of_newest(
    session: AsyncSession, conditions: Conditions, window: Window
) -> Page[Entity]:
    """The entities that meet the conditions, the newest first."""
    statement = NEWEST.apply(select(Entity).where(*met(conditions)), window.shape)
    rows = await session.scalars(statement, window.parameters)
    return page_of(rows.all(), window)


async def page_by_words(
    session: AsyncSession, tiers: Sequence[TermGroups], conditions: Conditions, window: Window
) -> Page[Hit]:
    """The entities that meet a tier of terms, each in the first tier that it meets, then by name.

    A position is (tier, sort_name, id). The planner chooses for each tier by itself: common words
    are found soon on a walk through the directory, rare ones by their index.
    """
    parts = [
        _tier(number, tiers, conditions, window)
        for number in range(len(tiers))
        if _may_have_rows(number, window)
    ]
    if not parts:
        return page_of((), window)
    union = union_all(*(select(part.subquery()) for part in parts)).subquery()
    entity = aliased(Entity, union)
    order = (union.c.slot, entity.sort_name, entity.id)
    statement = (
        select(union.c.slot, entity)
        .order_by(*(by.desc() if window.backward else by.asc() for by in order))
        .limit(window.size + 1)
    )
    rows = await session.execute(statement)
    return page_of([Hit(*row) for row in rows], window)


def _tier(
    number: int, tiers: Sequence[TermGroups], conditions: Conditions, window: Window
) -> Select[int, Entity]:
    statement = select(literal(number, Integer).label("slot"), Entity).where(
        *met(conditions),
        *has_terms(tiers[number]),
        *(not_(and_(*has_terms(better))) for better in tiers[:number]),
    )
    if window.position is not None and window.position[0] == number:
        row, edge = tuple_(Entity.sort_name, Entity.id), tuple_(*window.position[1:])
        statement = statement.where(row < edge if window.backward else row > edge)
    order = (Entity.sort_name, Entity.id)
    return statement.order_by(*(by.desc() if window.backward else by.asc() for by in order)).limit(
        window.size + 1
    )


def _may_have_rows(tier: int, window: Window) -> bool:
    if window.position is None:
        return True
    start = int(str(window.position[0]))
    return tier <= start if window.backward else tier >= start


def _of_category(slug: str) -> Select[Entity]:
    return (
        select(Entity)
        .join(EntityCategory, EntityCategory.entity_id == Entity.id)
        .where(EntityCategory.category_id == category_id(slug), EntityCategory.listed.is_(True))
    )
