"""Who may see what: decided here for every path by which a thing can be reached.

Whatever of an entity is not named here is seen by everybody who may see the entity.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import InstrumentedAttribute

from mccs_graphql.db.models import Entity, EntityStatus, Transfer
from mccs_graphql.db.models.entity import LISTED
from mccs_graphql.domain.access import INSPECT, OVERSEE, READ
from mccs_graphql.domain.identity.viewer import Viewer

Value = TypeVar("Value")
Rule = Callable[[Viewer | None, Entity], bool]
"""Whether the viewer may see a field of the entity, which is known to be there."""


def may_see_entity(viewer: Viewer | None, entity: Entity) -> bool:
    """The directory is public; what is not listed exists for its own members only."""
    return entity.status in LISTED or is_own(viewer, entity)


def may_see_books(viewer: Viewer | None, entity_id: UUID) -> bool:
    """The account of an entity and the list of its transfers are its members' own."""
    return viewer is not None and viewer.may(READ, entity_id)


def may_see_favorites(viewer: Viewer | None, entity_id: UUID) -> bool:
    """Whom an entity keeps in mind is known to its members only."""
    return viewer is not None and viewer.may(READ, entity_id)


def may_see_api_tokens(viewer: Viewer | None, entity_id: UUID) -> bool:
    """What software acts for an entity, and from where, is for its owners."""
    return viewer is not None and viewer.may(OVERSEE, entity_id)


def may_see_webhooks(viewer: Viewer | None, entity_id: UUID) -> bool:
    """Where the news of an entity go, and whether they arrive, is for its owners."""
    return viewer is not None and viewer.may(OVERSEE, entity_id)


def may_see_matches(viewer: Viewer | None, entity_id: UUID) -> bool:
    """Who matches an entity, and since when, is for its members."""
    return viewer is not None and viewer.may(READ, entity_id)


def may_see_members(viewer: Viewer | None, entity_id: UUID) -> bool:
    """Who belongs to an entity is known to those who do."""
    return viewer is not None and viewer.may(READ, entity_id)


def may_see_invitations(viewer: Viewer | None, entity_id: UUID) -> bool:
    """Whom an entity has invited is for those who decide who its members are."""
    return viewer is not None and viewer.may(OVERSEE, entity_id)


def may_see_log_in_addresses(viewer: Viewer | None, entity_id: UUID) -> bool:
    """What the members of an entity log in with is for those who decide who they are."""
    return viewer is not None and viewer.may(OVERSEE, entity_id)


def may_see_user(viewer: Viewer | None, user_id: UUID) -> bool:
    """A user is known to themself, and to admins."""
    if viewer is None:
        return False
    is_admin = viewer.admin is not None and INSPECT.has_room_for_admin(viewer.admin)
    is_own = viewer.token is None and viewer.id == user_id
    return is_own or is_admin


def may_see_transfer(viewer: Viewer | None, transfer: Transfer) -> bool:
    """A transfer is known to its two sides."""
    return viewer is not None and viewer.may_read_any((transfer.payer_id, transfer.payee_id))


def visible(
    viewer: Viewer | None, entity: Entity, field: InstrumentedAttribute[Value]
) -> Value | None:
    """A field of an entity that has a rule of its own; None if the viewer may not see it."""
    if not FIELD_RULES[field.key](viewer, entity):
        return None
    value: Value = getattr(entity, field.key)
    return value


def is_own(viewer: Viewer | None, entity: Entity) -> bool:
    """Whether the viewer belongs to the entity, and so sees what is private to it."""
    return viewer is not None and viewer.may(READ, entity.id)


def is_own_or_both_trade(viewer: Viewer | None, entity: Entity) -> bool:
    """Those who trade may write to one another."""
    both_trade = (
        viewer is not None and viewer.trades and entity.status is EntityStatus.TRADING_ACCEPTED
    )
    return both_trade or is_own(viewer, entity)


def is_own_or_shown(wish: InstrumentedAttribute[bool]) -> Rule:
    """What others see only if the members have said so in the field ``wish``."""

    def rule(viewer: Viewer | None, entity: Entity) -> bool:
        shown: bool = getattr(entity, wish.key)
        return shown or is_own(viewer, entity)

    return rule


FIELD_RULES: Mapping[str, Rule] = {
    Entity.created_at.key: is_own,
    Entity.email.key: is_own_or_both_trade,
    Entity.telephone.key: is_own_or_shown(Entity.show_telephone),
    Entity.declared_turnover.key: is_own_or_shown(Entity.show_declared_turnover),
    Entity.show_telephone.key: is_own,
    Entity.show_declared_turnover.key: is_own,
    Entity.show_tags_matched_since_last_login.key: is_own,
    Entity.receive_daily_match_notification_email.key: is_own,
}
"""The fields of an entity that not everybody sees."""
