"""The first step: one side proposes."""

from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import EventKind, Transfer
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.db.queries import ledger as queries
from mccs_graphql.db.queries.ledger import Side
from mccs_graphql.domain import events
from mccs_graphql.domain.access import TRADE
from mccs_graphql.domain.errors import Refusal
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.ledger import idempotency
from mccs_graphql.domain.ledger.allowances import allowance_of, lock_allowance
from mccs_graphql.domain.ledger.commands import Direction, Proposal, Receiver, require_valid
from mccs_graphql.domain.ledger.refusals import ReceiverNotFound, TransferWithItself
from mccs_graphql.domain.ledger.rules import Deal, refusals
from mccs_graphql.domain.visibility import may_see_entity


@dataclass(frozen=True)
class Outcome:
    """What a command led to, now or when it was first carried out.

    ``refusal``: what the transfer came to is not what was asked for; raise it once the transaction
    has committed.
    """

    transfer: Transfer
    refusal: Refusal | None = None


async def propose(
    session: AsyncSession, viewer: Viewer, proposal: Proposal, *, key: UUID
) -> Outcome:
    """Record a proposal, if the books could take it now. It holds nothing back for later.

    Raises Forbidden, and the refusals in the order that ``refusals`` lists.
    """
    viewer.require(TRADE, proposal.initiator_id)
    require_valid(proposal)
    new_id = uuid7()
    transfer_id = await idempotency.claim(
        session, actor_id=viewer.id, key=key, request=("propose", proposal), transfer_id=new_id
    )
    if transfer_id != new_id:
        return Outcome(await session.get_one(Transfer, transfer_id))
    deal = await _find_deal(session, viewer, proposal, lock=True)
    allowance = await lock_allowance(session, viewer)
    for refusal in chain(allowance.refusals(deal.amount), refusals(deal)):
        raise refusal
    transfer = _new_transfer(deal, proposal, transfer_id=transfer_id, viewer=viewer)
    allowance.take(deal.amount)
    session.add(transfer)
    await session.flush()  # the events refer to it
    events.record(
        session,
        kind=EventKind.TRANSFER_PROPOSED,
        transfer=transfer,
        accounts=(deal.payer.account, deal.payee.account),
    )
    await session.flush()
    return Outcome(transfer)


async def check(session: AsyncSession, viewer: Viewer, proposal: Proposal) -> list[Refusal]:
    """Every reason why ``propose`` would refuse now, in its order; none means it would not."""
    viewer.require(TRADE, proposal.initiator_id)
    try:
        require_valid(proposal)
        deal = await _find_deal(session, viewer, proposal, lock=False)
    except Refusal as refusal:
        return [refusal]
    return [*allowance_of(viewer).refusals(deal.amount), *refusals(deal)]


async def _find_deal(
    session: AsyncSession, viewer: Viewer, proposal: Proposal, *, lock: bool
) -> Deal:
    receiver = proposal.receiver
    wanted = [proposal.initiator_id]
    if receiver.entity_id is not None:
        wanted.append(receiver.entity_id)
    sides = await queries.find_sides(
        session, wanted, account_number=receiver.account_number, lock=lock
    )
    asking = next(side for side in sides if side.entity.id == proposal.initiator_id)
    other = _receiver_among(sides, receiver)
    if other is None or not may_see_entity(viewer, other.entity):
        raise ReceiverNotFound
    if other is asking:
        raise TransferWithItself
    return Deal(
        asking=asking,
        other=other,
        asking_pays=proposal.direction is Direction.OUT,
        amount=proposal.amount,
    )


def _receiver_among(sides: list[Side], receiver: Receiver) -> Side | None:
    for side in sides:
        if receiver.entity_id is not None and side.entity.id == receiver.entity_id:
            return side
        if receiver.account_number == side.account.account_number:
            return side
    return None


def _new_transfer(deal: Deal, proposal: Proposal, *, transfer_id: UUID, viewer: Viewer) -> Transfer:
    return Transfer(
        id=transfer_id,
        payer_id=deal.payer.entity.id,
        payee_id=deal.payee.entity.id,
        initiator_id=deal.asking.entity.id,
        payer_name=deal.payer.entity.name,
        payee_name=deal.payee.entity.name,
        amount=deal.amount,
        description=proposal.description,
        proposed_by=viewer.id,
        proposed_with=viewer.token_id,
    )
