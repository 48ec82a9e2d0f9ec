"""Proposing transfers, deciding them, and asking first."""

from typing import Annotated
from uuid import UUID

import strawberry

from mccs_graphql.domain.access import READ, TRADE
from mccs_graphql.domain.ledger import decisions, proposals
from mccs_graphql.domain.ledger.proposals import Outcome
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.refusals import to_user_error
from mccs_graphql.schema.transfer import Transfer, load_transfer
from mccs_graphql.schema.transfer_results import (
    AcceptTransferInput,
    AcceptTransferResult,
    CheckTransferInput,
    EndTransferInput,
    EndTransferResult,
    ProposeTransferInput,
    ProposeTransferResult,
    TransferCheck,
    TransferPayload,
)


@strawberry.type
class TransferQuery:
    @strawberry.field(
        description="The transfer with this id; null if it is not one of yours.",
        directives=[access(READ)],
    )
    async def transfer(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id of a transfer.")],
    ) -> Transfer | None:
        return await load_transfer(info, id_of(IdPrefix.TRANSFER, id))

    @strawberry.field(
        description="Whether a proposal or an acceptance would go through now, and if not, why.",
        directives=[access(TRADE)],
    )
    async def check_transfer(
        self,
        info: Info,
        input: Annotated[CheckTransferInput, strawberry.argument(description="What to check.")],
    ) -> TransferCheck | None:
        viewer = info.context.require_viewer()
        async with info.context.database.reading() as session:
            if input.acceptance_of:
                transfer_id = id_of(IdPrefix.TRANSFER, input.acceptance_of.value)
                refusals = await decisions.check_acceptance(session, viewer, transfer_id)
            elif input.proposal:
                proposal = input.proposal.value.to_proposal()
                refusals = await proposals.check(session, viewer, proposal)
        return TransferCheck(refusals=list(map(to_user_error, refusals)))


@strawberry.type
class TransferMutation:
    @strawberry.mutation(
        description="Propose to pay (OUT) or to be paid (IN).", directives=[access(TRADE)]
    )
    async def propose_transfer(
        self,
        info: Info,
        input: Annotated[ProposeTransferInput, strawberry.argument(description="The proposal.")],
    ) -> ProposeTransferResult:
        viewer = info.context.require_viewer()
        proposal = input.to_proposal(description=input.description)
        async with info.context.writing() as session:
            outcome = await proposals.propose(session, viewer, proposal, key=input.idempotency_key)
        return _payload(outcome)

    @strawberry.mutation(
        description="Accept a transfer proposed to you: the balances move.",
        directives=[access(TRADE)],
    )
    async def accept_transfer(
        self,
        info: Info,
        input: Annotated[AcceptTransferInput, strawberry.argument(description="Which one.")],
    ) -> AcceptTransferResult:
        viewer, transfer_id = info.context.require_viewer(), _transfer_id(input)
        async with info.context.writing() as session:
            outcome = await decisions.accept(
                session, viewer, transfer_id, key=input.idempotency_key
            )
        return _payload(outcome)

    @strawberry.mutation(
        description="Reject a transfer proposed to you.", directives=[access(TRADE)]
    )
    async def reject_transfer(
        self,
        info: Info,
        input: Annotated[EndTransferInput, strawberry.argument(description="Which one, and why.")],
    ) -> EndTransferResult:
        viewer, transfer_id = info.context.require_viewer(), _transfer_id(input)
        async with info.context.writing() as session:
            outcome = await decisions.reject(
                session, viewer, transfer_id, key=input.idempotency_key, reason=input.reason
            )
        return _payload(outcome)

    @strawberry.mutation(
        description="Take back a transfer you proposed.", directives=[access(TRADE)]
    )
    async def cancel_transfer(
        self,
        info: Info,
        input: Annotated[EndTransferInput, strawberry.argument(description="Which one, and why.")],
    ) -> EndTransferResult:
        viewer, transfer_id = info.context.require_viewer(), _transfer_id(input)
        async with info.context.writing() as session:
            outcome = await decisions.cancel(
                session, viewer, transfer_id, key=input.idempotency_key, reason=input.reason
            )
        return _payload(outcome)


def _transfer_id(input_: AcceptTransferInput) -> UUID:
    return id_of(IdPrefix.TRANSFER, input_.transfer_id)


def _payload(outcome: Outcome) -> TransferPayload:
    """What is committed, or the refusal that came of it."""
    if outcome.refusal is not None:
        raise outcome.refusal
    return TransferPayload(transfer=Transfer.of(outcome.transfer))
