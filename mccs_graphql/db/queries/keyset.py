"""Pages that stay put while rows come and go: by the values of the last row, not by its number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, SQLColumnExpression, tuple_

Row_co = TypeVar("Row_co", covariant=True)
Position = tuple[object, ...]
"""The values of a row's ordering columns."""


@dataclass(frozen=True)
class Window:
    """Which rows are wanted: the next ``size`` after a position, or the last ones before it."""

    size: int
    position: Position | None = None
    backward: bool = False


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

    columns: tuple[SQLColumnExpression[Any], ...]
    descending: bool = False

    def apply(self, statement: Select[Any], window: Window) -> Select[Any]:
        """One row more than wanted, so that the reader sees whether there are more."""
        down = self.descending != window.backward
        if window.position is not None:
            key, position = tuple_(*self.columns), tuple_(*window.position)
            statement = statement.where(key < position if down else key > position)
        order = [column.desc() if down else column.asc() for column in self.columns]
        return statement.order_by(*order).limit(window.size + 1)


def page_of(rows: Sequence[Row_co], window: Window) -> Page[Row_co]:
    """Cut the row too many and put a backward window into reading order."""
    more, rows = len(rows) > window.size, rows[: window.size]
    came_from = window.position is not None
    if window.backward:
        return Page(rows[::-1], has_next=came_from, has_previous=more)
    return Page(rows, has_next=more, has_previous=came_from)
