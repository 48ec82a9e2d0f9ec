"""Inviting somebody to become a member; whether they have a login is told to nobody."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Entity, Invitation, Mail, MailKind, Role, TokenPurpose
from mccs_graphql.db.models.invitation import INVITATION_MESSAGE_MAX
from mccs_graphql.db.queries import entities, members
from mccs_graphql.db.queries import invitations as queries
from mccs_graphql.domain import text
from mccs_graphql.domain.audit.changes import DELETED, note
from mccs_graphql.domain.contact import email_problems, normal_email
from mccs_graphql.domain.errors import Problem
from mccs_graphql.domain.identity.one_time import LIFETIMES, hash_of
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.membership.owners import lock_as_owner
from mccs_graphql.domain.membership.refusals import (
    AlreadyMember,
    InvitationInvalid,
    InvitationNotFound,
    TooManyInvitations,
)

INVITATIONS_MAX = 50
"""Open ones of an entity."""


@dataclass(frozen=True)
class Wish:
    """Who is to become what, with a word to them; white space around that does not count."""

    entity_id: UUID
    email: str
    role: Role
    message: str = ""


def require_valid(wish: Wish) -> None:
    """Raise InvalidInput with everything that is wrong with the wish."""
    text.require(_problems(wish))


async def invite(session: AsyncSession, viewer: Viewer, wish: Wish) -> Invitation:
    """Let a mail with a link go out; an address that is invited already is invited anew.

    Then links that were mailed before are dead. Raises Forbidden, AlreadyMember or
    TooManyInvitations.
    """
    await lock_as_owner(session, viewer, wish.entity_id)
    email = normal_email(wish.email)
    if await members.has_member_at(session, wish.entity_id, email):
        raise AlreadyMember
    await queries.forget_expired(session, wish.entity_id)
    invitation = await queries.find_by_address(session, wish.entity_id, email)
    if invitation is None:
        await _require_room(session, wish.entity_id)
        invitation = Invitation(entity_id=wish.entity_id, email=email)
        session.add(invitation)
    else:
        await queries.forget_tokens(session, invitation.id)
    _renew(invitation, wish, invited_by=viewer.id)
    await session.flush()
    await _send(session, invitation)
    return invitation


async def withdraw(
    session: AsyncSession, viewer: Viewer, *, entity_id: UUID, invitation_id: UUID
) -> Entity:
    """Nobody can accept it any more; the entity. Raises Forbidden or InvitationNotFound."""
    await lock_as_owner(session, viewer, entity_id)
    if not await queries.withdraw(session, entity_id, invitation_id):
        raise InvitationNotFound
    note(session, Invitation, invitation_id, what=DELETED, about=[entity_id])
    return await session.get_one(Entity, entity_id)


async def decline(session: AsyncSession, token: str) -> None:
    """Who has the mail does not want to. Raises InvitationInvalid."""
    await session.delete(await lock_open(session, token))
    await session.flush()


async def find_open(session: AsyncSession, token: str) -> Invitation:
    """The invitation a token was mailed for, not locked. Raises InvitationInvalid."""
    found = await queries.find_by_token(session, hash_of(token))
    if found is None:
        raise InvitationInvalid
    return found


async def lock_open(session: AsyncSession, token: str) -> Invitation:
    """The same, looked at again under the lock of its entity, by which all that changes it goes.

    Raises InvitationInvalid, also to all but one of those who come at the same moment.
    """
    found = await find_open(session, token)
    await entities.lock_entity(session, found.entity_id)
    return await find_open(session, token)


async def _require_room(session: AsyncSession, entity_id: UUID) -> None:
    found = await queries.invitations_of(session, [entity_id])
    if len(found.get(entity_id, ())) >= INVITATIONS_MAX:
        raise TooManyInvitations(most=INVITATIONS_MAX)


def _renew(invitation: Invitation, wish: Wish, *, invited_by: UUID) -> None:
    now = datetime.now(UTC)
    invitation.role = wish.role
    invitation.message = wish.message.strip()
    invitation.invited_by = invited_by
    invitation.invited_at = now
    invitation.expires_at = now + LIFETIMES[TokenPurpose.ACCEPT_INVITATION]


async def _send(session: AsyncSession, invitation: Invitation) -> None:
    facts = {"invitation_id": str(invitation.id)}
    session.add(Mail(kind=MailKind.INVITATION, facts=facts))
    await session.flush()


def _problems(wish: Wish) -> Iterator[Problem]:
    yield from email_problems("email", wish.email)
    yield from text.problems_of("message", wish.message.strip(), most=INVITATION_MESSAGE_MAX)
