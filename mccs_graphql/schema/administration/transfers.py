"""The transfers of the whole community, as admins look for them."""

from datetime import datetime
from hashlib import blake2b
from uuid import UUID

import strawberry

from mccs_graphql.db.models import Canceller, TransferState
from mccs_graphql.db.models import Transfer as TransferRow
from mccs_graphql.db.queries.keyset import Page
from mccs_graphql.db.queries.transfer_search import Sought, TransferOrder, count_sought
from mccs_graphql.domain.access import INSPECT
from mccs_graphql.domain.money import Money
from mccs_graphql.schema import cursors
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.pages import PageInfo, page_info
from mccs_graphql.schema.transfer import Transfer


@strawberry.input(
    description="Which transfers; all that is said has to hold, what is not said does not matter."
)
class AllTransfersFilterInput:
    status: list[TransferState] | None = strawberry.field(
        default=None, description="Only these stages."
    )
    entity: strawberry.ID | None = strawberry.field(
        default=None, description="Only those that this entity pays or is paid."
    )
    counterparty: strawberry.ID | None = strawberry.field(
        default=None, description="Only those whose other side is this entity."
    )
    initiator: strawberry.ID | None = strawberry.field(
        default=None, description="Only those that this entity has proposed."
    )
    amount_min: Money | None = strawberry.field(
        default=None, description="Only those of this amount or more."
    )
    amount_max: Money | None = strawberry.field(
        default=None, description="Only those of this amount or less."
    )
    from_: datetime | None = strawberry.field(
        name="from", default=None, description="Only those proposed at this moment or later."
    )
    to: datetime | None = strawberry.field(
        default=None, description="Only those proposed before this moment."
    )
    text: str | None = strawberry.field(
        default=None,
        description="Words that all stand in the description; letter case does not count.",
    )
    cancelled_by: list[Canceller] | None = strawberry.field(
        default=None, description="Only those that one of these has cancelled."
    )
    by_admin: bool | None = strawberry.field(
        default=None, description="Only those that an admin made, or only the others."
    )
    reversed: bool | None = strawberry.field(
        default=None, description="Only those that have been reversed, or only the others."
    )

    def to_sought(self, order: TransferOrder) -> Sought:
        """As the search takes it."""
        return Sought(
            states=None if self.status is None else tuple(dict.fromkeys(self.status)),
            entity_id=_entity(self.entity),
            counterparty_id=_entity(self.counterparty),
            initiator_id=_entity(self.initiator),
            amount_min=self.amount_min,
            amount_max=self.amount_max,
            since=self.from_,
            until=self.to,
            words=self.text,
            cancelled_by=(
                None if self.cancelled_by is None else tuple(dict.fromkeys(self.cancelled_by))
            ),
            by_admin=self.by_admin,
            reversed=self.reversed,
            order=order,
        )


@strawberry.type(description="A transfer in a list.", directives=[access(INSPECT)])
class AllTransfersEdge:
    cursor: str = strawberry.field(description="Its position, to go on from.")
    node: Transfer = strawberry.field(description="The transfer.")


@strawberry.type(description="A page of the community's transfers.", directives=[access(INSPECT)])
class AllTransfersConnection:
    sought: strawberry.Private[Sought]
    edges: list[AllTransfersEdge] = strawberry.field(
        description="The transfers with their positions."
    )
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")

    @strawberry.field(description="The transfers alone.")
    def nodes(self) -> list[Transfer]:
        return [edge.node for edge in self.edges]

    @strawberry.field(
        description="How many there are on all pages; counted when asked for, and null if there "
        "are more than 100,000."
    )
    async def total_count(self, info: Info) -> int | None:
        async with info.context.database.reading() as session:
            return await count_sought(session, self.sought)

    @classmethod
    def of(cls, page: Page[TransferRow], sought: Sought) -> "AllTransfersConnection":
        """The page as clients see it."""
        edges = [
            AllTransfersEdge(cursor=_cursor(row, sought), node=Transfer.of(row))
            for row in page.rows
        ]
        return cls(
            sought=sought,
            edges=edges,
            page_info=page_info(page, edge_cursors=[edge.cursor for edge in edges]),
        )


def cursor_kind(sought: Sought) -> str:
    """What cursors of this search are marked with: they are positions in no other list."""
    return f"transfers:{blake2b(repr(sought).encode(), digest_size=8).hexdigest()}"


def cursor_readers(order: TransferOrder) -> tuple[cursors.Reader, ...]:
    """How the positions of this order are read."""
    return (cursors.position if order.by_amount else cursors.moment), cursors.identity


def _cursor(row: TransferRow, sought: Sought) -> str:
    values = (getattr(row, column.key) for column in sought.order.ordering.columns)
    return cursors.encode_cursor(cursor_kind(sought), *values)


def _entity(id_: strawberry.ID | None) -> UUID | None:
    return None if id_ is None else id_of(IdPrefix.ENTITY, id_)
