"""Limits of accounts, and what became of them."""

from datetime import datetime
from uuid import UUID

import strawberry

from mccs_graphql.db.models import LimitChange as LimitChangeRow
from mccs_graphql.db.queries.keyset import Page
from mccs_graphql.db.queries.limits import page_of_changes
from mccs_graphql.domain.access import HOLDER, READ
from mccs_graphql.domain.ledger.limits import Limits as LimitsValue
from mccs_graphql.domain.money import Money
from mccs_graphql.schema import cursors
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.pages import PageInfo, page_info, window_of
from mccs_graphql.schema.people import NamedUser, load_named


@strawberry.type(description="How far a balance may go.", directives=[access(HOLDER)])
class Limits:
    max_negative_balance: Money = strawberry.field(
        description="How far below zero; not negative itself."
    )
    max_positive_balance: Money = strawberry.field(description="How far above zero.")

    @classmethod
    def of(cls, value: LimitsValue) -> "Limits":
        """As clients see them."""
        return cls(
            max_negative_balance=value.max_negative_balance,
            max_positive_balance=value.max_positive_balance,
        )


@strawberry.type(description="A change of an account's limits.", directives=[access(READ)])
class LimitChange:
    row: strawberry.Private[LimitChangeRow]
    changed_at: datetime = strawberry.field(description="When.")
    before: Limits = strawberry.field(description="What they were.")
    after: Limits = strawberry.field(description="What they became.")
    reason: str = strawberry.field(description="Why, in the admin's own words.")
    forced: bool = strawberry.field(
        description="Whether the balance lay outside of them then. Such a balance can only move "
        "towards its limits."
    )
    by_default: bool = strawberry.field(
        description="Whether a new default of the community brought it along."
    )

    @strawberry.field(description="The admin who changed them.")
    async def changed_by(self, info: Info) -> NamedUser | None:
        return await load_named(info, self.row.changed_by)

    @classmethod
    def of(cls, row: LimitChangeRow) -> "LimitChange":
        """The row as clients see it."""
        before = LimitsValue(Money(row.max_negative_before), Money(row.max_positive_before))
        after = LimitsValue(Money(row.max_negative_after), Money(row.max_positive_after))
        return cls(
            row=row,
            changed_at=row.changed_at,
            before=Limits.of(before),
            after=Limits.of(after),
            reason=row.reason,
            forced=row.forced,
            by_default=row.by_default,
        )


@strawberry.type(description="A change of limits in a list.", directives=[access(HOLDER)])
class LimitChangeEdge:
    cursor: str = strawberry.field(description="Its position, to go on from.")
    node: LimitChange = strawberry.field(description="The change.")


@strawberry.type(
    description="A page of what became of an account's limits.", directives=[access(HOLDER)]
)
class LimitChangeConnection:
    edges: list[LimitChangeEdge] = strawberry.field(description="The changes with their positions.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")

    @strawberry.field(description="The changes alone.")
    def nodes(self) -> list[LimitChange]:
        return [edge.node for edge in self.edges]

    @classmethod
    def of(cls, page: Page[LimitChangeRow], *, kind: str) -> "LimitChangeConnection":
        """The page as clients see it, with cursors of this kind."""
        edges = [
            LimitChangeEdge(
                cursor=cursors.encode_cursor(kind, row.number), node=LimitChange.of(row)
            )
            for row in page.rows
        ]
        return cls(
            edges=edges, page_info=page_info(page, edge_cursors=[edge.cursor for edge in edges])
        )


async def load_limit_history(
    info: Info,
    entity_id: UUID,
    *,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
) -> LimitChangeConnection | None:
    """A page of the history of an account that the viewer sees."""
    kind = f"limits:{entity_id}"
    window = window_of(kind, cursors.position, first=first, after=after, last=last, before=before)
    async with info.context.database.reading() as session:
        page = await page_of_changes(session, entity_id, window)
    return LimitChangeConnection.of(page, kind=kind)
