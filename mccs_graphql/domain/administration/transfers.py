"""Admins move credits on behalf of members: openly, with a reason, and within the limits."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import (
    Canceller,
    EntityStatus,
    EventKind,
    Mail,
    MailKind,
    Transfer,
    TransferState,
)
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.db.models.transfer import AMOUNT_MAX, DESCRIPTION_MAX, REASON_MAX
from mccs_graphql.db.queries import ledger as queries
from mccs_graphql.db.queries.ledger import Found, Side
from mccs_graphql.db.queries.reversals import reversals_of
from mccs_graphql.domain import events, text
from mccs_graphql.domain.administration.ledger_refusals import (
    PayeeLimitExceeded,
    PayeeNotFound,
    PayeeNotTrading,
    PayerLimitExceeded,
    PayerNotFound,
    PayerNotTrading,
    TransferAlreadyReversed,
    TransferIsReversal,
    TransferNotCompleted,
)
from mccs_graphql.domain.audit.changes import because
from mccs_graphql.domain.errors import Problem
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.ledger import idempotency
from mccs_graphql.domain.ledger.postings import post
from mccs_graphql.domain.ledger.refusals import TransferAlreadyDecided, TransferNotFound
from mccs_graphql.domain.ledger.rules import receivable, spendable
from mccs_graphql.domain.money import Money


@dataclass(frozen=True)
class Movement:
    """``amount`` smallest units from one entity to another, and why an admin moves them."""

    payer_id: UUID
    payee_id: UUID
    amount: Money
    description: str
    reason: str


@dataclass(frozen=True)
class _Ends:
    """Both sides of a movement, locked."""

    payer: Side
    payee: Side


async def make(session: AsyncSession, viewer: Viewer, movement: Movement, *, key: UUID) -> Transfer:
    """A transfer that is completed at once. Raises what ``ledger_refusals`` lists, in its order."""
    text.require(_problems(movement))
    id_, earlier = await _claim(session, viewer, ("make", movement), key=key)
    if earlier is not None:
        return earlier
    ends = await _find_ends(session, movement)
    _require_trading(ends)
    _require_room(ends, movement.amount)
    transfer = _new(
        ends,
        id_=id_,
        amount=movement.amount,
        description=movement.description,
        reason=movement.reason,
        admin_id=viewer.id,
    )
    return await _complete(session, transfer, ends)


async def reverse(
    session: AsyncSession, viewer: Viewer, transfer_id: UUID, *, key: UUID, reason: str
) -> Transfer:
    """A new transfer that takes all of a completed one back, once.

    Limits hold; whether the sides still trade does not matter, for this mends what they once did.
    """
    _require_valid_reason(reason)
    id_, earlier = await _claim(session, viewer, ("reverse", transfer_id, reason), key=key)
    if earlier is not None:
        return earlier
    found = await _find_transfer(session, transfer_id)
    await _require_reversible(session, found.transfer)
    by_id = {side.entity.id: side for side in found.sides}
    ends = _Ends(payer=by_id[found.transfer.payee_id], payee=by_id[found.transfer.payer_id])
    _require_room(ends, found.transfer.amount)
    transfer = _new(
        ends,
        id_=id_,
        amount=found.transfer.amount,
        description=found.transfer.description,
        reason=reason,
        admin_id=viewer.id,
    )
    transfer.reverses_id = transfer_id
    return await _complete(session, transfer, ends)


async def cancel(
    session: AsyncSession, viewer: Viewer, transfer_id: UUID, *, key: UUID, reason: str
) -> Transfer:
    """End an open proposal. Raises TransferNotFound and TransferAlreadyDecided."""
    _require_valid_reason(reason)
    request = ("cancel by admin", transfer_id, reason)
    await idempotency.claim(
        session, actor_id=viewer.id, key=key, request=request, transfer_id=transfer_id
    )
    found = await _find_transfer(session, transfer_id)
    transfer = found.transfer
    ended = (transfer.cancelled_by, transfer.decided_by, transfer.cancellation_reason)
    if ended == (Canceller.ADMIN, viewer.id, reason.strip()):
        return transfer
    if transfer.state is not TransferState.INITIATED:
        raise TransferAlreadyDecided(state=transfer.state, cancelled_by=transfer.cancelled_by)
    because(session, reason)
    transfer.state, transfer.decided_at = TransferState.CANCELLED, found.now
    transfer.decided_by, transfer.cancelled_by = viewer.id, Canceller.ADMIN
    transfer.cancellation_reason = reason.strip()
    await _tell(session, transfer, found.sides, EventKind.TRANSFER_CANCELLED)
    return transfer


async def _claim(
    session: AsyncSession, viewer: Viewer, request: object, *, key: UUID
) -> tuple[UUID, Transfer | None]:
    """The id for a new transfer, and the one that this key has made before, if it has."""
    id_ = uuid7()
    claimed = await idempotency.claim(
        session, actor_id=viewer.id, key=key, request=request, transfer_id=id_
    )
    if claimed == id_:
        return id_, None
    return claimed, await session.get_one(Transfer, claimed)


async def _find_ends(session: AsyncSession, movement: Movement) -> _Ends:
    wanted = [movement.payer_id, movement.payee_id]
    by_id = {side.entity.id: side for side in await queries.find_sides(session, wanted, lock=True)}
    if movement.payer_id not in by_id:
        raise PayerNotFound
    if movement.payee_id not in by_id:
        raise PayeeNotFound
    return _Ends(by_id[movement.payer_id], by_id[movement.payee_id])


async def _find_transfer(session: AsyncSession, transfer_id: UUID) -> Found:
    found = await queries.find_transfer(session, transfer_id, lock=True)
    if found is None:
        raise TransferNotFound
    return found


def _require_trading(ends: _Ends) -> None:
    if ends.payer.entity.status is not EntityStatus.TRADING_ACCEPTED:
        raise PayerNotTrading(status=ends.payer.entity.status)
    if ends.payee.entity.status is not EntityStatus.TRADING_ACCEPTED:
        raise PayeeNotTrading(status=ends.payee.entity.status)


def _require_room(ends: _Ends, amount: int) -> None:
    most = spendable(ends.payer.account)
    if amount > most:
        raise PayerLimitExceeded(most=Money(most))
    most = receivable(ends.payee.account)
    if amount > most:
        raise PayeeLimitExceeded(most=Money(most))


async def _require_reversible(session: AsyncSession, transfer: Transfer) -> None:
    """The transfer's row is locked, so nobody else reverses it meanwhile."""
    if transfer.state is not TransferState.COMPLETED:
        raise TransferNotCompleted(state=transfer.state)
    if transfer.reverses_id is not None:
        raise TransferIsReversal
    reversed_by = (await reversals_of(session, [transfer.id])).get(transfer.id)
    if reversed_by is not None:
        raise TransferAlreadyReversed(transfer_id=reversed_by.id)


