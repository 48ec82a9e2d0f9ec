"""The one who asks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from mccs_graphql.db.models import AdminRole, ApiToken, Role, User
from mccs_graphql.domain.access import LEAST_ROLES, READ, Audience, Requirement
from mccs_graphql.domain.errors import Forbidden, Unauthenticated

NOT_AN_ADMIN = "This is for admins of the community."
ADMINS_STAND_APART = "An admin belongs to no entity; use another login for that."
SECOND_FACTOR_FIRST = "Admins need a second factor here: set it up first (beginSecondFactor)."
_NOT_FOR_TOKENS = "API tokens may not do this."


@dataclass(frozen=True)
class Viewer:
    """A user who is logged in, the session, and the entities to act for; true at one moment.

    Read afresh for each operation, and before the events of a subscription are sent. ``roles`` has
    the entities of the user with the role in each; those of them that are admitted to trading are
    ``trading_ids``. An admin has an ``admin_role`` and no entities; one who ``lacks_second_factor``
    has to set it up before the role gives any powers.

    For a software agent there is an API ``token`` in place of the session: the user is the one who
    made it, and ``roles`` has its entity alone. ``also_trades_for`` are the other entities of that
    user, which would be on the other side of themselves.
    """

    user: User
    session_id: UUID | None
    roles: Mapping[UUID, Role] = field(default_factory=dict)
    trading_ids: frozenset[UUID] = frozenset()
    admin_role: AdminRole | None = None
    lacks_second_factor: bool = False
    token: ApiToken | None = None
    also_trades_for: frozenset[UUID] = frozenset()

    @property
    def id(self) -> UUID:
        return self.user.id

    @property
    def admin(self) -> AdminRole | None:
        """The role of an admin as far as it gives powers now."""
        return None if self.lacks_second_factor else self.admin_role

    @property
    def token_id(self) -> UUID | None:
        """The API token of a software agent; None for a user in person."""
        return self.token.id if self.token else None

    @property
    def entity_ids(self) -> list[UUID]:
        """The entities of the user, oldest first."""
        return sorted(self.roles)

    @property
    def trades(self) -> bool:
        """Whether one of the entities to act for is admitted to trading."""
        return bool(self.trading_ids)

    def may(self, requirement: Requirement, entity_id: UUID) -> bool:
        """Whether the user, or the token, may do for the entity what requires this."""
        if self.admin is not None and requirement.has_room_for_admin(self.admin):
            return True
        role = self.roles.get(entity_id)
        return (
            role is not None and requirement.has_room_for(role) and self._has_scope_for(requirement)
        )

    def may_read_any(self, entity_ids: Iterable[UUID]) -> bool:
        """Whether what is private to one of the entities may be read."""
        return any(self.may(READ, entity_id) for entity_id in entity_ids)

    def require(self, requirement: Requirement, entity_id: UUID) -> None:
        """Raise Forbidden unless the user may do this for the entity; it may not even exist."""
        if self.may(requirement, entity_id):
            return
        if entity_id not in self.roles:
            raise Forbidden
        self.require_scope(requirement)
        raise Forbidden(_role_missing(requirement))

    def require_scope(self, requirement: Requirement) -> None:
        """Raise Forbidden for an API token that may not do this for any entity."""
        if not self._has_scope_for(requirement):
            scope = requirement.scope
            raise Forbidden(
                f"This API token has not the scope {scope}." if scope else _NOT_FOR_TOKENS
            )

    def require_session(self) -> UUID:
        """The session of a user in person. Raises Forbidden to API tokens."""
        if self.session_id is None:
            raise Forbidden(_NOT_FOR_TOKENS)
        return self.session_id

    def _has_scope_for(self, requirement: Requirement) -> bool:
        return self.token is None or requirement.is_met_by(self.token.scopes)


def admit(viewer: Viewer | None, requirement: Requirement) -> None:
    """Let in who may use a field at all. Raises Unauthenticated or Forbidden.

    For which entity is not known yet: that is for ``Viewer.require``.
    """
    if Audience.EVERYBODY in requirement.audience:
        return
    if viewer is None:
        raise Unauthenticated
    viewer.require_scope(requirement)
    if requirement.is_for_admins_only:
        _require_admin(viewer, requirement)
    if Audience.PLAIN_USER in requirement.audience and viewer.admin_role is not None:
        raise Forbidden(ADMINS_STAND_APART)


def _require_admin(viewer: Viewer, requirement: Requirement) -> None:
    if viewer.admin_role is None:
        raise Forbidden(NOT_AN_ADMIN)
    if viewer.admin is None:
        raise Forbidden(SECOND_FACTOR_FIRST)
    if not requirement.has_room_for_admin(viewer.admin):
        least = " or ".join(sorted(LEAST_ROLES[each] for each in requirement.audience))
        raise Forbidden(f"For this you have to be an admin who is at least {least}.")


def _role_missing(requirement: Requirement) -> str:
    roles = " or ".join(sorted(requirement.audience - LEAST_ROLES.keys()))
    return f"For this you have to be {roles} of the entity."
