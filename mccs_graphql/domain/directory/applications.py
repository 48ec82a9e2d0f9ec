"""Applying for trading: an accepted entity that has told enough of itself waits for an admin."""

from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Entity, EntityStatus, User
from mccs_graphql.db.queries import entities
from mccs_graphql.domain import text
from mccs_graphql.domain.access import MANAGE
from mccs_graphql.domain.directory.mandatory import OF_ENTITY, OF_USER, missing
from mccs_graphql.domain.directory.profiles import entity_readers, require_version, user_readers
from mccs_graphql.domain.directory.refusals import ApplicationNotPossible
from mccs_graphql.domain.identity.sessions import lock_viewer
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.patches import Patch, Reader, apply, read_patch


@dataclass(frozen=True)
class Applicant:
    """The entity that wants to trade, and the user who says so."""

    entity: Entity
    user: User


async def apply_for_trading(
    session: AsyncSession,
    viewer: Viewer,
    entity_id: UUID,
    patch: Patch,
    *,
    expected_version: int,
    region: str,
) -> Applicant:
    """Complete the profiles by the patch, and let the entity wait to be admitted.

    What the patch does not say is taken from the entity and from the viewer. Raises Forbidden;
    InvalidInput for what the patch says; ApplicationNotPossible; EntityChanged; InvalidInput for
    what is missing then. A refusal changes nothing.
    """
    viewer.require(MANAGE, entity_id)
    kept = read_patch(patch, _readers(region))
    entity = await entities.lock_entity(session, entity_id)
    if entity.status is not EntityStatus.ACCEPTED:
        raise ApplicationNotPossible(status=entity.status)
    await require_version(session, entity, expected_version)
    user = await lock_viewer(session, viewer)
    apply(entity, {name: value for name, value in kept.items() if name in OF_ENTITY})
    if apply(user, {name: value for name, value in kept.items() if name in OF_USER}):
        user.version += 1
    text.require(chain(missing(entity, OF_ENTITY), missing(user, OF_USER)))
    entity.status = EntityStatus.TRADING_PENDING
    entity.version += 1
    await session.flush()
    return Applicant(entity, user)


def _readers(region: str) -> dict[str, Reader]:
    of_entity, of_user = entity_readers(region), user_readers(region)
    return {name: of_entity[name] for name in OF_ENTITY} | {name: of_user[name] for name in OF_USER}
