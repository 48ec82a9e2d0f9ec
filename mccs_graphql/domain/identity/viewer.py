"""The one who asks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from mccs_graphql.db.models import ApiToken, Role, User
from mccs_graphql.domain.access import READ, Audience, Requirement
from mccs_graphql.domain.errors import Forbidden, Unauthenticated

_NOT_FOR_TOKENS = "API tokens may not do this."


@dataclass(frozen=True)
class Viewer:
    """A user who is logged in, the session, and the entities to act for; true at one moment.

    Read afresh for each operation, and before the events of a subscription are sent. ``roles`` has
    the entities of the user with the role in each; those of them that are admitted to trading are
    ``trading_ids``.

    For a software agent there is an API ``token`` in place of the session: the user is the one who
    made it, and ``roles`` has its entity alone. ``also_trades_for`` are the other entities of that
    user, which would be on the other side of themselves.
    """

    user: User
    session_id: UUID | None
    roles: Mapping[UUID, Role] = field(default_factory=dict)
    trading_ids: frozenset[UUID] = frozenset()
    token: ApiToken | None = None
    also_trades_for: frozenset[UUID] = frozenset()

    @property
    def id(self) -> UUID:
        return self.user.id

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
    """Let in who may use a field at all. Raises Unauthenticated, and Forbidden to API tokens.

    For which entity is not known yet: that is for ``Viewer.require``.
    """
    if Audience.EVERYBODY in requirement.audience:
        return
    if viewer is None:
        raise Unauthenticated
    viewer.require_scope(requirement)


def _role_missing(requirement: Requirement) -> str:
    roles = " or ".join(sorted(requirement.audience))
    return f"For this you have to be {roles} of the entity."
