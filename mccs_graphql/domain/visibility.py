"""Who may see what: decided here for every path by which a thing can be reached."""

from mccs_graphql.db.models import Entity, Transfer
from mccs_graphql.db.models.entity import LISTED
from mccs_graphql.domain.identity.viewer import Viewer


def may_see_entity(viewer: Viewer | None, entity: Entity) -> bool:
    """The directory is public; what is not listed exists for its own members only."""
    return entity.status in LISTED or is_own(viewer, entity)


def is_own(viewer: Viewer | None, entity: Entity) -> bool:
    """Whether the viewer may act for the entity, and so see what is private to it."""
    return viewer is not None and viewer.is_member_of(entity.id)


def may_see_transfer(viewer: Viewer | None, transfer: Transfer) -> bool:
    """A transfer is known to its two sides."""
    return viewer is not None and viewer.is_member_of_any((transfer.payer_id, transfer.payee_id))
