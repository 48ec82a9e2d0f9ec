"""Transfers, and lists of them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from mccs_graphql.db.models import Canceller, SystemReason, TransferState
from mccs_graphql.db.models import Transfer as TransferRow
from mccs_graphql.db.queries.keyset import Page
from mccs_graphql.db.queries.transfers import TransferFilter
from mccs_graphql.domain.access import HOLDER, READ
from mccs_graphql.domain.ledger.commands import Direction
from mccs_graphql.domain.money import Money
from mccs_graphql.loaders import TransfersKey
from mccs_graphql.schema import cursors
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.ids import IdPrefix, encode_id, id_of
from mccs_graphql.schema.nodes import Node
from mccs_graphql.schema.pages import PageInfo, page_info, window_of

if TYPE_CHECKING:
    from mccs_graphql.schema.entity import Entity

CURSOR = "transfer"
CURSOR_READERS = (cursors.moment, cursors.identity)

LazyEntity = Annotated["Entity", strawberry.lazy("mccs_graphql.schema.entity")]


@strawberry.type(
    description="A movement of credits, proposed by one entity and decided by the other. Seen by "
    "the members of either.",
    directives=[access(READ)],
)
class Transfer(Node):
    row: strawberry.Private[TransferRow]
    state: TransferState = strawberry.field(description="Its stage.")
    amount: Money = strawberry.field(description="How much; always positive.")
    description: str = strawberry.field(description="What it is for; may be empty.")
    payer_name: str = strawberry.field(description="The payer's name when it was proposed.")
    payee_name: str = strawberry.field(description="The payee's name when it was proposed.")
    proposed_at: datetime = strawberry.field(description="When it was proposed.")
    decided_at: datetime | None = strawberry.field(
        description="When it was completed or cancelled."
    )
    cancelled_by: Canceller | None = strawberry.field(
        description="Who cancelled it; RECEIVER means it was rejected."
    )
    cancellation_reason: str | None = strawberry.field(description="In the canceller's own words.")
    system_reason: SystemReason | None = strawberry.field(
        description="Why, if the system cancelled it."
    )

    @classmethod
    def of(cls, row: TransferRow) -> "Transfer":
        """The row as clients see it."""
        return cls(
            id=encode_id(IdPrefix.TRANSFER, row.id),
            row=row,
            state=row.state,
            amount=Money(row.amount),
            description=row.description,
            payer_name=row.payer_name,
            payee_name=row.payee_name,
            proposed_at=row.proposed_at,
            decided_at=row.decided_at,
            cancelled_by=row.cancelled_by,
            cancellation_reason=row.cancellation_reason,
            system_reason=row.system_reason,
        )

    @strawberry.field(description="Who is debited; null if you may not see the entity any more.")
    async def payer(self, info: Info) -> LazyEntity | None:
        return await _entity(info, self.row.payer_id)

    @strawberry.field(description="Who is credited; null if you may not see the entity any more.")
    async def payee(self, info: Info) -> LazyEntity | None:
        return await _entity(info, self.row.payee_id)

    @strawberry.field(description="Who proposed it: the payer or the payee.")
    async def initiator(self, info: Info) -> LazyEntity | None:
        return await _entity(info, self.row.initiator_id)

    @strawberry.field(description="Who decides it: the other one.")
    async def receiver(self, info: Info) -> LazyEntity | None:
        return await _entity(info, self.row.receiver_id)


@strawberry.type(description="A transfer as one of its sides sees it.", directives=[access(HOLDER)])
class TransferEdge:
    owner_id: strawberry.Private[UUID]
    cursor: str = strawberry.field(description="Its position, to go on from.")
    node: Transfer = strawberry.field(description="The transfer.")
    direction: Direction = strawberry.field(description="Whether the entity pays or is paid.")

    @strawberry.field(description="The other side; null if you may not see it any more.")
    async def counterparty(self, info: Info) -> LazyEntity | None:
        row = self.node.row
        return await _entity(info, row.payee_id if self.owner_id == row.payer_id else row.payer_id)


@strawberry.type(description="A page of an entity's transfers.", directives=[access(HOLDER)])
class TransferConnection:
    edges: list[TransferEdge] = strawberry.field(
        description="The transfers as the entity sees them."
    )
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")

    @strawberry.field(description="The transfers alone.")
    def nodes(self) -> list[Transfer]:
        return [edge.node for edge in self.edges]

    @classmethod
    def of(cls, page: Page[TransferRow], *, owner_id: UUID) -> "TransferConnection":
        """The page as clients see it."""
        edges = [_edge(row, owner_id) for row in page.rows]
        return cls(
            edges=edges, page_info=page_info(page, edge_cursors=[edge.cursor for edge in edges])
        )


@strawberry.input(description="Which transfers of an entity; what is not said does not matter.")
class TransferFilterInput:
    status: list[TransferState] | None = strawberry.field(
        default=None, description="Only these stages."
    )
    direction: Direction | None = strawberry.field(
        default=None, description="Only those the entity pays, or only those it is paid."
    )
    counterparty: strawberry.ID | None = strawberry.field(
        default=None, description="Only those with this entity."
    )
    from_: datetime | None = strawberry.field(
        name="from", default=None, description="Only those proposed at this moment or later."
    )
    to: datetime | None = strawberry.field(
        default=None, description="Only those proposed before this moment."
    )


async def load_transfers(
    info: Info,
    entity_id: UUID,
    wanted: TransferFilterInput | None,
    *,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
) -> TransferConnection | None:
    """A page of an entity's transfers, for its members."""
    window = window_of(CURSOR, *CURSOR_READERS, first=first, after=after, last=last, before=before)
    key = TransfersKey(entity_id, _filter(wanted or TransferFilterInput()), window)
    page = await info.context.loaders.transfer_pages.load(key)
    return TransferConnection.of(page, owner_id=entity_id) if page else None


async def load_transfer(info: Info, id_: UUID) -> Transfer | None:
    """The transfer, if there is one that the viewer may see."""
    row = await info.context.loaders.transfers.load(id_)
    return Transfer.of(row) if row else None


def _filter(wanted: TransferFilterInput) -> TransferFilter:
    counterparty = wanted.counterparty
    return TransferFilter(
        states=None if wanted.status is None else tuple(dict.fromkeys(wanted.status)),
        paid=None if wanted.direction is None else wanted.direction is Direction.OUT,
        counterparty_id=None if counterparty is None else id_of(IdPrefix.ENTITY, counterparty),
        since=wanted.from_,
        until=wanted.to,
    )


def _edge(row: TransferRow, owner_id: UUID) -> TransferEdge:
    return TransferEdge(
        owner_id=owner_id,
        cursor=cursors.encode_cursor(CURSOR, row.proposed_at, row.id),
        node=Transfer.of(row),
        direction=Direction.OUT if owner_id == row.payer_id else Direction.IN,
    )


async def _entity(info: Info, id_: UUID) -> "Entity | None":
    from mccs_graphql.schema.entity import load_entity  # noqa: PLC0415 - entities list transfers

    return await load_entity(info, id_)
