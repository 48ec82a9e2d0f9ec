"""What mails say about transfers between members."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Mail, Transfer, TransferState
from mccs_graphql.domain.ids import IdPrefix, opaque
from mccs_graphql.domain.mails.addressing import (
    Contents,
    NotToBeSent,
    on_one_line,
    receiver_of,
    require_membership,
    to_user,
)


async def proposed(session: AsyncSession, mail: Mail) -> Contents:
    """To a member of the side that is to decide, as long as there is something to decide."""
    transfer = await _transfer(session, mail)
    if transfer.state is not TransferState.INITIATED:
        raise NotToBeSent("The transfer is decided by now.")
    return await _to_member(session, mail, transfer)


async def decided(session: AsyncSession, mail: Mail) -> Contents:
    """To a member of either side, with what the transfer came to."""
    transfer = await _transfer(session, mail)
    return await _to_member(
        session,
        mail,
        transfer,
        reason=transfer.cancellation_reason,
        system_reason=transfer.system_reason,
    )


async def _transfer(session: AsyncSession, mail: Mail) -> Transfer:
    return await session.get_one(Transfer, UUID(mail.facts["transfer_id"]))


async def _to_member(
    session: AsyncSession, mail: Mail, transfer: Transfer, **told: object
) -> Contents:
    """The amount counts the smallest unit; the names are those of the transfer."""
    user, entity_id = await receiver_of(session, mail), UUID(mail.facts["entity_id"])
    await require_membership(session, user, entity_id)
    return to_user(
        user,
        transfer_id=opaque(IdPrefix.TRANSFER, transfer.id),
        amount=transfer.amount,
        payer=on_one_line(transfer.payer_name),
        payee=on_one_line(transfer.payee_name),
        pays=entity_id == transfer.payer_id,
        proposed=entity_id == transfer.initiator_id,
        description=transfer.description,
        moment=transfer.decided_at or transfer.proposed_at,
        **told,
    )
