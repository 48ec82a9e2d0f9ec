"""What the transfer mutations of admins take and lead to."""

from typing import Annotated
from uuid import UUID

import strawberry

from mccs_graphql.domain.administration.transfers import Movement
from mccs_graphql.domain.money import Money
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.refusals import (
    IdempotencyKeyReused,
    InvalidInput,
    PayeeLimitExceeded,
    PayeeNotFound,
    PayeeNotTrading,
    PayerLimitExceeded,
    PayerNotFound,
    PayerNotTrading,
    TransferAlreadyDecided,
    TransferAlreadyReversed,
    TransferIsReversal,
    TransferNotCompleted,
    TransferNotFound,
)
from mccs_graphql.schema.transfer_results import KEY, TransferPayload

_REASON = "Shown to both sides, with your name; at most 500 characters."


@strawberry.input(description="A transfer that you make for members, and why.")
class AdminTransferInput:
    payer_id: strawberry.ID = strawberry.field(description="The entity that pays.")
    payee_id: strawberry.ID = strawberry.field(description="The entity that is paid.")
    amount: Money = strawberry.field(description="How much; more than zero.")
    description: str = strawberry.field(
        default="", description="What it is for; at most 500 characters."
    )
    reason: str = strawberry.field(description=_REASON)
    idempotency_key: UUID = strawberry.field(description=KEY)

    def to_movement(self) -> Movement:
        """As the domain takes it."""
        return Movement(
            payer_id=id_of(IdPrefix.ENTITY, self.payer_id),
            payee_id=id_of(IdPrefix.ENTITY, self.payee_id),
            amount=self.amount,
            description=self.description,
            reason=self.reason,
        )


@strawberry.input(description="A transfer that you step in with, and why.")
class AdminDecisionInput:
    transfer_id: strawberry.ID = strawberry.field(description="The id of the transfer.")
    reason: str = strawberry.field(description=_REASON)
    idempotency_key: UUID = strawberry.field(description=KEY)

    def to_transfer_id(self) -> UUID:
        """As the domain takes it."""
        return id_of(IdPrefix.TRANSFER, self.transfer_id)


AdminTransferResult = Annotated[
    TransferPayload
    | IdempotencyKeyReused
    | InvalidInput
    | PayeeLimitExceeded
    | PayeeNotFound
    | PayeeNotTrading
    | PayerLimitExceeded
    | PayerNotFound
    | PayerNotTrading,
    strawberry.union("AdminTransferResult", description="What `adminTransfer` leads to."),
]
AdminCancelTransferResult = Annotated[
    TransferPayload
    | IdempotencyKeyReused
    | InvalidInput
    | TransferAlreadyDecided
    | TransferNotFound,
    strawberry.union(
        "AdminCancelTransferResult", description="What `adminCancelTransfer` leads to."
    ),
]
ReverseTransferResult = Annotated[
    TransferPayload
    | IdempotencyKeyReused
    | InvalidInput
    | PayeeLimitExceeded
    | PayerLimitExceeded
    | TransferAlreadyReversed
    | TransferIsReversal
    | TransferNotCompleted
    | TransferNotFound,
    strawberry.union("ReverseTransferResult", description="What `reverseTransfer` leads to."),
]
