"""Entities that meet conditions, in an order of their own, by the cheaper of two ways."""

from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, Select, func, literal_column, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from mccs_graphql.db.models import Entity
from mccs_graphql.db.queries.conditions import Listed
from mccs_graphql.db.queries.keyset import Ordering, Shape, Window

Meets = Callable[[Listed], Sequence[ColumnElement[bool]]]
"""Conditions on the entities of a table, or of a part of it."""
FEW = 2_000
"""So many are rather gathered and sorted than met on a walk."""
WALK = 5_000
"""So many are passed on a walk in the order, before it is given up.

Words that names begin with stand together in the order of names, and may be far away.
"""


async def in_order(
    session: AsyncSession, meets: Meets, order: Ordering, window: Window
) -> Sequence[Entity]:
    """The rows of a window, and one more if there is one.

    Left to itself, the planner takes what is sought to be spread evenly, and walks through all
    entities when it is not.
    """
    if await _count(session, meets, up_to=FEW + 1) > FEW:
        rows = await _read(session, _walked(meets, order, window.shape), window)
        if len(rows) > window.size:
            return rows
    return await _read(session, _gathered(meets, order, window.shape), window)


async def _read(
    session: AsyncSession, statement: Select[Entity], window: Window
) -> Sequence[Entity]:
    return (await session.scalars(statement, window.parameters)).all()


async def _count(session: AsyncSession, meets: Meets, *, up_to: int) -> int:
    found = select(Entity.id).where(*meets(Entity)).limit(up_to).subquery()
    return await session.scalar(select(func.count()).select_from(found)) or 0


def _gathered(meets: Meets, order: Ordering, shape: Shape) -> Select[Entity]:
    """All that meet the conditions, then sorted. The OFFSET keeps the planner from walking."""
    found = select(Entity).where(*meets(Entity)).offset(literal_column("0")).subquery()
    return _sorted(aliased(Entity, found), order, shape)


def _walked(meets: Meets, order: Ordering, shape: Shape) -> Select[Entity]:
    """Those of the next ``WALK`` entities that meet the conditions."""
    passed = order.apply(select(Entity).where(Entity.listed == true()), shape).limit(WALK)
    entity = aliased(Entity, passed.add_columns(Entity.terms).subquery())
    return _sorted(entity, order, shape, *meets(entity))


def _sorted(
    part: Listed, order: Ordering, shape: Shape, *conditions: ColumnElement[bool]
) -> Select[Entity]:
    return order.for_part(part).apply(select(part).where(*conditions), shape)
