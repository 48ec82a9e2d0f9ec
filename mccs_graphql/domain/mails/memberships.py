"""What mails say about who belongs to an entity."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import ApiToken, Entity, Invitation, Mail, Membership, Role, User
from mccs_graphql.db.queries import mails as queries
from mccs_graphql.db.queries import users
from mccs_graphql.domain.identity import one_time
from mccs_graphql.domain.mails.addressing import (
    Contents,
    NotToBeSent,
    name_of,
    naming,
    on_one_line,
    on_the_wire,
    receiver_of,
    to_user,
)


async def invitation(session: AsyncSession, mail: Mail) -> Contents:
    """To whoever is invited, who may have no login; the inviter's address is not in it."""
    if await queries.is_overtaken(session, mail):
        raise NotToBeSent("A later one takes its place.")
    letter = await one_time.write_letter(session, mail)
    if letter is None:
        raise NotToBeSent("It is not needed any more.")
    invited = await session.get_one(Invitation, UUID(mail.facts["invitation_id"]))
    inviter = await session.get_one(User, invited.invited_by)
    guest = await users.find_user(session, letter.address)
    facts = {
        "token": letter.token,
        "inviter": name_of(inviter),
        "role": invited.role.value,
        "message": invited.message,
        "good_until": invited.expires_at,
    }
    named = await _entity(session, invited.entity_id)
    return Contents(on_the_wire(letter.address), guest.language if guest else None, facts | named)


async def member_joined(session: AsyncSession, mail: Mail) -> Contents:
    """To an OWNER, who may see the addresses of members.

    A name is what somebody calls themselves; the address tells whether it is who was meant.
    """
    entity_id = UUID(mail.facts["entity_id"])
    owner = await _owner(session, mail, entity_id)
    person = await _person(session, UUID(mail.facts["user_id"]))
    named = await _entity(session, entity_id)
    return to_user(owner, person=person, role=mail.facts["role"], **named)


async def member_removed(session: AsyncSession, mail: Mail) -> Contents:
    """To the one who belonged to the entity; only names of those who stay."""
    user = await receiver_of(session, mail)
    remover = await session.get_one(User, UUID(mail.facts["removed_by"]))
    named = await _entity(session, UUID(mail.facts["entity_id"]))
    return to_user(user, remover=name_of(remover), **named)


async def role_changed(session: AsyncSession, mail: Mail) -> Contents:
    """To the one who has another role now, and still has it."""
    user, facts = await receiver_of(session, mail), mail.facts
    membership = await session.get(Membership, (user.id, UUID(facts["entity_id"])))
    if membership is None or membership.role != facts["role"]:
        raise NotToBeSent("The role is another one by now.")
    changer = await session.get_one(User, UUID(facts["changed_by"]))
    named = await _entity(session, membership.entity_id)
    return to_user(user, changer=name_of(changer), role=facts["role"], **named)


async def api_token_created(session: AsyncSession, mail: Mail) -> Contents:
    """To an OWNER; the token itself is known to nobody but who made it."""
    token = await session.get_one(ApiToken, UUID(mail.facts["token_id"]))
    owner = await _owner(session, mail, token.entity_id)
    facts = {
        "person": await _person(session, token.created_by),
        "name": on_one_line(token.name),
        "scopes": ", ".join(token.scopes),
        "moment": token.created_at,
        "good_until": token.expires_at,
    }
    return to_user(owner, **facts, **await _entity(session, token.entity_id))


async def _owner(session: AsyncSession, mail: Mail, entity_id: UUID) -> User:
    user = await receiver_of(session, mail)
    membership = await session.get(Membership, (user.id, entity_id))
    if membership is None or membership.role is not Role.OWNER:
        raise NotToBeSent("Its receiver does not own the entity any more.")
    return user


async def _person(session: AsyncSession, user_id: UUID) -> str:
    user = await session.get_one(User, user_id)
    name = name_of(user)
    return f"{name} ({user.email})" if name else user.email


async def _entity(session: AsyncSession, id_: UUID) -> dict[str, object]:
    return naming(await session.get_one(Entity, id_))
