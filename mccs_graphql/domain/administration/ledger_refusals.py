"""What is refused to admins who change limits or move credits.

Of several reasons the first of these is given: the form (InvalidInput), the key
(IdempotencyKeyReused), who or what is not there, what it has become by now, who does not trade,
and the limits, the payer's before the payee's.
"""

from dataclasses import dataclass
from uuid import UUID

from mccs_graphql.db.models import EntityStatus, TransferState
from mccs_graphql.domain.errors import Refusal
from mccs_graphql.domain.money import Money


@dataclass(eq=False)
class AccountNotFound(Refusal):
    """There is no such entity, so it has no account."""

    code = "ACCOUNT_NOT_FOUND"
    message = "There is no entity with this id."
    path = ("entityId",)


@dataclass(eq=False)
class LimitsChanged(Refusal):
    """They are not what you saw any more: somebody has changed them in between."""

    code = "LIMITS_CHANGED"
    message = "These limits have changed since you saw them; look again."
    path = ("expected",)

    max_negative_balance: Money
    max_positive_balance: Money


@dataclass(eq=False)
class BalanceOutOfLimits(Refusal):
    """The balance lies outside of the new limits. It may be left there with `force`."""

    code = "BALANCE_OUT_OF_LIMITS"
    message = "The balance lies outside of these limits; set force to leave it there."
    path = ("force",)

    balance: Money


@dataclass(eq=False)
class BalancesOutOfLimits(Refusal):
    """Balances of members who would follow lie outside of the new default."""

    code = "BALANCES_OUT_OF_LIMITS"
    message = "Some balances lie outside of these limits; set force to leave them there."
    path = ("force",)

    members: int


@dataclass(eq=False)
class PayerNotFound(Refusal):
    """There is no entity with the payer's id."""

    code = "PAYER_NOT_FOUND"
    message = "There is no entity with the payer's id."
    path = ("payerId",)


@dataclass(eq=False)
class PayeeNotFound(Refusal):
    """There is no entity with the payee's id."""

    code = "PAYEE_NOT_FOUND"
    message = "There is no entity with the payee's id."
    path = ("payeeId",)


@dataclass(eq=False)
class PayerNotTrading(Refusal):
    """The payer is not accepted for trading."""

    code = "PAYER_NOT_TRADING"
    message = "The payer is not accepted for trading."
    path = ("payerId",)

    status: EntityStatus


@dataclass(eq=False)
class PayeeNotTrading(Refusal):
    """The payee is not accepted for trading."""

    code = "PAYEE_NOT_TRADING"
    message = "The payee is not accepted for trading."
    path = ("payeeId",)

    status: EntityStatus


@dataclass(eq=False)
class PayerLimitExceeded(Refusal):
    """The payer would owe more than its credit limit allows."""

    code = "PAYER_LIMIT_EXCEEDED"
    message = "The payer would owe more than its credit limit allows."

    most: Money


@dataclass(eq=False)
class PayeeLimitExceeded(Refusal):
    """The payee would hold more than its balance ceiling allows."""

    code = "PAYEE_LIMIT_EXCEEDED"
    message = "The payee would hold more than its balance ceiling allows."

    most: Money


@dataclass(eq=False)
class TransferNotCompleted(Refusal):
    """Only what has moved credits can be reversed."""

    code = "TRANSFER_NOT_COMPLETED"
    message = "Only a completed transfer can be reversed; cancel one that is open."
    path = ("transferId",)

    state: TransferState


@dataclass(eq=False)
class TransferIsReversal(Refusal):
    """A reversal is not reversed in turn: make a new transfer."""

    code = "TRANSFER_IS_REVERSAL"
    message = "A reversal is not reversed in turn; make a new transfer."
    path = ("transferId",)


@dataclass(eq=False)
class TransferAlreadyReversed(Refusal):
    """A transfer is reversed once; this one has been."""

    code = "TRANSFER_ALREADY_REVERSED"
    message = "This transfer has been reversed."
    path = ("transferId",)

    transfer_id: UUID
