"""A year of trade between the businesses of a town, made up the same way every time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from mccs_graphql.communities.sample.town import Business, Sale, Town
from mccs_graphql.db.models import Account, Canceller, Entity, TransferState
from mccs_graphql.db.queries.ledger import Side
from mccs_graphql.domain.ledger.commands import Direction
from mccs_graphql.domain.ledger.rules import Deal, broken_limit
from mccs_graphql.domain.money import Money

SEED = 1953
TRADES = 220
DAYS = 360
DAYS_QUIET = 3
TRIES = 50
OPENING_HOUR, CLOSING_HOUR = 8, 19
ANSWER_DAYS_MAX = 3

INVOICED = 0.55
"""How many sellers ask to be paid, rather than wait for the buyer's offer."""
IMPULSE = 0.15
"""How many buyers want what is not on their list."""
ENDINGS: dict[Canceller | None, float] = {
    None: 0.86,
    Canceller.RECEIVER: 0.08,
    Canceller.INITIATOR: 0.06,
}
"""Who ends how many proposals; None are accepted."""
SLACK, PULL = 0.1, 3
"""How much somebody at a limit still goes on, and how strongly balances are drawn back to zero."""


@dataclass(frozen=True)
class Trade:
    """A transfer by the names of its sides; ``amount`` in the smallest unit.

    Without ``decided_at`` it is open, without ``cancelled_by`` it completed.
    """

    payer: str
    payee: str
    initiator: str
    amount: Money
    description: str
    proposed_at: datetime
    decided_at: datetime | None = None
    cancelled_by: Canceller | None = None
    reason: str | None = None

    @property
    def state(self) -> TransferState:
        if self.decided_at is None:
            return TransferState.INITIATED
        return TransferState.CANCELLED if self.cancelled_by else TransferState.COMPLETED

    @property
    def receiver(self) -> str:
        return self.payee if self.initiator == self.payer else self.payer


def make_history(town: Town, *, now: datetime, scale: int) -> list[Trade]:
    """Past trades that keep every limit at every moment, in order of their decisions."""
    return [*_Market(town, scale=scale).trades(now)]


def open_trades(town: Town, *, now: datetime, scale: int) -> Iterator[Trade]:
    """The proposals that wait for an answer."""
    for proposal in town.proposals:
        sides = (proposal.initiator, proposal.receiver)
        payer, payee = sides if proposal.direction is Direction.OUT else sides[::-1]
        yield Trade(
            payer=payer,
            payee=payee,
            initiator=proposal.initiator,
            amount=Money(proposal.amount * 10**scale),
            description=proposal.description,
            proposed_at=now - timedelta(hours=proposal.hours_ago),
        )


class _Market:
    """Who owes and who is owed, while the history is being made up."""

    def __init__(self, town: Town, *, scale: int) -> None:
        self.random = Random(SEED)  # noqa: S311 - no secret, the same every time
        self.reasons = town.reasons
        self.scale = scale
        self.businesses = [business for business in town.entities if business.trades]
        self.sides = {business.name: _side(business, scale) for business in self.businesses}

    def trades(self, now: datetime) -> Iterator[Trade]:
        for decided_at in sorted(self._moments(now)):
            yield self._trade(decided_at)

    def _moments(self, now: datetime) -> Iterator[datetime]:
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        for _ in range(TRADES):
            yield today - timedelta(
                days=self.random.randint(DAYS_QUIET, DAYS),
                hours=-self.random.randint(OPENING_HOUR, CLOSING_HOUR),
                minutes=-self.random.randint(0, 59),
                seconds=-self.random.randint(0, 59),
            )

    def _trade(self, decided_at: datetime) -> Trade:
        deal, sale = self._deal()
        payer, payee = deal.payer.entity.name, deal.payee.entity.name
        cancelled_by = self.random.choices(list(ENDINGS), list(ENDINGS.values()))[0]
        if cancelled_by is None:
            deal.payer.account.balance -= deal.amount
            deal.payee.account.balance += deal.amount
        return Trade(
            payer=payer,
            payee=payee,
            initiator=payee if self.random.random() < INVOICED else payer,
            amount=Money(deal.amount),
            description=sale.description,
            proposed_at=self._proposed_at(decided_at),
            decided_at=decided_at,
            cancelled_by=cancelled_by,
            reason=self._reason(cancelled_by),
        )

    def _proposed_at(self, decided_at: datetime) -> datetime:
        """Some days before, and not in the night."""
        minutes = (decided_at.hour - OPENING_HOUR + 1) * 60
        days = self.random.randint(0, ANSWER_DAYS_MAX)
        return decided_at - timedelta(days=days, minutes=self.random.randint(5, minutes))

    def _deal(self) -> tuple[Deal, Sale]:
        """Somebody who should earn sells to somebody who should spend, within their limits."""
        for _ in range(TRIES):
            seller = self._pick(self.businesses, earn=True)
            buyer = self._pick(self._buyers(seller), earn=False)
            sale = self.random.choice(seller.sells)
            halves = self.random.randint(2 * sale.least, 2 * sale.most)
            sides = self.sides[buyer.name], self.sides[seller.name]
            deal = Deal(*sides, asking_pays=True, amount=halves * 10**self.scale // 2)
            if broken_limit(deal) is None:
                return deal, sale
        raise RuntimeError("the limits of the sample town are too tight for its trade")

    def _buyers(self, seller: Business) -> list[Business]:
        """Nobody accepts what they proposed themselves, for another business of theirs."""
        others = [
            business for business in self.businesses if not {*business.people} & {*seller.people}
        ]
        keen = [business for business in others if {*business.wants} & {*seller.offers}]
        return keen if keen and self.random.random() > IMPULSE else others

    def _pick(self, businesses: list[Business], *, earn: bool) -> Business:
        weights = [
            business.busy * _need(self.sides[business.name].account, earn=earn)
            for business in businesses
        ]
        return self.random.choices(businesses, weights)[0]

    def _reason(self, canceller: Canceller | None) -> str | None:
        if canceller is None:
            return None
        given = self.reasons
        return self.random.choice(
            given.receiver if canceller is Canceller.RECEIVER else given.initiator
        )


def _need(account: Account, *, earn: bool) -> float:
    """How often to pick a business that should earn, or else spend, to come back to zero."""
    limit = account.max_negative_balance if account.balance < 0 else account.max_positive_balance
    position = account.balance / (limit or 1)
    return float((1 + SLACK - position if earn else 1 + SLACK + position) ** PULL)


def _side(business: Business, scale: int) -> Side:
    """A side for reckoning only; these rows are never written."""
    negative, positive = business.limits
    account = Account(
        balance=0,
        max_negative_balance=negative * 10**scale,
        max_positive_balance=positive * 10**scale,
    )
    return Side(account, Entity(name=business.name))
