"""The one who asks."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from mccs_graphql.db.models import User
from mccs_graphql.domain.errors import Forbidden


@dataclass(frozen=True)
class Viewer:
    """A user who is logged in, the session, and the entities to act for; true at one moment.

    Read afresh for each operation, and before the events of a subscription are sent. Those of the
    entities that are admitted to trading are ``trading_ids``.
    """

    user: User
    session_id: UUID
    entity_ids: frozenset[UUID]
    trading_ids: frozenset[UUID] = frozenset()

    @property
    def id(self) -> UUID:
        return self.user.id

    @property
    def trades(self) -> bool:
        """Whether one of the entities to act for is admitted to trading."""
        return bool(self.trading_ids)

    def is_member_of(self, entity_id: UUID) -> bool:
        """Whether the user may act for the entity."""
        return entity_id in self.entity_ids

    def is_member_of_any(self, entity_ids: Iterable[UUID]) -> bool:
        """Whether the user may act for one of them."""
        return not self.entity_ids.isdisjoint(entity_ids)

    def require_member_of(self, entity_id: UUID) -> None:
        """Raise Forbidden unless the user may act for the entity; it may not even exist."""
        if not self.is_member_of(entity_id):
            raise Forbidden
