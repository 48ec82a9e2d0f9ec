"""The one who asks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from mccs_graphql.db.models import Role, User
from mccs_graphql.domain.access import READ, Audience, Requirement
from mccs_graphql.domain.errors import Forbidden, Unauthenticated


@dataclass(frozen=True)
class Viewer:
    """A user who is logged in, the session, and the entities to act for; true at one moment.

    Read afresh for each operation, and before the events of a subscription are sent. ``roles`` has
    the entities of the user with the role in each; those of them that are admitted to trading are
    ``trading_ids``.
    """

    user: User
    session_id: UUID
    roles: Mapping[UUID, Role] = field(default_factory=dict)
    trading_ids: frozenset[UUID] = frozenset()

    @property
    def id(self) -> UUID:
        return self.user.id

    @property
    def entity_ids(self) -> list[UUID]:
        """The entities of the user, oldest first."""
        return sorted(self.roles)

    @property
    def trades(self) -> bool:
        """Whether one of the entities to act for is admitted to trading."""
        return bool(self.trading_ids)

    def may(self, requirement: Requirement, entity_id: UUID) -> bool:
        """Whether the user may do for the entity what requires this."""
        role = self.roles.get(entity_id)
        return role is not None and requirement.has_room_for(role)

    def may_read_any(self, entity_ids: Iterable[UUID]) -> bool:
        """Whether what is private to one of the entities may be read."""
        return any(self.may(READ, entity_id) for entity_id in entity_ids)

    def require(self, requirement: Requirement, entity_id: UUID) -> None:
        """Raise Forbidden unless the user may do this for the entity; it may not even exist."""
        if not self.may(requirement, entity_id):
            raise (
                Forbidden if entity_id not in self.roles else Forbidden(_role_missing(requirement))
            )


def admit(viewer: Viewer | None, requirement: Requirement) -> None:
    """Let in who may use a field at all. Raises Unauthenticated.

    For which entity is not known yet: that is for ``Viewer.require``.
    """
    if Audience.EVERYBODY not in requirement.audience and viewer is None:
        raise Unauthenticated


def _role_missing(requirement: Requirement) -> str:
    roles = " or ".join(sorted(requirement.audience))
    return f"For this you have to be {roles} of the entity."
