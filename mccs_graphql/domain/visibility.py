"""Who may see what: decided here for every path by which a thing can be reached."""

from typing import TypeVar

from sqlalchemy.orm import InstrumentedAttribute

from mccs_graphql.db.models import Entity, Transfer
from mccs_graphql.db.models.entity import LISTED
from mccs_graphql.domain.identity.viewer import Viewer

Value = TypeVar("Value")

PRIVATE = frozenset(
    field.key
    for field in (
        Entity.email,
        Entity.telephone,
        Entity.declared_turnover,
        Entity.show_tags_matched_since_last_login,
        Entity.receive_daily_match_notification_email,
    )
)
"""Fields of an entity that only its own members see."""


def may_see_entity(viewer: Viewer | None, entity: Entity) -> bool:
    """The directory is public; what is not listed exists for its own members only."""
    return entity.status in LISTED or is_own(viewer, entity)


def visible(
    viewer: Viewer | None, entity: Entity, field: InstrumentedAttribute[Value]
) -> Value | None:
    """The field of an entity that may be seen; None if it is private to the entity's members."""
    if field.key in PRIVATE and not is_own(viewer, entity):
        return None
    value: Value = getattr(entity, field.key)
    return value


def is_own(viewer: Viewer | None, entity: Entity) -> bool:
    """Whether the viewer may act for the entity, and so see what is private to it."""
    return viewer is not None and viewer.is_member_of(entity.id)


def may_see_transfer(viewer: Viewer | None, transfer: Transfer) -> bool:
    """A transfer is known to its two sides."""
    return viewer is not None and viewer.is_member_of_any((transfer.payer_id, transfer.payee_id))
