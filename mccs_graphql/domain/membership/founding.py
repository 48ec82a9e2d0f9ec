"""A further entity of a user who is there."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Entity, Membership, Role
from mccs_graphql.db.models.entity import ENTITY_NAME_MAX
from mccs_graphql.db.queries import members
from mccs_graphql.domain import text
from mccs_graphql.domain.identity.sessions import lock_viewer
from mccs_graphql.domain.identity.sign_up import ENTITY_TEXTS, Terms, new_entity
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.membership.joining import MEMBERSHIPS_MAX
from mccs_graphql.domain.membership.refusals import TooManyEntities

OWNED_MAX = 10
"""Whoever owns as many creates no more; being made an OWNER elsewhere is not bound by it."""


@dataclass(frozen=True)
class Founding:
    """What a user says of an entity to be."""

    name: str
    description: str = ""
    city: str = ""
    region: str = ""
    country: str = ""


def require_valid(founding: Founding) -> None:
    """Raise InvalidInput with everything that is wrong."""
    text.require(text.problems_of_all(founding, {"name": (1, ENTITY_NAME_MAX)} | ENTITY_TEXTS))


async def create_entity(
    session: AsyncSession, viewer: Viewer, founding: Founding, *, terms: Terms
) -> Entity:
    """Add an entity, as signing up does, with an account; the viewer is its OWNER.

    Raises TooManyEntities.
    """
    user = await lock_viewer(session, viewer)
    roles = await members.roles_of(session, user.id)
    for found, most in ((len(roles), MEMBERSHIPS_MAX), (roles.count(Role.OWNER), OWNED_MAX)):
        if found >= most:
            raise TooManyEntities(most=most)
    entity, account = new_entity(**vars(founding), email=user.email, terms=terms)
    session.add(entity)
    await session.flush()
    session.add_all([account, Membership(user_id=user.id, entity_id=entity.id)])
    await session.flush()
    return entity
