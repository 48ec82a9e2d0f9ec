"""What mails say about who belongs to an entity."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Entity, Invitation, Mail, Membership, Role, User
from mccs_graphql.db.queries import mails as queries
from mccs_graphql.db.queries import users
from mccs_graphql.domain.identity import one_time
from mccs_graphql.domain.ids import IdPrefix, opaque
from mccs_graphql.domain.mails.addressing import (
    Contents,
    NotToBeSent,
    name_of,
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
    owner, entity_id = await receiver_of(session, mail), UUID(mail.facts["entity_id"])
    membership = await session.get(Membership, (owner.id, entity_id))
    if membership is None or membership.role is not Role.OWNER:
        raise NotToBeSent("Its receiver does not own the entity any more.")
    joined = await session.get_one(User, UUID(mail.facts["user_id"]))
    name = name_of(joined)
    person = f"{name} ({joined.email})" if name else joined.email
    named = await _entity(session, entity_id)
    return to_user(owner, person=person, role=mail.facts["role"], **named)


async def member_removed(session: AsyncSession, mail: Mail) -> Contents:
    """To the one who belonged to the entity; only names of those who stay."""
    user = await receiver_of(session, mail)
    remover = await session.get_one(User, UUID(mail.facts["removed_by"]))
    named = await _entity(session, UUID(mail.facts["entity_id"]))
    return to_user(user, remover=name_of(remover), **named)


async def _entity(session: AsyncSession, id_: UUID) -> dict[str, object]:
    entity = await session.get_one(Entity, id_)
    return {
        "entity": on_one_line(entity.name),
        "entity_id": opaque(IdPrefix.ENTITY, entity.id),
    }
