"""Pages of what meets conditions, in any order: one statement, whose work has a bound."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    exists,
    func,
    literal_column,
    not_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from mccs_graphql.db.queries.keyset import Ordering, Shape

FEW = 1_000
"""So many are rather gathered and sorted than met on a walk."""
WALK = 3_000
"""So many are passed on a walk in the order, before it is given up."""

Finds = Callable[..., Select[Any]]
"""From columns to a statement that reads them of all that meet the conditions."""


@dataclass(frozen=True)
class Sorting:
    """By a column with an index, then by the ``id`` beside it in the same table."""

    key: InstrumentedAttribute[Any]
    id: InstrumentedAttribute[Any]
    descending: bool

    @property
    def ordering(self) -> Ordering:
        return Ordering((self.key, self.id), descending=self.descending)


@dataclass(frozen=True)
class Sought:
    """What is looked for. ``on_key`` are those of the conditions that bound the sorted column.

    ``walkable`` says that a walk in the order meets hardly anything else.
    """

    row: type[Any]
    finds: Finds
    on_key: Sequence[ColumnElement[bool]]
    walkable: bool


def page_statement(sought: Sought, sorting: Sorting, shape: Shape) -> Select[Any]:
    """Rows and the values they are sorted by, for a window of this shape; run with its parameters.

    Few rows are gathered and sorted; of many, those that a walk in the order meets soon will do,
    and only if it does not all are gathered after all. Which of the three it is, is found out while
    the statement runs: left to itself, the planner takes what is sought to be spread evenly, and
    walks through everything when it is not. The OFFSETs keep it from knowing better.
    """
    if sought.walkable:
        return sorting.ordering.apply(sought.finds(sought.row, sorting.key), shape)
    few = sought.finds(sought.row.id).limit(FEW + 1).cte("few")
    many = _count(few) > FEW
    walked = _walked(sought, sorting, shape).where(many).cte("walked")
    reached = _count(walked) >= bindparam("rows", type_=Integer)
    either = union_all(
        select(walked.c.id, walked.c.key).where(reached),
        _sorted(_of_few(sorting, few).where(not_(many)), sorting, shape),
        _sorted(sought.finds(*_columns(sorting)).where(many, not_(reached)), sorting, shape),
    ).subquery("either")
    rows = select(sought.row, either.c.key).join(either, either.c.id == sought.row.id)
    return _in_order(rows, either, sorting, shape)


def _walked(sought: Sought, sorting: Sorting, shape: Shape) -> Select[Any]:
    """Those of the next ``WALK`` rows that meet the conditions, looked at one by one."""
    passing = select(*_columns(sorting)).where(*sought.on_key)
    passed = sorting.ordering.apply(passing, shape).limit(WALK).subquery("passed")
    meets = sought.finds(literal_column("1")).where(sought.row.id == passed.c.id)
    met = select(passed).where(exists(_kept_apart(meets).correlate(passed)))
    return _in_order(met, passed, sorting, shape)


def _of_few(sorting: Sorting, few: CTE) -> Select[Any]:
    return select(*_columns(sorting)).join(few, few.c.id == sorting.id)


def _sorted(found: Select[Any], sorting: Sorting, shape: Shape) -> Select[Any]:
    """Those of a gathered set that the window has."""
    apart = _kept_apart(found).subquery()
    cut = _by(apart, sorting).apply(select(apart.c.id, apart.c.key), shape).subquery()
    return select(cut.c.id, cut.c.key)


def _in_order(found: Select[Any], of: Any, sorting: Sorting, shape: Shape) -> Select[Any]:
    return _by(of, sorting).apply(found, Shape(positioned=False, backward=shape.backward))


def _by(of: Any, sorting: Sorting) -> Ordering:
    """The same order for a part of the table."""
    return Ordering((of.c.key, of.c.id), descending=sorting.descending)


def _columns(sorting: Sorting) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return sorting.id.label("id"), sorting.key.label("key")


def _kept_apart(found: Select[Any]) -> Select[Any]:
    return found.offset(literal_column("0"))


def _count(of: CTE) -> ColumnElement[int]:
    return select(func.count()).select_from(of).scalar_subquery()
