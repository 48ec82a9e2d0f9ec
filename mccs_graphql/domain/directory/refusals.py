"""What the directory refuses."""

from dataclasses import dataclass

from mccs_graphql.db.models import EntityStatus
from mccs_graphql.domain.errors import Refusal


@dataclass(eq=False)
class EntityChanged(Refusal):
    """Somebody changed the entity since you read it. Read it again, then decide what to change."""

    code = "ENTITY_CHANGED"
    message = "The entity has changed since you read it; read it again."
    path = ("expectedVersion",)

    version: int


@dataclass(eq=False)
class ApplicationNotPossible(Refusal):
    """Only an entity whose status is ACCEPTED applies for trading."""

    code = "APPLICATION_NOT_POSSIBLE"
    message = "Only an accepted entity that has not applied yet can apply for trading."
    path = ("entityId",)

    status: EntityStatus
