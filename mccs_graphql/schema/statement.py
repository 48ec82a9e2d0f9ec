"""Statements of accounts."""

from datetime import datetime
from uuid import UUID

import strawberry

from mccs_graphql.db.queries.keyset import Page
from mccs_graphql.db.queries.standings import At, BookedLine, Stretch, page_of_lines
from mccs_graphql.domain.access import HOLDER, READ
from mccs_graphql.domain.ledger.statements import Line, Period
from mccs_graphql.domain.money import Money
from mccs_graphql.domain.quantities import BigInt
from mccs_graphql.schema import cursors
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.pages import After, Before, First, Last, PageInfo, page_info, window_of
from mccs_graphql.schema.transfer import Transfer


@strawberry.type(
    description="A line of a statement: what a transfer did to the balance.",
    directives=[access(READ)],
)
class StatementLine:
    number: BigInt = strawberry.field(description="Its place in the account, from 1 on.")
    posted_at: datetime = strawberry.field(
        description="When it was written; not before the line before it."
    )
    transfer: Transfer = strawberry.field(
        description="Where it comes from; its id is the reference for both sides."
    )
    counterparty_name: str = strawberry.field(
        description="The other side's name when the transfer was proposed."
    )
    description: str = strawberry.field(description="What it was for; may be empty.")
    amount: Money = strawberry.field(
        description="What the balance moved by; negative if the entity paid."
    )
    balance_after: Money = strawberry.field(description="What the balance was then.")

    @classmethod
    def of(cls, booked: BookedLine) -> "StatementLine":
        """The line as clients see it."""
        line = Line.of(booked)
        return cls(
            number=BigInt(line.number),
            posted_at=line.posted_at,
            transfer=Transfer.of(booked.transfer),
            counterparty_name=line.counterparty,
            description=line.description,
            amount=Money(line.amount),
            balance_after=Money(line.balance),
        )


@strawberry.type(description="A line in a list.", directives=[access(HOLDER)])
class StatementLineEdge:
    cursor: str = strawberry.field(description="Its position, to go on from.")
    node: StatementLine = strawberry.field(description="The line.")


@strawberry.type(description="A page of a statement.", directives=[access(HOLDER)])
class StatementLineConnection:
    edges: list[StatementLineEdge] = strawberry.field(
        description="The lines with their positions, the oldest first."
    )
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")

    @strawberry.field(description="The lines alone.")
    def nodes(self) -> list[StatementLine]:
        return [edge.node for edge in self.edges]

    @classmethod
    def of(cls, page: Page[BookedLine], *, kind: str) -> "StatementLineConnection":
        """The page as clients see it, with cursors of this kind."""
        edges = [
            StatementLineEdge(
                cursor=cursors.encode_cursor(kind, row.posting.number), node=StatementLine.of(row)
            )
            for row in page.rows
        ]
        return cls(
            edges=edges, page_info=page_info(page, edge_cursors=[edge.cursor for edge in edges])
        )


@strawberry.type(
    description="What became of a balance in a period: `opening`, and all lines, make `closing`. "
    "Of a period that is over it never changes.",
    directives=[access(READ)],
)
class Statement:
    stretch: strawberry.Private[Stretch]
    from_: datetime = strawberry.field(
        name="from", description="From this moment on; now if it was one to come."
    )
    to: datetime = strawberry.field(
        description="Up to this moment, which is not in it; now if it was one to come."
    )
    opening: Money = strawberry.field(description="The balance at `from`.")
    closing: Money = strawberry.field(description="The balance at `to`.")
    line_count: BigInt = strawberry.field(description="How many lines it has.")

    @classmethod
    def of(cls, stretch: Stretch) -> "Statement":
        """As clients see it."""
        opening, closing = stretch.opening, stretch.closing
        return cls(
            stretch=stretch,
            from_=opening.moment,
            to=closing.moment,
            opening=Money(opening.balance),
            closing=Money(closing.balance),
            line_count=BigInt(stretch.line_count),
        )

    @strawberry.field(description="The lines, the oldest first.")
    async def lines(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> StatementLineConnection | None:
        kind = f"statement:{self.stretch.entity_id}"
        window = window_of(
            kind, cursors.position, first=first, after=after, last=last, before=before
        )
        async with info.context.database.reading() as session:
            page = await page_of_lines(session, self.stretch, window)
        return StatementLineConnection.of(page, kind=kind)


async def load_statement(info: Info, entity_id: UUID, period: Period) -> Statement | None:
    """The statement of an entity whose books the viewer sees. Refuses an end before the start."""
    period.require_valid()
    loader = info.context.loaders.standings
    opening, closing = await loader.load_many(
        [At(entity_id, period.since), At(entity_id, period.until)]
    )
    if opening is None or closing is None:
        return None
    return Statement.of(Stretch(entity_id, opening, closing))
