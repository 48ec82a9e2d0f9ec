"""What the ledger refuses, in order of precedence.

When several reasons hold, the first of this list is given. The order goes from what the caller can
see and mend alone to what depends on the other side, and it is tested.

 1. InvalidInput               the description, reason or amount has no valid form
 2. AccountNumberInvalid       the account number has a wrong length or check digit
 3. IdempotencyKeyReused       the key stood for another request
 4. TransferNotFound           no such transfer, or not one of yours
 5. DecisionNotYours           the other side decides this
 6. TransferAlreadyDecided     it is completed or cancelled
 7. ReceiverNotFound           no such entity, or not one you may see
 8. TransferWithItself         both sides are the same entity
 9. DailyAmountExceeded        the API token has moved too much today
10. EntityNotTrading           your entity does not trade (yet, or any more)
11. CounterpartyNotTrading     the other one does not
12. CreditLimitExceeded        your balance would pass its floor
13. BalanceCeilingExceeded     your balance would pass its ceiling
14. CounterpartyLimitExceeded  the other side's balance would pass a limit; no figures

One comes only at an acceptance, and after the fact: TransferCancelledBySystem.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mccs_graphql.db.models import Canceller, EntityStatus, SystemReason, Transfer, TransferState
from mccs_graphql.domain.errors import Refusal
from mccs_graphql.domain.money import Money


@dataclass(eq=False)
class AccountNumberInvalid(Refusal):
    """Not sixteen digits, or the check digit is wrong: most likely a typing error."""

    code = "ACCOUNT_NUMBER_INVALID"
    message = "This is not an account number: it has sixteen digits, and the last one checks."
    path = ("receiver", "accountNumber")


@dataclass(eq=False)
class IdempotencyKeyReused(Refusal):
    """The key was used for another request. Give each request a key of its own."""

    code = "IDEMPOTENCY_KEY_REUSED"
    message = "This idempotency key stands for another request; use a new one."
    path = ("idempotencyKey",)

    transfer_id: UUID


@dataclass(eq=False)
class TransferNotFound(Refusal):
    """There is no such transfer among those of your entities."""

    code = "TRANSFER_NOT_FOUND"
    message = "There is no such transfer among those of your entities."
    path = ("transferId",)


@dataclass(eq=False)
class DecisionNotYours(Refusal):
    """The receiver accepts or rejects; the initiator cancels."""

    code = "DECISION_NOT_YOURS"
    message = "Only the receiver may accept or reject a transfer, only the initiator cancel it."
    path = ("transferId",)


@dataclass(eq=False)
class TransferAlreadyDecided(Refusal):
    """A decision is final; this transfer has another one already."""

    code = "TRANSFER_ALREADY_DECIDED"
    message = "This transfer is already completed or cancelled."
    path = ("transferId",)

    state: TransferState
    cancelled_by: Canceller | None


@dataclass(eq=False)
class ReceiverNotFound(Refusal):
    """There is no such entity that you could trade with."""

    code = "RECEIVER_NOT_FOUND"
    message = "There is no such entity to trade with."
    path = ("receiver",)


@dataclass(eq=False)
class TransferWithItself(Refusal):
    """A transfer takes two entities."""

    code = "TRANSFER_WITH_ITSELF"
    message = "An entity cannot make a transfer with itself."
    path = ("receiver",)


@dataclass(eq=False)
class DailyAmountExceeded(Refusal):
    """The API token would move more than it may on one day; a person still could."""

    code = "DAILY_AMOUNT_EXCEEDED"
    message = "This API token would move more than it may on one day."
    path = ("amount",)

    remaining: Money
    resets_at: datetime


@dataclass(eq=False)
class EntityNotTrading(Refusal):
    """Your entity is not accepted for trading."""

    code = "ENTITY_NOT_TRADING"
    message = "Your entity is not accepted for trading."
    path = ("initiatorId",)

    status: EntityStatus


@dataclass(eq=False)
class CounterpartyNotTrading(Refusal):
    """The other entity is not accepted for trading."""

    code = "COUNTERPARTY_NOT_TRADING"
    message = "The other entity is not accepted for trading."
    path = ("receiver",)


@dataclass(eq=False)
class CreditLimitExceeded(Refusal):
    """Your entity would owe more than its credit limit allows."""

    code = "CREDIT_LIMIT_EXCEEDED"
    message = "Your entity would owe more than its credit limit allows."
    path = ("amount",)

    most: Money


@dataclass(eq=False)
class BalanceCeilingExceeded(Refusal):
    """Your entity would hold more than its balance ceiling allows."""

    code = "BALANCE_CEILING_EXCEEDED"
    message = "Your entity would hold more than its balance ceiling allows."
    path = ("amount",)

    most: Money


@dataclass(eq=False)
class CounterpartyLimitExceeded(Refusal):
    """The other entity's balance would pass one of its limits; by how much is its own business."""

    code = "COUNTERPARTY_LIMIT_EXCEEDED"
    message = "The other entity's balance would pass one of its limits."
    path = ("amount",)


@dataclass(eq=False)
class TransferCancelledBySystem(Refusal):
    """The system has cancelled the transfer: a limit broke at the acceptance, or it came too late.

    Unlike the others this one is a fact of the books: both sides are told, and every repetition
    of the acceptance gets this answer.
    """

    code = "TRANSFER_CANCELLED_BY_SYSTEM"
    message = "The transfer has been cancelled: a limit broke, or nobody decided in time."
    path = ("transferId",)

    reason: SystemReason
    transfer: Transfer
