"""First contact: one entity writes to another, and neither learns the other's address from us."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import ContactMessage, Entity, Mail, MailKind, NoticeKind
from mccs_graphql.db.models.contact import MESSAGE_MAX
from mccs_graphql.db.models.entity import LISTED
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.db.queries import entities, users
from mccs_graphql.db.queries import messages as queries
from mccs_graphql.db.queries.messages import Trace
from mccs_graphql.domain import text
from mccs_graphql.domain.access import APPROACH
from mccs_graphql.domain.directory.refusals import (
    ContactLimitReached,
    EntityNotFound,
    EntityNotListed,
    EntityNotReachable,
    MessageKeyReused,
    MessageToItself,
)
from mccs_graphql.domain.identity.sessions import lock_viewer
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.ledger.idempotency import digest_of
from mccs_graphql.domain.notices.notifying import News, notify
from mccs_graphql.domain.visibility import may_see_entity

PERIOD = timedelta(hours=24)
MESSAGES_MAX = 10
"""Messages of one entity within any ``PERIOD``, and again of one user."""
MESSAGES_TO_ONE_MAX = 3
"""Messages of one entity, or of one user, to the same entity within any ``PERIOD``."""


@dataclass(frozen=True)
class Message:
    """What is to be said to whom; white space around it does not count."""

    sender_id: UUID
    receiver_id: UUID
    body: str


@dataclass(frozen=True)
class Sent:
    """When the message was taken; the receiver is None if the viewer may not see it by now."""

    receiver: Entity | None
    sent_at: datetime


async def send(session: AsyncSession, viewer: Viewer, message: Message, *, key: UUID) -> Sent:
    """Take the message, and have it sent; once, however often the same is sent with this key.

    Raises Forbidden, and then the first that holds of InvalidInput, MessageToItself,
    MessageKeyReused, EntityNotListed, EntityNotFound, EntityNotReachable and ContactLimitReached.
    """
    viewer.require(APPROACH, message.sender_id)
    text.require(text.problems_of("message", message.body, least=1, most=MESSAGE_MAX))
    if message.receiver_id == message.sender_id:
        raise MessageToItself
    # With both rows locked, in this order, nobody else writes what the limits and the key count.
    sender = await entities.lock_entity(session, message.sender_id)
    await lock_viewer(session, viewer)
    found = await entities.entities_by_id(session, [message.receiver_id])
    receiver = found.get(message.receiver_id)
    kept = await queries.find_by_key(session, viewer.id, key)
    if kept is None:
        _require_reachable(sender, receiver)
        await _require_within_limits(session, message, user_id=viewer.id)
        kept = await _take(session, message, user_id=viewer.id, key=key)
    elif kept.request_hash != digest_of(message):
        raise MessageKeyReused(sent_at=kept.created_at)
    seen = receiver if receiver and may_see_entity(viewer, receiver) else None
    return Sent(seen, kept.created_at)


def _require_reachable(sender: Entity, receiver: Entity | None) -> None:
    if sender.status not in LISTED:
        raise EntityNotListed(status=sender.status)
    if receiver is None or receiver.status not in LISTED:
        raise EntityNotFound
    if not receiver.email:
        raise EntityNotReachable


async def _require_within_limits(session: AsyncSession, message: Message, *, user_id: UUID) -> None:
    lately = await queries.sent_lately(
        session, sender_id=message.sender_id, user_id=user_id, period=PERIOD
    )
    limits: tuple[tuple[int, Sequence[Trace]], ...] = (
        (MESSAGES_MAX, [trace for trace in lately if trace.sender_id == message.sender_id]),
        (MESSAGES_MAX, [trace for trace in lately if trace.user_id == user_id]),
        (MESSAGES_TO_ONE_MAX, [t for t in lately if t.receiver_id == message.receiver_id]),
    )
    reached = [
        ContactLimitReached(most=most, again_at=traces[-most].created_at + PERIOD)
        for most, traces in limits
        if len(traces) >= most
    ]
    if reached:
        raise max(reached, key=lambda refusal: refusal.again_at)


async def _take(
    session: AsyncSession, message: Message, *, user_id: UUID, key: UUID
) -> ContactMessage:
    kept = ContactMessage(
        id=uuid7(),
        sender_id=message.sender_id,
        receiver_id=message.receiver_id,
        user_id=user_id,
        body=message.body,
        idempotency_key=key,
        request_hash=digest_of(message),
    )
    mail = Mail(
        kind=MailKind.CONTACT,
        receiver_id=message.receiver_id,
        facts={"message_id": str(kept.id)},
    )
    session.add_all([kept, mail])
    await session.flush()
    await _notify(session, message)
    return kept


async def _notify(session: AsyncSession, message: Message) -> None:
    """To the members too, though not by mail: that goes to where the entity is written to."""
    members = await users.members_of(session, [message.receiver_id])
    await notify(
        session,
        [
            News(
                user_id=user_id,
                kind=NoticeKind.CONTACT,
                entity_id=message.receiver_id,
                other_id=message.sender_id,
            )
            for user_id in members.get(message.receiver_id, ())
        ],
    )
