"""Leaving nothing open in the books of an entity that goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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
from mccs_graphql.db.queries import ledger as queries
from mccs_graphql.db.queries.ledger import Side
from mccs_graphql.domain import events
from mccs_graphql.domain.ledger.postings import post
from mccs_graphql.domain.ledger.rules import Deal, broken_limit

OPEN_MAX = 1_000
"""Proposals that are cancelled at once: as many accounts are locked so long."""
SETTLED = "Settled by an admin, as the account was closed."


@dataclass(frozen=True)
class Closing:
    """The locked account that is to be closed, and what is open there at this moment.

    ``proposals`` are locked too, and are all there are if they are as many as ``open_count``.
    """

    side: Side
    proposals: Sequence[Transfer]
    open_count: int
    sides: Mapping[UUID, Side]
    admin_id: UUID
    now: datetime

    @property
    def others(self) -> Mapping[UUID, Side]:
        """The locked sides but for the one that goes."""
        return {id_: side for id_, side in self.sides.items() if side is not self.side}


async def begin(
    session: AsyncSession,
    entity_id: UUID,
    *,
    admin_id: UUID,
    settle_with: UUID | None,
    cancel: bool,
) -> Closing | None:
    """Lock what it takes, transfers first and then accounts; None if there is no such entity.

    Whether nothing else is open is only known then: a proposal may come in until the account is
    locked, and to wait for that one's lock might be to wait in a circle.
    """
    proposals: Sequence[Transfer] = ()
    if cancel:
        proposals = await queries.lock_open_transfers(session, entity_id, most=OPEN_MAX)
    ids = {entity_id, *(id_ for one in proposals for id_ in (one.payer_id, one.payee_id))}
    if settle_with is not None:
        ids.add(settle_with)
    found = await queries.find_sides(session, sorted(ids), lock=True)
    sides = {side.entity.id: side for side in found}
    if entity_id not in sides:
        return None
    open_count, now = await queries.count_open_transfers(session, entity_id)
    return Closing(sides[entity_id], proposals, open_count, sides, admin_id, now)


async def cancel_proposals(session: AsyncSession, closing: Closing, *, reason: str | None) -> int:
    """Cancel the proposals, by the admin, and tell their sides; how many there were."""
    for transfer in closing.proposals:
        transfer.state, transfer.decided_at = TransferState.CANCELLED, closing.now
        transfer.decided_by, transfer.cancelled_by = closing.admin_id, Canceller.ADMIN
        transfer.cancellation_reason = reason
        session.add(_mail(closing, transfer))
        accounts = [closing.sides[id_].account for id_ in (transfer.payer_id, transfer.payee_id)]
        events.record(
            session, kind=EventKind.TRANSFER_CANCELLED, transfer=transfer, accounts=accounts
        )
    await session.flush()
    return len(closing.proposals)


def _mail(closing: Closing, transfer: Transfer) -> Mail:
    """To the other side: the one that goes is not written to any more."""
    own_id = closing.side.entity.id
    other_id = transfer.payee_id if transfer.payer_id == own_id else transfer.payer_id
    facts = {"transfer_id": str(transfer.id)}
    return Mail(kind=MailKind.TRANSFER_CANCELLED_BY_ADMIN, receiver_id=other_id, facts=facts)


def may_settle(closing: Closing, other: Side | None) -> bool:
    """Whether the other side can take the balance over: it trades, and keeps to its limits."""
    if other is None or other.entity.status is not EntityStatus.TRADING_ACCEPTED:
        return False
    return broken_limit(_deal(closing, other)) is None


async def settle(session: AsyncSession, closing: Closing, other: Side) -> Transfer:
    """Move the balance to the other side, so that nothing is left; both are told.

    A transfer like any other, but for being proposed and decided by the same admin at once.
    """
    deal = _deal(closing, other)
    transfer = Transfer(
        id=uuid7(),
        payer_id=deal.payer.entity.id,
        payee_id=deal.payee.entity.id,
        initiator_id=closing.side.entity.id,
        payer_name=deal.payer.entity.name,
        payee_name=deal.payee.entity.name,
        amount=deal.amount,
        description=SETTLED,
        proposed_by=closing.admin_id,
    )
    session.add(transfer)
    await session.flush()  # the books refuse what was never proposed
    transfer.state, transfer.decided_at = TransferState.COMPLETED, closing.now
    transfer.decided_by = closing.admin_id
    accounts = (deal.payer.account, deal.payee.account)
    post(session, transfer, payer=accounts[0], payee=accounts[1])
    events.record(session, kind=EventKind.TRANSFER_COMPLETED, transfer=transfer, accounts=accounts)
    await session.flush()
    return transfer


def _deal(closing: Closing, other: Side) -> Deal:
    balance = closing.side.account.balance
    return Deal(closing.side, other, asking_pays=balance > 0, amount=abs(balance))
