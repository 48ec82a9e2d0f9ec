"""What the mutations of favourites and of first contact take and lead to."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from mccs_graphql.db.models.contact import MESSAGE_MAX
from mccs_graphql.db.queries.favorites import FavoriteKey
from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.directory.messages import Message
from mccs_graphql.schema.access import access
from mccs_graphql.schema.entity import Entity
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.refusals import (
    ContactLimitReached,
    EntityNotFound,
    EntityNotListed,
    EntityNotReachable,
    FavoriteOfItself,
    InvalidInput,
    MessageKeyReused,
    MessageToItself,
    TooManyFavorites,
)


@strawberry.input(description="Which entity is to be a favourite of yours, or none.")
class SetFavoriteInput:
    acting_for: strawberry.ID = strawberry.field(description="The entity you act for.")
    entity_id: strawberry.ID = strawberry.field(description="The other entity.")
    favorite: bool = strawberry.field(description="True to keep it, false to remove it.")

    def to_key(self) -> FavoriteKey:
        """As the domain takes it."""
        return FavoriteKey(
            of=id_of(IdPrefix.ENTITY, self.acting_for),
            entity_id=id_of(IdPrefix.ENTITY, self.entity_id),
        )


@strawberry.input(description="A message, and the key that makes repeating it safe.")
class ContactEntityInput:
    acting_for: strawberry.ID = strawberry.field(description="The entity you act for.")
    entity_id: strawberry.ID = strawberry.field(description="The entity you write to.")
    message: str = strawberry.field(
        description=f"Plain text of 1 to {MESSAGE_MAX} characters, not counting white space "
        "around it."
    )
    idempotency_key: UUID = strawberry.field(
        description="Yours to choose, a new one for each message. The same message with the same "
        "key is sent once and gets the same answer however often you send it."
    )

    def to_message(self) -> Message:
        """As the domain takes it."""
        return Message(
            sender_id=id_of(IdPrefix.ENTITY, self.acting_for),
            receiver_id=id_of(IdPrefix.ENTITY, self.entity_id),
            body=self.message.strip(),
        )


@strawberry.type(
    description="The entity is a favourite now, or is none, as was asked for.",
    directives=[access(HOLDER)],
)
class SetFavoritePayload:
    entity: Entity | None = strawberry.field(
        description="The other entity; null if you may not see it, as when one is removed that "
        "is not listed any more."
    )


@strawberry.type(
    description="The message has been taken; it goes out by mail.", directives=[access(HOLDER)]
)
class ContactEntityPayload:
    entity: Entity | None = strawberry.field(
        description="The entity you wrote to; null if it is not listed any more when the same "
        "message is sent again."
    )
    sent_at: datetime = strawberry.field(description="When the message was taken.")


SetFavoriteResult = Annotated[
    SetFavoritePayload | EntityNotFound | FavoriteOfItself | TooManyFavorites,
    strawberry.union("SetFavoriteResult", description="What `setFavorite` leads to."),
]
ContactEntityResult = Annotated[
    ContactEntityPayload
    | ContactLimitReached
    | EntityNotFound
    | EntityNotListed
    | EntityNotReachable
    | InvalidInput
    | MessageKeyReused
    | MessageToItself,
    strawberry.union("ContactEntityResult", description="What `contactEntity` leads to."),
]
