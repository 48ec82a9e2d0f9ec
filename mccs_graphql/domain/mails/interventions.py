"""What mails say about what those who run the community decided about members."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Entity, LimitChange, Mail, Transfer
from mccs_graphql.db.queries import mails as queries
from mccs_graphql.domain.ids import IdPrefix, opaque
from mccs_graphql.domain.mails.addressing import (
    Contents,
    naming,
    on_one_line,
    on_the_wire,
    receiver_of,
    require_membership,
    to_user,
)


async def entity_status(session: AsyncSession, mail: Mail) -> Contents:
    """To each member, with what was decided then: a later decision has a mail of its own."""
    user, facts = await receiver_of(session, mail), mail.facts
    entity = await session.get_one(Entity, UUID(facts["entity_id"]))
    await require_membership(session, user, entity.id)
    return to_user(
        user,
        before=facts["from"],
        status=facts["to"],
        message=facts["message"],
        moment=mail.created_at,
        **naming(entity),
    )


async def limits_changed(session: AsyncSession, mail: Mail) -> Contents:
    """To each member, with what was decided then; amounts count the smallest unit."""
    user, entity_id = await receiver_of(session, mail), UUID(mail.facts["entity_id"])
    await require_membership(session, user, entity_id)
    change = await session.get_one(LimitChange, (entity_id, mail.facts["number"]))
    return to_user(
        user,
        negative_before=change.max_negative_before,
        positive_before=change.max_positive_before,
        negative=change.max_negative_after,
        positive=change.max_positive_after,
        reason=change.reason,
        moment=change.changed_at,
        **naming(await session.get_one(Entity, entity_id)),
    )


async def transfer_by_admin(session: AsyncSession, mail: Mail) -> Contents:
    """To one side of a transfer that is completed; which admin it was is not in it."""
    transfer = await _transfer(session, mail)
    is_reversal = transfer.reverses_id is not None
    return await _to_side(
        session, mail, transfer, reason=transfer.admin_reason, is_reversal=is_reversal
    )


async def transfer_cancelled(session: AsyncSession, mail: Mail) -> Contents:
    """To one side of a proposal; which admin it was is not in it."""
    transfer = await _transfer(session, mail)
    return await _to_side(session, mail, transfer, reason=transfer.cancellation_reason)


async def _transfer(session: AsyncSession, mail: Mail) -> Transfer:
    return await session.get_one(Transfer, UUID(mail.facts["transfer_id"]))


async def _to_side(
    session: AsyncSession, mail: Mail, transfer: Transfer, **told: object
) -> Contents:
    """The amount counts the smallest unit; the names are those of the transfer."""
    side = await session.get_one(Entity, mail.receiver_id)
    facts = {
        "transfer_id": opaque(IdPrefix.TRANSFER, transfer.id),
        "amount": transfer.amount,
        "payer": on_one_line(transfer.payer_name),
        "payee": on_one_line(transfer.payee_name),
        "pays": side.id == transfer.payer_id,
        "description": transfer.description,
        "moment": mail.created_at,
    }
    language = await queries.language_of_entity(session, side.id)
    return Contents(on_the_wire(side.email), language, facts | told)
