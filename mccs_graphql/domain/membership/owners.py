"""Acting as an OWNER, while nobody else changes who the members are."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Membership, Role
from mccs_graphql.db.queries import members as queries
from mccs_graphql.domain.access import MANAGE
from mccs_graphql.domain.errors import Forbidden
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.membership.refusals import LastOwner

Members = Mapping[UUID, Membership]
"""The memberships of one entity by user."""


async def lock_as_owner(session: AsyncSession, viewer: Viewer, entity_id: UUID) -> Members:
    """The members of an entity, locked. Raises Forbidden unless the viewer is an OWNER of it.

    Looked at again under the lock: of two who remove each other, one comes too late.
    """
    viewer.require(MANAGE, entity_id)
    members = await queries.lock_members(session, entity_id)
    if viewer.id not in owners(members):
        raise Forbidden
    return members


def owners(members: Members) -> set[UUID]:
    """The users who own the entity."""
    return {user_id for user_id, found in members.items() if found.role is Role.OWNER}


def require_owner_besides(members: Members, user_id: UUID) -> None:
    """Raise LastOwner if nobody else would be left to manage the entity."""
    if owners(members) == {user_id}:
        raise LastOwner(entities=(members[user_id].entity_id,))
