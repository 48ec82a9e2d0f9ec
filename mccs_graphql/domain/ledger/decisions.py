"""The second step: the receiver accepts or rejects, or the initiator cancels."""

from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import (
    Canceller,
    EventKind,
    SystemReason,
    Transfer,
    TransferState,
)
from mccs_graphql.db.queries import ledger as queries
from mccs_graphql.db.queries.ledger import Side
from mccs_graphql.domain import events
from mccs_graphql.domain.access import READ, TRADE
from mccs_graphql.domain.errors import Refusal
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.ledger import idempotency
from mccs_graphql.domain.ledger.allowances import allowance_of, lock_allowance
from mccs_graphql.domain.ledger.commands import require_valid_reason
from mccs_graphql.domain.ledger.postings import post
from mccs_graphql.domain.ledger.proposals import Outcome
from mccs_graphql.domain.ledger.refusals import (
    DecisionNotYours,
    TransferAlreadyDecided,
    TransferCancelledBySystem,
    TransferNotFound,
)
from mccs_graphql.domain.ledger.rules import Deal, broken_limit, refusals, status_refusals
from mccs_graphql.domain.visibility import may_see_transfer


@dataclass(frozen=True)
class _Case:
    """A transfer with its sides, as the one who decides sees it."""

    transfer: Transfer
    deal: Deal
    now: datetime

    @property
    def sides(self) -> tuple[Side, Side]:
        return (self.deal.payer, self.deal.payee)


async def accept(session: AsyncSession, viewer: Viewer, transfer_id: UUID, *, key: UUID) -> Outcome:
    """Move the balances. Status and limits are checked again, on the locked rows.

    A limit that breaks now cancels the transfer instead: that is kept, so the outcome carries
    TransferCancelledBySystem as its refusal, for after the commit.
    """
    await _claim(session, viewer, transfer_id, key=key, request="accept")
    case = await _open_case(session, viewer, transfer_id, decider=Canceller.RECEIVER)
    transfer = case.transfer
    if transfer.state is TransferState.COMPLETED:
        return Outcome(transfer)
    if transfer.system_reason is not None:
        return _cancelled_by_system(transfer, transfer.system_reason)
    _require_open(transfer)
    allowance = await lock_allowance(session, viewer)
    for refusal in chain(allowance.refusals(transfer.amount), status_refusals(case.deal)):
        raise refusal
    reason = broken_limit(case.deal)
    if reason is not None:
        await _cancel(session, case, by=Canceller.SYSTEM, system_reason=reason)
        return _cancelled_by_system(transfer, reason)
    allowance.take(transfer.amount)
    _decide(case, TransferState.COMPLETED, by=viewer)
    post(session, transfer, payer=case.deal.payer.account, payee=case.deal.payee.account)
    await _tell(session, case, EventKind.TRANSFER_COMPLETED)
    return Outcome(transfer)


async def reject(
    session: AsyncSession, viewer: Viewer, transfer_id: UUID, *, key: UUID, reason: str | None
) -> Outcome:
    """The receiver says no."""
    return await _end(session, viewer, transfer_id, key=key, reason=reason, by=Canceller.RECEIVER)


async def cancel(
    session: AsyncSession, viewer: Viewer, transfer_id: UUID, *, key: UUID, reason: str | None
) -> Outcome:
    """The initiator takes the proposal back."""
    return await _end(session, viewer, transfer_id, key=key, reason=reason, by=Canceller.INITIATOR)


async def expire(session: AsyncSession, transfer_id: UUID) -> bool:
    """Nobody decided in time: the system cancels it; False if somebody was quicker after all."""
    found = await queries.find_transfer(session, transfer_id, lock=True)
    if found is None or found.transfer.state is not TransferState.INITIATED:
        return False
    transfer = found.transfer
    asking, other = sorted(found.sides, key=lambda side: side.entity.id != transfer.initiator_id)
    asking_pays = transfer.initiator_id == transfer.payer_id
    deal = Deal(asking, other, asking_pays=asking_pays, amount=transfer.amount)
    case = _Case(transfer, deal, found.now)
    await _cancel(session, case, by=Canceller.SYSTEM, system_reason=SystemReason.EXPIRED)
    return True


