"""What a member asks of the ledger, checked for form."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from mccs_graphql.db.models.transfer import AMOUNT_MAX, DESCRIPTION_MAX, REASON_MAX
from mccs_graphql.domain import text
from mccs_graphql.domain.errors import Problem
from mccs_graphql.domain.ledger.account_numbers import is_account_number
from mccs_graphql.domain.ledger.refusals import AccountNumberInvalid
from mccs_graphql.domain.money import Money


class Direction(StrEnum):
    """A transfer seen from one entity."""

    OUT = "out"
    IN = "in"


@dataclass(frozen=True)
class Receiver:
    """Who is to decide: exactly one of the two is given. ``entity_id`` may be of nobody."""

    entity_id: UUID | None = None
    account_number: str | None = None


@dataclass(frozen=True)
class Proposal:
    """``initiator_id`` offers to pay (OUT) or asks to be paid (IN) ``amount`` smallest units."""

    initiator_id: UUID
    receiver: Receiver
    direction: Direction
    amount: Money
    description: str = ""


def require_valid(proposal: Proposal) -> None:
    """Raise InvalidInput or AccountNumberInvalid unless the proposal has the right form."""
    text.require(_problems(proposal))
    number = proposal.receiver.account_number
    if number is not None and not is_account_number(number):
        raise AccountNumberInvalid


def require_valid_reason(reason: str | None) -> None:
    """Raise InvalidInput unless the reason can be kept."""
    text.require(text.problems_of("reason", reason or "", most=REASON_MAX))


def _problems(proposal: Proposal) -> Iterator[Problem]:
    if proposal.amount <= 0:
        yield Problem(("amount",), "NOT_POSITIVE", "The amount must be more than zero.")
    if proposal.amount > AMOUNT_MAX:
        yield Problem(("amount",), "TOO_LARGE", "The amount is larger than the books can hold.")
    yield from text.problems_of("description", proposal.description, most=DESCRIPTION_MAX)
