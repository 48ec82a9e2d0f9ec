"""Pages of the directory in an order of their own, or by where their words stand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import ColumnElement, Select, and_, not_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Entity, EntityCategory
from mccs_graphql.db.queries.conditions import (
    Conditions,
    Listed,
    TermGroups,
    category_id,
    has_terms,
    met,
)
from mccs_graphql.db.queries.keyset import Ordering, Page, Window, page_of
from mccs_graphql.db.queries.ordered import in_order
from mccs_graphql.db.queries.ranking import Hit

BY_NAME = Ordering((Entity.sort_name, Entity.id))
NEWEST = Ordering((Entity.created_at, Entity.id), descending=True)
_OF_CATEGORY = Ordering((EntityCategory.sort_name, EntityCategory.entity_id))
"""The order of BY_NAME, as the index of a heading has it."""


@dataclass(frozen=True)
class Tier:
    """Entities that have a term of each group, of which one at least is ``fresh``.

    Fresh ones stand in no better tier. Whoever meets this tier and no better one has such a term:
    it tells the planner how rare these entities are.
    """

    groups: TermGroups
    fresh: tuple[str, ...]


async def page_by_name(
    session: AsyncSession, conditions: Conditions, window: Window
) -> Page[Entity]:
    """The entities that meet the conditions, by name."""
    if conditions.category is not None:
        statement, order = _of_category(conditions.category), _OF_CATEGORY
        conditions = replace(conditions, category=None)
        statement = order.apply(statement.where(*met(conditions)), window.shape)
        rows = await session.scalars(statement, window.parameters)
        return page_of(rows.all(), window)
    if conditions == Conditions(name_prefix=conditions.name_prefix):
        return await _page_of_index(session, conditions, BY_NAME, window)
    return page_of(await in_order(session, partial(met, conditions), BY_NAME, window), window)


async def page_of_newest(
    session: AsyncSession, conditions: Conditions, window: Window
) -> Page[Entity]:
    """The entities that meet the conditions, the newest first."""
    if conditions == Conditions():
        return await _page_of_index(session, conditions, NEWEST, window)
    return page_of(await in_order(session, partial(met, conditions), NEWEST, window), window)


async def _page_of_index(
    session: AsyncSession, conditions: Conditions, order: Ordering, window: Window
) -> Page[Entity]:
    """Entities as they stand side by side in an index."""
    statement = order.apply(select(Entity).where(*met(conditions)), window.shape)
    rows = await session.scalars(statement, window.parameters)
    return page_of(rows.all(), window)


async def page_by_words(
    session: AsyncSession, tiers: Sequence[Tier], conditions: Conditions, window: Window
) -> Page[Hit]:
    """The entities that meet a tier of terms, each in the first tier that it meets, then by name.

    A position is (tier, sort_name, id). Tiers are read one after the other until there are enough.
    """
    hits: list[Hit] = []
    for number in _tiers_asked(len(tiers), window):
        if tiers[number].fresh and len(hits) <= window.size:
            inside = _inside(window, number, size=window.size - len(hits))
            meets = partial(_of_tier, number, tiers, conditions)
            found = await in_order(session, meets, BY_NAME, inside)
            hits += (Hit(number, entity) for entity in found)
    return page_of(hits, window)


def _inside(window: Window, tier: int, *, size: int) -> Window:
    """The window as far as it lies in this tier."""
    position = window.position
    begins = position is not None and position[0] == tier
    return replace(window, size=size, position=position[1:] if position and begins else None)


def _tiers_asked(tiers: int, window: Window) -> Sequence[int]:
    numbers = range(tiers)
    if window.position is not None and isinstance(window.position[0], int):
        start = window.position[0]
        numbers = numbers[: start + 1] if window.backward else numbers[start:]
    return numbers[::-1] if window.backward else numbers


def _of_tier(
    number: int, tiers: Sequence[Tier], conditions: Conditions, of: Listed
) -> list[ColumnElement[bool]]:
    tier, better = tiers[number], tiers[:number]
    groups = tier.groups if len(tier.groups) > 1 else ()
    return [
        *met(conditions, of),
        *has_terms((tier.fresh, *groups), of),
        *(not_(and_(*has_terms(one.groups, of))) for one in better),
    ]


def _of_category(slug: str) -> Select[Entity]:
    return (
        select(Entity)
        .join(EntityCategory, EntityCategory.entity_id == Entity.id)
        .where(EntityCategory.category_id == category_id(slug), EntityCategory.listed == true())
    )
