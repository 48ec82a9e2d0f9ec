"""Removing what is personal of an entity or a user, and leaving what the ledger refers to."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import String, cast, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import (
    ContactMessage,
    Entity,
    EntityCategory,
    EntityTag,
    Favorite,
    Invitation,
    Mail,
    Membership,
    NewListing,
    OneTimeToken,
    RecoveryCode,
    SecondFactor,
    User,
)


async def empty_entity(session: AsyncSession, entity_id: UUID, values: Mapping[str, Any]) -> None:
    """Let the entity say only this, without a word on what it said."""
    await session.execute(
        update(Entity).where(Entity.id == entity_id).values(values), execution_options=_UNSYNCED
    )


async def empty_user(session: AsyncSession, user_id: UUID, values: Mapping[str, Any]) -> None:
    """Let the user say only this, without a word on what they said."""
    await session.execute(
        update(User).where(User.id == user_id).values(values), execution_options=_UNSYNCED
    )


async def remove_of_entity(session: AsyncSession, entity_id: UUID) -> None:
    """Its tags, headings, favourites, messages, mails and invitations, and who belonged to it."""
    messages = or_(ContactMessage.sender_id == entity_id, ContactMessage.receiver_id == entity_id)
    ids = select(cast(ContactMessage.id, String)).where(messages)
    for gone in (
        delete(Mail).where(or_(Mail.receiver_id == entity_id, _message_id().in_(ids))),
        delete(Mail).where(Mail.facts["entity_id"].astext == str(entity_id)),
        delete(ContactMessage).where(messages),
        delete(NewListing).where(NewListing.entity_id == entity_id),
        delete(EntityTag).where(EntityTag.entity_id == entity_id),
        delete(EntityCategory).where(EntityCategory.entity_id == entity_id),
        delete(Favorite).where(
            or_(Favorite.entity_id == entity_id, Favorite.favorite_id == entity_id)
        ),
        delete(Invitation).where(Invitation.entity_id == entity_id),
        delete(Membership).where(Membership.entity_id == entity_id),
    ):
        await session.execute(gone, execution_options=_UNSYNCED)


async def remove_of_user(session: AsyncSession, user_id: UUID) -> None:
    """What the user logs in with, wrote and was written, and what they belonged to."""
    messages = select(cast(ContactMessage.id, String)).where(ContactMessage.user_id == user_id)
    for gone in (
        delete(Mail).where(or_(Mail.user_id == user_id, _message_id().in_(messages))),
        delete(ContactMessage).where(ContactMessage.user_id == user_id),
        delete(OneTimeToken).where(OneTimeToken.user_id == user_id),
        delete(RecoveryCode).where(RecoveryCode.user_id == user_id),
        delete(SecondFactor).where(SecondFactor.user_id == user_id),
        delete(Invitation).where(Invitation.invited_by == user_id),
        delete(Membership).where(Membership.user_id == user_id),
    ):
        await session.execute(gone, execution_options=_UNSYNCED)


def _message_id() -> Any:
    """The message that a mail brings."""
    return Mail.facts["message_id"].astext


_UNSYNCED = {"synchronize_session": False}
