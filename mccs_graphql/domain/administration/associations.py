"""Which users belong to which entities, as far as admins decide it."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Entity, Membership, Role
from mccs_graphql.db.queries import users
from mccs_graphql.domain import events
from mccs_graphql.domain.administration.patching import give_reason, lock_member
from mccs_graphql.domain.administration.refusals import NotAssociated
from mccs_graphql.domain.directory.profiles import lock_there
from mccs_graphql.domain.membership.changes import end_powers
from mccs_graphql.domain.membership.refusals import LastOwner


async def link(
    session: AsyncSession, entity_id: UUID, user_id: UUID, role: Role, *, reason: str
) -> Entity:
    """Let the user belong to the entity, in this role; one who belongs to it gets the role.

    Raises InvalidInput, EntityNotFound, UserNotFound, UserIsAdmin and LastOwner.
    """
    give_reason(session, reason)
    entity = await lock_there(session, entity_id)
    await lock_member(session, user_id)
    membership = await session.get(Membership, (user_id, entity_id), populate_existing=True)
    if membership is None:
        session.add(Membership(user_id=user_id, entity_id=entity_id, role=role))
    elif membership.role is not role:
        await _require_other_owner(session, membership)
        membership.role = role
        if role is not Role.OWNER:
            await end_powers(session, entity_id=entity_id, user_id=user_id)
    await session.flush()
    events.wake_listeners(session, [entity_id])
    return entity


async def unlink(session: AsyncSession, entity_id: UUID, user_id: UUID, *, reason: str) -> Entity:
    """Let the user belong to the entity no longer: what they listen to of it ends.

    Raises InvalidInput, EntityNotFound, UserNotFound, UserIsAdmin, NotAssociated and LastOwner.
    """
    give_reason(session, reason)
    entity = await lock_there(session, entity_id)
    await lock_member(session, user_id)
    membership = await session.get(Membership, (user_id, entity_id), populate_existing=True)
    if membership is None:
        raise NotAssociated
    await _require_other_owner(session, membership)
    await session.delete(membership)
    await session.flush()
    await end_powers(session, entity_id=entity_id, user_id=user_id)
    return entity


async def _require_other_owner(session: AsyncSession, membership: Membership) -> None:
    """The entity's row must be locked, as by all who make or unmake an owner."""
    if membership.role is not Role.OWNER:
        return
    if membership.entity_id in await users.owned_alone(session, membership.user_id):
        raise LastOwner(entities=(membership.entity_id,))
