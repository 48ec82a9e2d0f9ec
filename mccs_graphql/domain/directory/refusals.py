"""What the directory refuses."""

from dataclasses import dataclass
from datetime import datetime

from mccs_graphql.db.models import EntityStatus
from mccs_graphql.domain.errors import Refusal


@dataclass(eq=False)
class EntityChanged(Refusal):
    """Somebody changed the entity since you read it. Read it again, then decide what to change."""

    code = "ENTITY_CHANGED"
    message = "The entity has changed since you read it; read it again."
    path = ("expectedVersion",)

    version: int
    changed: tuple[str, ...] = ()


@dataclass(eq=False)
class ApplicationNotPossible(Refusal):
    """Only an entity whose status is ACCEPTED applies for trading."""

    code = "APPLICATION_NOT_POSSIBLE"
    message = "Only an accepted entity that has not applied yet can apply for trading."
    path = ("entityId",)

    status: EntityStatus


@dataclass(eq=False)
class EntityNotFound(Refusal):
    """The directory has no such entity: whether there is one at all is not said."""

    code = "ENTITY_NOT_FOUND"
    message = "There is no such entity in the directory."
    path = ("entityId",)


@dataclass(eq=False)
class FavoriteOfItself(Refusal):
    """An entity is no favourite of its own."""

    code = "FAVORITE_OF_ITSELF"
    message = "An entity cannot be a favourite of its own."
    path = ("entityId",)


@dataclass(eq=False)
class TooManyFavorites(Refusal):
    """Your entity has as many favourites as it may have. Remove one first."""

    code = "TOO_MANY_FAVORITES"
    message = "Your entity has as many favourites as it may have; remove one first."
    path = ("favorite",)

    most: int


@dataclass(eq=False)
class MessageToItself(Refusal):
    """A message takes two entities."""

    code = "MESSAGE_TO_ITSELF"
    message = "An entity cannot write to itself."
    path = ("entityId",)


@dataclass(eq=False)
class MessageKeyReused(Refusal):
    """The key was used for another message. Give each message a key of its own."""

    code = "MESSAGE_KEY_REUSED"
    message = "This idempotency key stands for another message; use a new one."
    path = ("idempotencyKey",)

    sent_at: datetime


@dataclass(eq=False)
class EntityNotListed(Refusal):
    """Only entities that are listed in the directory write to others; yours is not."""

    code = "ENTITY_NOT_LISTED"
    message = "Your entity is not listed in the directory, so it cannot write to others."
    path = ("actingFor",)

    status: EntityStatus


@dataclass(eq=False)
class EntityNotReachable(Refusal):
    """The entity has not said where to write to. Its profile may name another way."""

    # That there is no address is all this says; of one that is there no answer says anything.
    code = "ENTITY_NOT_REACHABLE"
    message = "The entity has not said where to write to."
    path = ("entityId",)


@dataclass(eq=False)
class ContactLimitReached(Refusal):
    """Your entity, or you yourself, have written enough for one day, or enough to this entity."""

    code = "CONTACT_LIMIT_REACHED"
    message = "No more messages for now; try again later."

    most: int
    again_at: datetime
