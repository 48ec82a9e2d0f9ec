"""The entities that an entity wants to find again; only its own members know which."""

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Entity, Favorite
from mccs_graphql.db.models.contact import FAVORITES_MAX
from mccs_graphql.db.models.entity import LISTED
from mccs_graphql.db.queries import entities
from mccs_graphql.db.queries import favorites as queries
from mccs_graphql.db.queries.favorites import FavoriteKey
from mccs_graphql.domain.access import APPROACH
from mccs_graphql.domain.audit.changes import DELETED, note
from mccs_graphql.domain.directory.refusals import (
    EntityNotFound,
    FavoriteOfItself,
    TooManyFavorites,
)
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.visibility import may_see_entity


async def set_favorite(
    session: AsyncSession, viewer: Viewer, key: FavoriteKey, *, favorite: bool
) -> Entity | None:
    """Make the entity a favourite, or none; the entity, or None if the viewer may not see it.

    What is so already stays so. Whatever can be a favourite can cease to be one, so that goes well
    for entities that are not listed any more, and for those that never were there alike. Raises
    Forbidden, FavoriteOfItself, EntityNotFound or TooManyFavorites.
    """
    viewer.require(APPROACH, key.of)
    if key.entity_id == key.of:
        raise FavoriteOfItself
    await entities.lock_entity(session, key.of)
    found = (await entities.entities_by_id(session, [key.entity_id])).get(key.entity_id)
    if not favorite:
        await queries.remove(session, key)
        note(session, Favorite, f"{key.of}:{key.entity_id}", what=DELETED, about=[key.of])
    elif found is None or found.status not in LISTED:
        raise EntityNotFound
    else:
        await _keep(session, key)
    return found if found and may_see_entity(viewer, found) else None


async def _keep(session: AsyncSession, key: FavoriteKey) -> None:
    favorites = await queries.favorites_of(session, key)
    if favorites.includes:
        return
    if favorites.count >= FAVORITES_MAX:
        raise TooManyFavorites(most=FAVORITES_MAX)
    await queries.add(session, key)
