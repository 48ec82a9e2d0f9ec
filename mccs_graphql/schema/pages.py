"""The arguments of connections, and what every connection says about its page."""

from typing import Annotated

import strawberry

from mccs_graphql.db.queries.keyset import Page, Position, Window
from mccs_graphql.domain.access import HOLDER
from mccs_graphql.schema import cursors
from mccs_graphql.schema.access import access
from mccs_graphql.schema.scalars import refuse

PAGE_MAX = 100
PAGE_DEFAULT = 20

First = Annotated[
    int | None,
    strawberry.argument(description=f"How many, 1 to {PAGE_MAX}; {PAGE_DEFAULT} if not said."),
]
After = Annotated[str | None, strawberry.argument(description="Only what follows this cursor.")]
Last = Annotated[
    int | None,
    strawberry.argument(description=f"How many from the end, 1 to {PAGE_MAX}; not with `first`."),
]
Before = Annotated[
    str | None, strawberry.argument(description="Only what precedes this cursor; with `last`.")
]


@strawberry.type(description="Where a page lies in its list.", directives=[access(HOLDER)])
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether something follows this page.")
    has_previous_page: bool = strawberry.field(
        description="Whether something precedes this page; on the side it was asked from, whether "
        "a cursor was given."
    )
    start_cursor: str | None = strawberry.field(description="The cursor of the first edge.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last edge.")


def page_info(page: Page[object], *, edge_cursors: list[str]) -> PageInfo:
    """What to say about ``page``, whose edges have these cursors."""
    return PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=edge_cursors[0] if edge_cursors else None,
        end_cursor=edge_cursors[-1] if edge_cursors else None,
    )


def window_of(
    kind: str,
    *readers: cursors.Reader,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
) -> Window:
    """The window that the arguments of a connection ask for. Refuses what makes no sense."""
    backward = last is not None or before is not None
    if backward and (first is not None or after is not None):
        refuse("Ask either for `first` and `after`, or for `last` and `before`.")
    size = last if backward else first
    if size is None:
        size = PAGE_DEFAULT
    if not 1 <= size <= PAGE_MAX:
        refuse(f"A page has 1 to {PAGE_MAX} entries.")
    cursor = before if backward else after
    position: Position | None = None
    if cursor is not None:
        position = cursors.decode_cursor(kind, cursor, *readers)
    return Window(size=size, position=position, backward=backward)