def _new(
    ends: _Ends, *, id_: UUID, amount: int, description: str, reason: str, admin_id: UUID
) -> Transfer:
    payer, payee = ends.payer.entity, ends.payee.entity
    return Transfer(
        id=id_,
        payer_id=payer.id,
        payee_id=payee.id,
        initiator_id=payer.id,
        payer_name=payer.name,
        payee_name=payee.name,
        amount=amount,
        description=description,
        proposed_by=admin_id,
        admin_id=admin_id,
        admin_reason=reason.strip(),
    )


async def _complete(session: AsyncSession, transfer: Transfer, ends: _Ends) -> Transfer:
    because(session, transfer.admin_reason or "")
    session.add(transfer)
    await session.flush()  # every transfer begins as initiated
    transfer.state, transfer.decided_at = TransferState.COMPLETED, transfer.proposed_at
    transfer.decided_by = transfer.admin_id
    post(session, transfer, payer=ends.payer.account, payee=ends.payee.account)
    await _tell(session, transfer, [ends.payer, ends.payee], EventKind.TRANSFER_COMPLETED)
    return transfer


async def _tell(
    session: AsyncSession, transfer: Transfer, sides: list[Side], kind: EventKind
) -> None:
    """Both sides, by their logs and by mail."""
    events.record(session, kind=kind, transfer=transfer, accounts=[side.account for side in sides])
    mail = {
        EventKind.TRANSFER_COMPLETED: MailKind.TRANSFER_BY_ADMIN,
        EventKind.TRANSFER_CANCELLED: MailKind.TRANSFER_CANCELLED_BY_ADMIN,
    }[kind]
    facts = {"transfer_id": str(transfer.id)}
    session.add_all(Mail(kind=mail, receiver_id=side.entity.id, facts=facts) for side in sides)
    await session.flush()


def _require_valid_reason(reason: str) -> None:
    text.require(text.problems_of("reason", reason, least=1, most=REASON_MAX))


def _problems(movement: Movement) -> Iterator[Problem]:
    if movement.payer_id == movement.payee_id:
        yield Problem(("payee_id",), "SAME_AS_PAYER", "A transfer takes two entities.")
    if movement.amount <= 0:
        yield Problem(("amount",), "NOT_POSITIVE", "The amount must be more than zero.")
    if movement.amount > AMOUNT_MAX:
        yield Problem(("amount",), "TOO_LARGE", "The amount is larger than the books can hold.")
    yield from text.problems_of("description", movement.description, most=DESCRIPTION_MAX)
    yield from text.problems_of("reason", movement.reason, least=1, most=REASON_MAX)
