"""Pages that stay put while rows come and go: by the values of the last row, not by its number."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from sqlalchemy import Integer, Select, bindparam, tuple_
from sqlalchemy.orm import InstrumentedAttribute

Row_co = TypeVar("Row_co", covariant=True)
Position = tuple[object, ...]
"""The values of a row's ordering columns."""


@dataclass(frozen=True)
class Window:
    """Which rows are wanted: the next ``size`` after a position, or the last ones before it."""

    size: int
    position: Position | None = None
    backward: bool = False

    @property
    def shape(self) -> "Shape":
        """What the statement for this window depends on."""
        return Shape(positioned=self.position is not None, backward=self.backward)

    @property
    def parameters(self) -> dict[str, object]:
        """The values that the statement is run with; one row more than wanted shows if there is."""
        values = enumerate(self.position or ())
        return {"rows": self.size + 1} | {f"position_{number}": value for number, value in values}


@dataclass(frozen=True)
class Shape:
    """Windows of one shape share one statement, so that it is put together once."""

    positioned: bool
    backward: bool


@dataclass(frozen=True)
class Page(Generic[Row_co]):
    """The rows of a window in their order, and whether there are more on either side.

    On the side it came from, a page says only that there is a position, as Relay allows.
    """

    rows: Sequence[Row_co]
    has_next: bool
    has_previous: bool


@dataclass(frozen=True)
class Ordering:
    """Columns that together are unique; ``descending`` counts for all of them."""

    columns: tuple[InstrumentedAttribute[Any], ...]
    descending: bool = False

    def apply(self, statement: Select[Any], shape: Shape) -> Select[Any]:
        """Keep to windows of this shape; run the result with the ``parameters`` of one."""
        down = self.descending != shape.backward
        if shape.positioned:
            position = tuple_(
                *(
                    bindparam(f"position_{number}", type_=column.type)
                    for number, column in enumerate(self.columns)
                )
            )
            key = tuple_(*self.columns)
            statement = statement.where(key < position if down else key > position)
        order = [column.desc() if down else column.asc() for column in self.columns]
        return statement.order_by(*order).limit(bindparam("rows", type_=Integer))

    def for_part(self, part: Any) -> "Ordering":
        """The same order for a part of the table under another name."""
        columns = tuple(getattr(part, column.key) for column in self.columns)
        return replace(self, columns=columns)


def page_of(rows: Sequence[Row_co], window: Window) -> Page[Row_co]:
    """Cut the row too many and put a backward window into reading order."""
    more, rows = len(rows) > window.size, rows[: window.size]
    came_from = window.position is not None
    if window.backward:
        return Page(rows[::-1], has_next=came_from, has_previous=more)
    return Page(rows, has_next=more, has_previous=came_from)