async def check_acceptance(
    session: AsyncSession, viewer: Viewer, transfer_id: UUID
) -> list[Refusal]:
    """Every reason why ``accept`` would not complete the transfer now, in its order."""
    try:
        case = await _open_case(
            session, viewer, transfer_id, decider=Canceller.RECEIVER, lock=False
        )
        _require_open(case.transfer)
    except Refusal as refusal:
        return [refusal]
    allowance = allowance_of(viewer)
    return [*allowance.refusals(case.transfer.amount), *refusals(case.deal)]


async def _end(
    session: AsyncSession,
    viewer: Viewer,
    transfer_id: UUID,
    *,
    key: UUID,
    reason: str | None,
    by: Canceller,
) -> Outcome:
    require_valid_reason(reason)
    await _claim(session, viewer, transfer_id, key=key, request=("end", by, reason))
    case = await _open_case(session, viewer, transfer_id, decider=by)
    if case.transfer.cancelled_by is by:
        return Outcome(case.transfer)
    _require_open(case.transfer)
    await _cancel(session, case, by=by, reason=reason, viewer=viewer)
    return Outcome(case.transfer)


async def _claim(
    session: AsyncSession, viewer: Viewer, transfer_id: UUID, *, key: UUID, request: object
) -> None:
    await idempotency.claim(
        session,
        actor_id=viewer.id,
        key=key,
        request=(request, transfer_id),
        transfer_id=transfer_id,
    )


async def _open_case(
    session: AsyncSession,
    viewer: Viewer,
    transfer_id: UUID,
    *,
    decider: Canceller,
    lock: bool = True,
) -> _Case:
    """Lock the transfer and both sides, and see that it is for the viewer to decide.

    Raises TransferNotFound; Forbidden to members who may only look on; DecisionNotYours. Whoever
    may act for the initiator may only cancel, also when acting for the receiver as well: a
    transfer takes two (upstream's rule). An API token is no way around that.
    """
    found = await queries.find_transfer(session, transfer_id, lock=lock)
    if found is None or not may_see_transfer(viewer, found.transfer):
        raise TransferNotFound
    transfer = found.transfer
    own = [id_ for id_ in (transfer.initiator_id, transfer.receiver_id) if viewer.may(READ, id_)]
    deciding_id = next((id_ for id_ in own if viewer.may(TRADE, id_)), own[0])
    viewer.require(TRADE, deciding_id)
    acts_for_initiator = deciding_id == transfer.initiator_id
    on_both_sides = transfer.initiator_id in viewer.also_trades_for
    if acts_for_initiator != (decider is Canceller.INITIATOR) or on_both_sides:
        raise DecisionNotYours
    asking, other = sorted(found.sides, key=lambda side: side.entity.id != deciding_id)
    asking_pays = deciding_id == transfer.payer_id
    deal = Deal(asking, other, asking_pays=asking_pays, amount=transfer.amount)
    return _Case(transfer, deal, found.now)


def _require_open(transfer: Transfer) -> None:
    if transfer.state is not TransferState.INITIATED:
        raise TransferAlreadyDecided(state=transfer.state, cancelled_by=transfer.cancelled_by)


def _decide(case: _Case, state: TransferState, *, by: Viewer | None) -> None:
    case.transfer.state = state
    case.transfer.decided_at = case.now
    case.transfer.decided_by = by.id if by else None
    case.transfer.decided_with = by.token_id if by else None


async def _cancel(
    session: AsyncSession,
    case: _Case,
    *,
    by: Canceller,
    reason: str | None = None,
    system_reason: SystemReason | None = None,
    viewer: Viewer | None = None,
) -> None:
    _decide(case, TransferState.CANCELLED, by=viewer)
    case.transfer.cancelled_by = by
    case.transfer.cancellation_reason = reason
    case.transfer.system_reason = system_reason
    await _tell(session, case, EventKind.TRANSFER_CANCELLED)


async def _tell(session: AsyncSession, case: _Case, kind: EventKind) -> None:
    accounts = [side.account for side in case.sides]
    events.record(session, kind=kind, transfer=case.transfer, accounts=accounts)
    await session.flush()


def _cancelled_by_system(transfer: Transfer, reason: SystemReason) -> Outcome:
    return Outcome(transfer, TransferCancelledBySystem(reason=reason, transfer=transfer))
