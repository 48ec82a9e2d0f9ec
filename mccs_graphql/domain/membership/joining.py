"""Becoming a member of an entity that is there, by an invitation."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Entity, Invitation, Membership, NoticeKind, User
from mccs_graphql.db.queries import members as queries
from mccs_graphql.db.queries import users
from mccs_graphql.domain import text
from mccs_graphql.domain.errors import Problem
from mccs_graphql.domain.identity.addresses import taking_an_address
from mccs_graphql.domain.identity.passwords import password_problems
from mccs_graphql.domain.identity.refusals import EmailTaken
from mccs_graphql.domain.identity.sessions import lock_viewer
from mccs_graphql.domain.identity.sign_up import PERSON_TEXTS
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.membership import invitations
from mccs_graphql.domain.membership.owners import Members, owners
from mccs_graphql.domain.membership.refusals import (
    AlreadyMember,
    TooManyEntities,
    TooManyMembers,
)
from mccs_graphql.domain.notices.notifying import News, notify

MEMBERS_MAX = 50
"""Of one entity."""
MEMBERSHIPS_MAX = 50
"""Of one user."""


@dataclass(frozen=True)
class Person:
    """What somebody says who is invited and has no login yet; the invitation has the address."""

    password: str
    first_name: str = ""
    last_name: str = ""


@dataclass(frozen=True)
class Joined:
    """Who has become a member of what."""

    user: User
    entity: Entity
    membership: Membership


def require_valid(person: Person) -> None:
    """Raise InvalidInput with everything that is wrong, before a token is used up for it."""
    text.require(_problems(person))


async def accept(session: AsyncSession, viewer: Viewer, token: str) -> Joined:
    """The viewer joins. The token is the proof, whatever address the viewer logs in with.

    Raises InvitationInvalid, AlreadyMember, TooManyMembers or TooManyEntities.
    """
    invitation = await invitations.lock_open(session, token)
    user = await lock_viewer(session, viewer)
    if user.email == invitation.email:
        user.email_verified_at = user.email_verified_at or datetime.now(UTC)
    return await _join(session, invitation, user)


async def sign_up(
    session: AsyncSession, token: str, person: Person, *, password_hash: str
) -> Joined:
    """Add a user with the invited address, who joins; the mail has verified the address.

    Raises InvitationInvalid, EmailTaken or TooManyMembers.
    """
    invitation = await invitations.lock_open(session, token)
    if await users.find_user(session, invitation.email) is not None:
        raise EmailTaken
    user = User(
        email=invitation.email,
        password_hash=password_hash,
        first_name=person.first_name,
        last_name=person.last_name,
        email_verified_at=datetime.now(UTC),
    )
    session.add(user)
    with taking_an_address():
        await session.flush()
    return await _join(session, invitation, user)


async def _join(session: AsyncSession, invitation: Invitation, user: User) -> Joined:
    members = await queries.lock_members(session, invitation.entity_id)
    if user.id in members:
        raise AlreadyMember
    if len(members) >= MEMBERS_MAX:
        raise TooManyMembers(most=MEMBERS_MAX)
    if len(await queries.roles_of(session, user.id)) >= MEMBERSHIPS_MAX:
        raise TooManyEntities(most=MEMBERSHIPS_MAX)
    membership = Membership(user_id=user.id, entity_id=invitation.entity_id, role=invitation.role)
    session.add(membership)
    await session.delete(invitation)
    await session.flush()
    await notify(session, _news(members, membership))
    return Joined(user, await session.get_one(Entity, invitation.entity_id), membership)


def _news(members: Members, joined: Membership) -> Iterator[News]:
    """Whoever decides about members hears of each: a link may have been passed on."""
    facts = {
        "entity_id": str(joined.entity_id),
        "user_id": str(joined.user_id),
        "role": joined.role.value,
    }
    for owner_id in sorted(owners(members)):
        yield News(owner_id, NoticeKind.MEMBER_JOINED, entity_id=joined.entity_id, facts=facts)


def _problems(person: Person) -> Iterator[Problem]:
    yield from password_problems(person.password)
    yield from text.problems_of_all(person, PERSON_TEXTS)
