"""Admins look at all transfers, and step in."""

from typing import Annotated

import strawberry

from mccs_graphql.db.queries.transfer_search import TransferOrder
from mccs_graphql.domain.access import ADMINISTER, INSPECT
from mccs_graphql.domain.administration import transfers
from mccs_graphql.domain.administration.transfer_search import find_transfers
from mccs_graphql.schema.access import access
from mccs_graphql.schema.administration.transfer_results import (
    AdminCancelTransferResult,
    AdminDecisionInput,
    AdminTransferInput,
    AdminTransferResult,
    ReverseTransferResult,
)
from mccs_graphql.schema.administration.transfers import (
    AllTransfersConnection,
    AllTransfersFilterInput,
    cursor_kind,
    cursor_readers,
)
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.pages import After, Before, First, Last, window_of
from mccs_graphql.schema.transfer import Transfer
from mccs_graphql.schema.transfer_results import TransferPayload

Decision = Annotated[AdminDecisionInput, strawberry.argument(description="Which one, and why.")]


@strawberry.type
class AllTransfersQuery:
    @strawberry.field(
        description="The transfers of the whole community, or those that are looked for.",
        directives=[access(INSPECT)],
    )
    async def all_transfers(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[
            AllTransfersFilterInput | None, strawberry.argument(description="Only some of them.")
        ] = None,
        order_by: Annotated[
            TransferOrder, strawberry.argument(description="How they are sorted.")
        ] = TransferOrder.NEWEST,
    ) -> AllTransfersConnection | None:
        sought = (filter or AllTransfersFilterInput()).to_sought(order_by)
        kind, readers = cursor_kind(sought), cursor_readers(order_by)
        window = window_of(kind, *readers, first=first, after=after, last=last, before=before)
        async with info.context.database.reading() as session:
            page = await find_transfers(session, sought, window)
        return AllTransfersConnection.of(page, sought)


@strawberry.type
class AdminTransferMutation:
    @strawberry.mutation(
        description="Make a transfer for members. It completes at once; both sides are told by "
        "whom and why.",
        directives=[access(ADMINISTER)],
    )
    async def admin_transfer(
        self,
        info: Info,
        input: Annotated[
            AdminTransferInput, strawberry.argument(description="Who pays whom, and why.")
        ],
    ) -> AdminTransferResult:
        viewer = info.context.require_viewer()
        async with info.context.writing() as session:
            row = await transfers.make(
                session, viewer, input.to_movement(), key=input.idempotency_key
            )
        return TransferPayload(transfer=Transfer.of(row))

    @strawberry.mutation(
        description="Cancel an open proposal. Both sides are told by whom and why.",
        directives=[access(ADMINISTER)],
    )
    async def admin_cancel_transfer(self, info: Info, input: Decision) -> AdminCancelTransferResult:
        viewer, id_ = info.context.require_viewer(), input.to_transfer_id()
        async with info.context.writing() as session:
            row = await transfers.cancel(
                session, viewer, id_, key=input.idempotency_key, reason=input.reason
            )
        return TransferPayload(transfer=Transfer.of(row))

    @strawberry.mutation(
        description="Take back a completed transfer by a new one, which is answered; once. Both "
        "sides are told by whom and why.",
        directives=[access(ADMINISTER)],
    )
    async def reverse_transfer(self, info: Info, input: Decision) -> ReverseTransferResult:
        viewer, id_ = info.context.require_viewer(), input.to_transfer_id()
        async with info.context.writing() as session:
            row = await transfers.reverse(
                session, viewer, id_, key=input.idempotency_key, reason=input.reason
            )
        return TransferPayload(transfer=Transfer.of(row))
