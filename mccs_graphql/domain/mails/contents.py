"""What a mail says to whom, read when it is sent."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import ContactMessage, Entity, Mail, MailKind, User
from mccs_graphql.db.models.entity import LISTED
from mccs_graphql.db.queries import mails as queries
from mccs_graphql.domain.identity import one_time
from mccs_graphql.domain.ids import IdPrefix, opaque
from mccs_graphql.domain.mails import (
    alarms,
    digests,
    interventions,
    logins,
    memberships,
    transfers,
)
from mccs_graphql.domain.mails.addressing import (
    Contents,
    NotToBeSent,
    Reader,
    on_one_line,
    on_the_wire,
)
from mccs_graphql.domain.notices.kinds import is_optional, told_by
from mccs_graphql.domain.notices.unsubscribing import token_for

STALE_AFTER = {
    MailKind.PASSWORD_RESET: timedelta(days=1),
    MailKind.EMAIL_CHANGE: timedelta(days=1),
}
"""Who asked for it has given up by then, and would wonder."""


async def read_contents(session: AsyncSession, mail: Mail) -> Contents:
    """What the mail says as of now. Raises NotToBeSent.

    A token is made for each attempt, so the session has to write.
    """
    stale_after = STALE_AFTER.get(mail.kind)
    if stale_after and mail.created_at < datetime.now(UTC) - stale_after:
        raise NotToBeSent("It is too late for it.")
    contents = await READERS[mail.kind](session, mail)
    kind = told_by(mail.kind)
    if mail.user_id is None or kind is None or not is_optional(mail.kind):
        return contents
    return replace(contents, unsubscribe=await token_for(session, mail.user_id, kind))


async def _with_token(session: AsyncSession, mail: Mail) -> Contents:
    if await queries.is_overtaken(session, mail):
        raise NotToBeSent("A later one takes its place.")
    letter = await one_time.write_letter(session, mail)
    user = await session.get(User, mail.user_id)
    if letter is None or user is None:
        raise NotToBeSent("It is not needed any more.")
    facts = {
        "token": letter.token,
        "lifetime": one_time.LIFETIMES[one_time.PURPOSES[mail.kind]],
        "new_email": user.pending_email,
    }
    return Contents(on_the_wire(letter.address), user.language, facts)


async def _contact(session: AsyncSession, mail: Mail) -> Contents:
    """Neither address is in it: who answers writes over the directory again."""
    message = await session.get(ContactMessage, UUID(mail.facts["message_id"]))
    if message is None:
        raise NotToBeSent("The message is gone.")
    sender = await session.get_one(Entity, message.sender_id)
    receiver = await session.get_one(Entity, message.receiver_id)
    if sender.status not in LISTED:
        raise NotToBeSent("Its sender has left the directory.")
    facts = {
        "sender_name": on_one_line(sender.name),
        "sender_id": opaque(IdPrefix.ENTITY, sender.id),
        "receiver_name": on_one_line(receiver.name),
        "body": message.body,
    }
    language = await queries.language_of_entity(session, receiver.id)
    return Contents(on_the_wire(receiver.email), language, facts)


READERS: Mapping[MailKind, Reader] = {
    MailKind.CONTACT: _contact,
    MailKind.EMAIL_VERIFICATION: _with_token,
    MailKind.PASSWORD_RESET: _with_token,
    MailKind.EMAIL_CHANGE: _with_token,
    MailKind.EMAIL_CHANGE_NOTICE: _with_token,
    MailKind.TRANSFER_BY_ADMIN: interventions.transfer_by_admin,
    MailKind.TRANSFER_CANCELLED_BY_ADMIN: interventions.transfer_cancelled,
    MailKind.ENTITY_STATUS: interventions.entity_status,
    MailKind.TRANSFER_PROPOSED: transfers.proposed,
    MailKind.TRANSFER_COMPLETED: transfers.decided,
    MailKind.TRANSFER_REJECTED: transfers.decided,
    MailKind.TRANSFER_CANCELLED: transfers.decided,
    MailKind.LIMITS_CHANGED: interventions.limits_changed,
    MailKind.INVITATION: memberships.invitation,
    MailKind.MEMBER_JOINED: memberships.member_joined,
    MailKind.MEMBER_REMOVED: memberships.member_removed,
    MailKind.ROLE_CHANGED: memberships.role_changed,
    MailKind.API_TOKEN_CREATED: memberships.api_token_created,
    MailKind.PASSWORD_CHANGED: logins.password_changed,
    MailKind.NEW_DEVICE: logins.new_device,
    MailKind.SECOND_FACTOR_ON: logins.second_factor_on,
    MailKind.SECOND_FACTOR_OFF: logins.second_factor_off,
    MailKind.DAILY_MATCHES: digests.daily_matches,
    MailKind.BOOKS_CHECK_FAILED: alarms.books_check_failed,
}
