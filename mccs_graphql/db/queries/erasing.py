"""Removing what is personal of an entity or a user, and leaving what the ledger refers to."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, cast, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import (
    ApiToken,
    ContactMessage,
    DigestPosition,
    Entity,
    EntityCategory,
    EntityTag,
    Favorite,
    Invitation,
    Mail,
    Membership,
    NewListing,
    Notice,
    NoticeHead,
    NoticePreference,
    OneTimeToken,
    RecoveryCode,
    SecondFactor,
    User,
)

TOKEN_NAME = "Deleted token"  # noqa: S105 - what it is called
"""What a token is called whose name says nothing any more."""


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
    """Its tags, headings, favourites, messages, mails and notices, and who belonged to it.

    Of its API tokens only what they are called, and where they were used: transfers refer to them.
    """
    messages = or_(ContactMessage.sender_id == entity_id, ContactMessage.receiver_id == entity_id)
    tokens = ApiToken.entity_id == entity_id
    members = select(Membership.user_id).where(Membership.entity_id == entity_id)
    for gone in (
        delete(Mail).where(Mail.receiver_id == entity_id),
        delete(Mail).where(_names("entity_id", [str(entity_id)])),
        delete(Mail).where(_names("message_id", _ids(ContactMessage.id, messages))),
        delete(Mail).where(_names("token_id", _ids(ApiToken.id, tokens))),
        update(ApiToken).where(tokens).values(_NAMELESS),
        delete(ContactMessage).where(messages),
        delete(NewListing).where(NewListing.entity_id == entity_id),
        delete(EntityTag).where(EntityTag.entity_id == entity_id),
        delete(EntityCategory).where(EntityCategory.entity_id == entity_id),
        delete(Favorite).where(
            or_(Favorite.entity_id == entity_id, Favorite.favorite_id == entity_id)
        ),
        delete(DigestPosition).where(DigestPosition.entity_id == entity_id),
        delete(Notice).where(Notice.entity_id == entity_id, Notice.user_id.in_(members)),
        delete(Membership).where(Membership.entity_id == entity_id),
    ):
        await session.execute(gone, execution_options=_UNSYNCED)


async def remove_of_user(session: AsyncSession, user_id: UUID) -> None:
    """What the user logs in with, wrote and was told, chose, and what they belonged to.

    Of the API tokens they made only what they are called, and where they were used. Mails to
    others go if they are to say who the user is.
    """
    messages, tokens = ContactMessage.user_id == user_id, ApiToken.created_by == user_id
    for gone in (
        delete(Mail).where(Mail.user_id == user_id),
        delete(Mail).where(_names("user_id", [str(user_id)])),
        delete(Mail).where(_names("message_id", _ids(ContactMessage.id, messages))),
        delete(Mail).where(_names("token_id", _ids(ApiToken.id, tokens))),
        update(ApiToken).where(tokens).values(_NAMELESS),
        delete(ContactMessage).where(ContactMessage.user_id == user_id),
        delete(OneTimeToken).where(OneTimeToken.user_id == user_id),
        delete(RecoveryCode).where(RecoveryCode.user_id == user_id),
        delete(SecondFactor).where(SecondFactor.user_id == user_id),
        delete(DigestPosition).where(DigestPosition.user_id == user_id),
        delete(Membership).where(Membership.user_id == user_id),
        # After the memberships: who tells the members of something has held them until now.
        delete(Notice).where(Notice.user_id == user_id),
        delete(NoticeHead).where(NoticeHead.user_id == user_id),
        delete(NoticePreference).where(NoticePreference.user_id == user_id),
    ):
        await session.execute(gone, execution_options=_UNSYNCED)


async def remove_invitations_of_entity(session: AsyncSession, entity_id: UUID) -> dict[UUID, UUID]:
    """All to the entity, with their mails and tokens; of each the entity."""
    return await _remove_invitations(session, Invitation.entity_id == entity_id)


async def remove_invitations_of_user(session: AsyncSession, user_id: UUID) -> dict[UUID, UUID]:
    """All by the user and to where the user is reached, or is to be; of each the entity."""
    mine = User.id == user_id
    addresses = (select(func.lower(each)).where(mine) for each in (User.email, User.pending_email))
    to_user = or_(*(func.lower(Invitation.email).in_(each) for each in addresses))
    return await _remove_invitations(session, or_(Invitation.invited_by == user_id, to_user))


async def _remove_invitations(
    session: AsyncSession, which: ColumnElement[bool]
) -> dict[UUID, UUID]:
    about = _names("invitation_id", _ids(Invitation.id, which))
    await session.execute(delete(Mail).where(about), execution_options=_UNSYNCED)
    removed = await session.execute(
        delete(Invitation).where(which).returning(Invitation.id, Invitation.entity_id),
        execution_options=_UNSYNCED,
    )
    return {id_: entity_id for id_, entity_id in removed}  # noqa: C416 - rows are no pairs to mypy


def _ids(column: Any, which: ColumnElement[bool]) -> Select[Any]:
    """Ids as the facts of mails hold them."""
    return select(cast(column, String)).where(which)


def _names(fact: str, ids: Select[Any] | Sequence[str]) -> ColumnElement[bool]:
    """Whether a mail is about one of these."""
    named: ColumnElement[bool] = Mail.facts[fact].astext.in_(ids)
    return named


_NAMELESS = {"name": TOKEN_NAME, "last_used_address": None}
_UNSYNCED = {"synchronize_session": False}
