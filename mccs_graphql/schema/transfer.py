"""Transfers, and lists of them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from mccs_graphql.db.models import Canceller, SystemReason, TransferState
from mccs_graphql.db.models import Transfer as TransferRow
from mccs_graphql.db.queries.keyset import Page
from mccs_graphql.db.queries.transfers import TransferFilter
from mccs_graphql.domain.access import HOLDER, INSPECT, READ
from mccs_graphql.domain.ledger.commands import Direction
from mccs_graphql.domain.money import Money
from mccs_graphql.loaders import TransfersKey
from mccs_graphql.schema import cursors
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.ids import IdPrefix, encode_id, id_of
from mccs_graphql.schema.nodes import Node
from mccs_graphql.schema.pages import PageInfo, page_info, window_of
from mccs_graphql.schema.people import NamedUser, load_named
from mccs_graphql.schema.posting import LazyEntity, Posting, TransferStep, load_side

CURSOR = "transfer"
CURSOR_READERS = (cursors.moment, cursors.identity)

_LAZY = strawberry.lazy("mccs_graphql.schema.transfer")


@strawberry.type(
    description="A movement of credits, proposed by one entity and decided by the other, or made "
    "by an admin. Seen by the members of either.",
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

    admin_reason: str | None = strawberry.field(
        description="Why an admin made it, in the admin's own words; null if none did."
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
            admin_reason=row.admin_reason,
        )

    @strawberry.field(description="Who is debited; null if you may not see the entity any more.")
    async def payer(self, info: Info) -> LazyEntity | None:
        return await load_side(info, self.row.payer_id)

    @strawberry.field(description="Who is credited; null if you may not see the entity any more.")
    async def payee(self, info: Info) -> LazyEntity | None:
        return await load_side(info, self.row.payee_id)

    @strawberry.field(
        description="Who proposed it: the payer or the payee; null if an admin made it."
    )
    async def initiator(self, info: Info) -> LazyEntity | None:
        return None if self.row.admin_id else await load_side(info, self.row.initiator_id)

    @strawberry.field(description="Who decides it: the other one; null if an admin made it.")
    async def receiver(self, info: Info) -> LazyEntity | None:
        return None if self.row.admin_id else await load_side(info, self.row.receiver_id)

    @strawberry.field(description="The admin who made or cancelled it; null if none did.")
    async def admin(self, info: Info) -> NamedUser | None:
        by_admin = self.row.cancelled_by is Canceller.ADMIN
        return await load_named(info, self.row.decided_by if by_admin else self.row.admin_id)

    @strawberry.field(description="The transfer that this one takes back; null if it does not.")
    async def reverses(self, info: Info) -> Annotated["Transfer", _LAZY] | None:
        return await load_transfer(info, self.row.reverses_id) if self.row.reverses_id else None

    @strawberry.field(description="The transfer that takes this one back; null if none does.")
    async def reversed_by(self, info: Info) -> Annotated["Transfer", _LAZY] | None:
        row = await info.context.loaders.reversals.load(self.row.id)
        return Transfer.of(row) if row else None

    @strawberry.field(
        description="What it left in the books, the payer's line first; empty unless completed."
    )
    async def postings(self, info: Info) -> list[Posting] | None:
        return list(map(Posting.of, await info.context.loaders.postings.load(self.row.id)))

    @strawberry.field(
        description="What users did with it, in order; null unless you are an admin.",
        directives=[access(INSPECT)],
    )
    def history(self, info: Info) -> list[TransferStep] | None:
        viewer = info.context.viewer
        if viewer is None or not viewer.may(INSPECT, self.row.payer_id):
            return None
        return list(_steps(self.row))


@strawberry.type(description="A transfer as one of its sides sees it.", directives=[access(HOLDER)])
class TransferEdge:
    owner_id: strawberry.Private[UUID]
    cursor: str = strawberry.field(description="Its position, to go on from.")
    node: Transfer = strawberry.field(description="The transfer.")
    direction: Direction = strawberry.field(description="Whether the entity pays or is paid.")

    @strawberry.field(description="The other side; null if you may not see it any more.")
    async def counterparty(self, info: Info) -> LazyEntity | None:
        row = self.node.row
        id_ = row.payee_id if self.owner_id == row.payer_id else row.payer_id
        return await load_side(info, id_)


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


def _steps(row: TransferRow) -> Iterator[TransferStep]:
    """An admin's transfer has the last step only: it begins and ends in one."""
    if row.admin_id is None:
        yield TransferStep(
            user_id=row.proposed_by,
            state=TransferState.INITIATED,
            at=row.proposed_at,
            as_admin=False,
            reason=None,
        )
    if row.decided_at is not None:
        yield TransferStep(
            user_id=row.decided_by,
            state=row.state,
            at=row.decided_at,
            as_admin=row.admin_id is not None or row.cancelled_by is Canceller.ADMIN,
            reason=row.admin_reason or row.cancellation_reason,
        )
