"""What the transfer mutations take and lead to."""

from typing import Annotated
from uuid import UUID

import strawberry

from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.ledger.commands import Direction, Proposal, Receiver
from mccs_graphql.domain.money import Money
from mccs_graphql.schema.access import access
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.refusals import (
    AccountNumberInvalid,
    BalanceCeilingExceeded,
    CounterpartyLimitExceeded,
    CounterpartyNotTrading,
    CreditLimitExceeded,
    DailyAmountExceeded,
    DecisionNotYours,
    EntityNotTrading,
    IdempotencyKeyReused,
    InvalidInput,
    ReceiverNotFound,
    TransferAlreadyDecided,
    TransferCancelledBySystem,
    TransferNotFound,
    TransferWithItself,
    UserError,
)
from mccs_graphql.schema.transfer import Transfer

KEY = (
    "Yours to choose, a new one for each request. The same request with the same key has its "
    "effect once and the same answer however often it is sent."
)


@strawberry.input(one_of=True, description="Who is to decide: say one of the two.")
class ReceiverInput:
    id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="The id of the entity.")
    account_number: strawberry.Maybe[str] = strawberry.field(
        description="The number of its account."
    )

    def to_receiver(self) -> Receiver:
        """As the domain takes it."""
        return Receiver(
            entity_id=id_of(IdPrefix.ENTITY, self.id.value) if self.id else None,
            account_number=self.account_number.value if self.account_number else None,
        )


@strawberry.input(description="What a transfer is to be.")
class TransferTermsInput:
    initiator_id: strawberry.ID = strawberry.field(description="The entity you act for.")
    receiver: ReceiverInput = strawberry.field(description="The other entity, which decides.")
    direction: Direction = strawberry.field(
        description="OUT: your entity pays. IN: it asks to be paid."
    )
    amount: Money = strawberry.field(description="How much; more than zero.")

    def to_proposal(self, *, description: str = "") -> Proposal:
        """As the domain takes it."""
        return Proposal(
            initiator_id=id_of(IdPrefix.ENTITY, self.initiator_id),
            receiver=self.receiver.to_receiver(),
            direction=self.direction,
            amount=self.amount,
            description=description,
        )


@strawberry.input(description="A proposal, and the key that makes repeating it safe.")
class ProposeTransferInput(TransferTermsInput):
    description: str = strawberry.field(
        default="", description="What it is for; at most 500 characters."
    )
    idempotency_key: UUID = strawberry.field(description=KEY)


@strawberry.input(description="Which transfer to accept.")
class AcceptTransferInput:
    transfer_id: strawberry.ID = strawberry.field(description="The id of the transfer.")
    idempotency_key: UUID = strawberry.field(description=KEY)


@strawberry.input(description="Which transfer to end, and why.")
class EndTransferInput(AcceptTransferInput):
    reason: str | None = strawberry.field(
        default=None, description="For the other side; at most 500 characters."
    )


@strawberry.input(one_of=True, description="What to check: say one of the two.")
class CheckTransferInput:
    proposal: strawberry.Maybe[TransferTermsInput] = strawberry.field(
        description="A transfer you think of proposing."
    )
    acceptance_of: strawberry.Maybe[strawberry.ID] = strawberry.field(
        description="A transfer you think of accepting."
    )


@strawberry.type(
    description="Whether something would go through now. It holds nothing back.",
    directives=[access(HOLDER)],
)
class TransferCheck:
    refusals: list[UserError] = strawberry.field(
        description="Every reason against it; the first is what the mutation would answer."
    )

    @strawberry.field(description="Whether there is no reason against it.")
    def possible(self) -> bool:
        return not self.refusals


@strawberry.type(description="The transfer, as the mutation left it.", directives=[access(HOLDER)])
class TransferPayload:
    transfer: Transfer = strawberry.field(description="The transfer.")


ProposeTransferResult = Annotated[
    TransferPayload
    | AccountNumberInvalid
    | BalanceCeilingExceeded
    | CounterpartyLimitExceeded
    | CounterpartyNotTrading
    | CreditLimitExceeded
    | DailyAmountExceeded
    | EntityNotTrading
    | IdempotencyKeyReused
    | InvalidInput
    | ReceiverNotFound
    | TransferWithItself,
    strawberry.union("ProposeTransferResult", description="What `proposeTransfer` leads to."),
]
AcceptTransferResult = Annotated[
    TransferPayload
    | CounterpartyNotTrading
    | DailyAmountExceeded
    | DecisionNotYours
    | EntityNotTrading
    | IdempotencyKeyReused
    | TransferAlreadyDecided
    | TransferCancelledBySystem
    | TransferNotFound,
    strawberry.union("AcceptTransferResult", description="What `acceptTransfer` leads to."),
]
EndTransferResult = Annotated[
    TransferPayload
    | DecisionNotYours
    | IdempotencyKeyReused
    | InvalidInput
    | TransferAlreadyDecided
    | TransferNotFound,
    strawberry.union(
        "EndTransferResult", description="What `rejectTransfer` and `cancelTransfer` lead to."
    ),
]
