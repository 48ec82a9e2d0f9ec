"""The town's trade, written into the books by the same code that writes any trade."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from random import Random
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.communities.sample.history import SEED, Trade
from mccs_graphql.communities.sample.members import Party
from mccs_graphql.db.models import (
    Account,
    Canceller,
    Event,
    EventKind,
    Posting,
    Transfer,
    TransferState,
)
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.domain import events
from mccs_graphql.domain.ledger.postings import post

DECIDED = {
    TransferState.COMPLETED: EventKind.TRANSFER_COMPLETED,
    TransferState.CANCELLED: EventKind.TRANSFER_CANCELLED,
}


@dataclass(frozen=True)
class _Case:
    """A trade with its transfer, among the parties by name."""

    trade: Trade
    transfer: Transfer
    parties: Mapping[str, Party]

    @property
    def accounts(self) -> tuple[Account, Account]:
        """The payer's and the payee's."""
        return self.parties[self.trade.payer].account, self.parties[self.trade.payee].account


async def add_trades(
    session: AsyncSession, trades: Sequence[Trade], parties: Mapping[str, Party]
) -> None:
    """Propose and decide in the order of time; the accounts must be new."""
    random = Random(SEED)  # noqa: S311 - no secret, the same every time
    cases = [_case(trade, parties, random) for trade in trades]
    session.add_all(case.transfer for case in cases)
    await session.flush()
    times: dict[tuple[UUID, EventKind], datetime] = {}
    for moment, case, kind in sorted(_happenings(cases), key=itemgetter(0)):
        if kind is not EventKind.TRANSFER_PROPOSED:
            _decide(session, case, random)
        events.record(session, kind=kind, transfer=case.transfer, accounts=case.accounts)
        times[case.transfer.id, kind] = moment
    _date(session, times)
    await session.flush()


def _case(trade: Trade, parties: Mapping[str, Party], random: Random) -> _Case:
    transfer = Transfer(
        id=uuid7(),
        payer_id=parties[trade.payer].entity.id,
        payee_id=parties[trade.payee].entity.id,
        initiator_id=parties[trade.initiator].entity.id,
        payer_name=trade.payer,
        payee_name=trade.payee,
        amount=trade.amount,
        description=trade.description,
        proposed_at=trade.proposed_at,
        proposed_by=random.choice(parties[trade.initiator].users).id,
    )
    return _Case(trade, transfer, parties)


def _happenings(cases: list[_Case]) -> Iterator[tuple[datetime, _Case, EventKind]]:
    for case in cases:
        yield case.trade.proposed_at, case, EventKind.TRANSFER_PROPOSED
        if case.trade.decided_at is not None:
            yield case.trade.decided_at, case, DECIDED[case.trade.state]


def _decide(session: AsyncSession, case: _Case, random: Random) -> None:
    trade, transfer = case.trade, case.transfer
    initiator_decides = trade.cancelled_by is Canceller.INITIATOR
    decider = trade.initiator if initiator_decides else trade.receiver
    transfer.state = trade.state
    transfer.decided_at = trade.decided_at
    transfer.decided_by = random.choice(case.parties[decider].users).id
    transfer.cancelled_by = trade.cancelled_by
    transfer.cancellation_reason = trade.reason or None
    if trade.state is TransferState.COMPLETED:
        payer, payee = case.accounts
        post(session, transfer, payer=payer, payee=payee)


def _date(session: AsyncSession, times: Mapping[tuple[UUID, EventKind], datetime]) -> None:
    """What is not yet written did not happen now, but then."""
    for row in session.new:
        if isinstance(row, Event) and row.transfer_id is not None:
            row.recorded_at = times[row.transfer_id, row.kind]
            row.told = True
        elif isinstance(row, Posting):
            row.posted_at = times[row.transfer_id, EventKind.TRANSFER_COMPLETED]
