"""Whether two sides may make a transfer: the one place that knows, for the check and the deed."""

from collections.abc import Iterator
from dataclasses import dataclass

from mccs_graphql.db.models import Account, EntityStatus, SystemReason
from mccs_graphql.db.queries.ledger import Side
from mccs_graphql.domain.errors import Refusal
from mccs_graphql.domain.ledger.refusals import (
    BalanceCeilingExceeded,
    CounterpartyLimitExceeded,
    CounterpartyNotTrading,
    CreditLimitExceeded,
    EntityNotTrading,
)
from mccs_graphql.domain.money import Money


@dataclass(frozen=True)
class Deal:
    """A movement of ``amount`` between two sides, as the asking one sees it."""

    asking: Side
    other: Side
    asking_pays: bool
    amount: int

    @property
    def payer(self) -> Side:
        return self.asking if self.asking_pays else self.other

    @property
    def payee(self) -> Side:
        return self.other if self.asking_pays else self.asking


def refusals(deal: Deal) -> Iterator[Refusal]:
    """Every reason against the deal, in order of precedence; the caller's own come with figures."""
    yield from status_refusals(deal)
    yield from limit_refusals(deal)


def status_refusals(deal: Deal) -> Iterator[Refusal]:
    """Both sides must be accepted for trading."""
    if deal.asking.entity.status != EntityStatus.TRADING_ACCEPTED:
        yield EntityNotTrading(status=deal.asking.entity.status)
    if deal.other.entity.status != EntityStatus.TRADING_ACCEPTED:
        yield CounterpartyNotTrading()


def limit_refusals(deal: Deal) -> Iterator[Refusal]:
    """Both ends must stay in range: a ceiling protects the community as a floor does."""
    payer, payee = deal.payer.account, deal.payee.account
    short, full = deal.amount > spendable(payer), deal.amount > receivable(payee)
    if deal.asking_pays:
        if short:
            yield CreditLimitExceeded(most=Money(spendable(payer)))
        if full:
            yield CounterpartyLimitExceeded()
    else:
        if full:
            yield BalanceCeilingExceeded(most=Money(receivable(payee)))
        if short:
            yield CounterpartyLimitExceeded()


def broken_limit(deal: Deal) -> SystemReason | None:
    """Which limit the deal would break, whoever asks; the payer's is named first."""
    if deal.amount > spendable(deal.payer.account):
        return SystemReason.PAYER_CREDIT_LIMIT
    if deal.amount > receivable(deal.payee.account):
        return SystemReason.PAYEE_BALANCE_CEILING
    return None


def spendable(account: Account) -> int:
    """The most the account could pay now, in the smallest unit.

    0 for one that a forced change of its limits left below them: it can only be paid.
    """
    return max(0, account.balance + account.max_negative_balance)


def receivable(account: Account) -> int:
    """The most the account could be paid now, in the smallest unit; 0 above its limits."""
    return max(0, account.max_positive_balance - account.balance)
