"""What the mutations take and lead to by which admins change entities and users."""

from typing import Annotated
from uuid import UUID

import strawberry

from mccs_graphql.db.models import EntityStatus, Role
from mccs_graphql.db.models.contact import MESSAGE_MAX
from mccs_graphql.db.models.transfer import REASON_MAX
from mccs_graphql.db.models.user import EMAIL_MAX
from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.administration.statuses import ENTITIES_MAX, Decision, Transition
from mccs_graphql.schema.access import access
from mccs_graphql.schema.entity import Entity
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.profile_results import (
    EntityPayload,
    UpdateEntityInput,
    UpdateUserInput,
    UserPayload,
)
from mccs_graphql.schema.refusals import (
    EmailTaken,
    EntityChanged,
    EntityNotFound,
    InvalidInput,
    LastOwner,
    NotAssociated,
    UserChanged,
    UserError,
    UserIsAdmin,
    UserNotFound,
)
from mccs_graphql.schema.user import User

REASON = f"Why, for the audit trail; at most {REASON_MAX} characters."
_VERSION = "Its `version` when you read it: nothing is changed if it is another by now."
_MESSAGE = f"What the members are told besides, by mail; at most {MESSAGE_MAX} characters."


@strawberry.input(
    description="What is to change of any entity: null clears a field, an absent one stays as it "
    "is."
)
class AdminUpdateEntityInput(UpdateEntityInput):
    entity_id: strawberry.ID = strawberry.field(description="The id of the entity.")
    reason: str = strawberry.field(default="", description=REASON)


@strawberry.input(
    description="What is to change of a user: null clears a field, an absent one stays as it is."
)
class AdminUpdateUserInput(UpdateUserInput):
    user_id: strawberry.ID = strawberry.field(description="The id of the user.")
    expected_version: int = strawberry.field(description=_VERSION)
    email: strawberry.Maybe[str | None] = strawberry.field(
        description=f"The address to log in with, at most {EMAIL_MAX} characters; cannot be "
        "cleared. A mail asks there to verify it."
    )
    reason: str = strawberry.field(default="", description=REASON)

    @property
    def id(self) -> UUID:
        """The id as the domain takes it."""
        return id_of(IdPrefix.USER, self.user_id)


@strawberry.input(description="What is decided.")
class StatusDecisionInput:
    to: EntityStatus = strawberry.field(description="The status to have from now on; any one.")
    message: str = strawberry.field(default="", description=_MESSAGE)
    reason: str = strawberry.field(default="", description=REASON)

    def to_decision(self) -> Decision:
        """As the domain takes it."""
        return Decision(to=self.to, message=self.message, reason=self.reason)


@strawberry.input(description="What is decided about an entity.")
class ChangeEntityStatusInput(StatusDecisionInput):
    entity_id: strawberry.ID = strawberry.field(description="The id of the entity.")
    expected_version: int = strawberry.field(description=_VERSION)


@strawberry.input(description="What is decided about several entities.")
class ChangeEntityStatusesInput(StatusDecisionInput):
    entity_ids: list[strawberry.ID] = strawberry.field(
        description=f"The ids of the entities, at most {ENTITIES_MAX}; one given twice counts once."
    )


@strawberry.input(description="Which user and which entity.")
class AssociationInput:
    entity_id: strawberry.ID = strawberry.field(description="The id of the entity.")
    user_id: strawberry.ID = strawberry.field(description="The id of the user.")
    reason: str = strawberry.field(default="", description=REASON)

    @property
    def ids(self) -> tuple[UUID, UUID]:
        """Entity and user as the domain takes them."""
        return id_of(IdPrefix.ENTITY, self.entity_id), id_of(IdPrefix.USER, self.user_id)


@strawberry.input(description="Which user is to belong to which entity, and as what.")
class LinkUserInput(AssociationInput):
    role: Role = strawberry.field(description="What the user is there from now on.")


@strawberry.input(description="Which user is to belong to which entity no longer.")
class UnlinkUserInput(AssociationInput):
    pass


@strawberry.type(
    description="The entity, and what its status was and is.", directives=[access(HOLDER)]
)
class EntityStatusPayload:
    entity: Entity = strawberry.field(description="The entity, as the mutation left it.")
    from_: EntityStatus = strawberry.field(
        name="from", description="The status it had; the same if there was nothing to change."
    )
    to: EntityStatus = strawberry.field(description="The status it has.")

    @classmethod
    def of(cls, transition: Transition) -> "EntityStatusPayload":
        """The transition as clients see it."""
        entity = transition.entity
        return cls(entity=Entity.of(entity), from_=transition.before, to=entity.status)


@strawberry.type(description="What was done for one of the entities.", directives=[access(HOLDER)])
class EntityStatusOutcome:
    entity_id: strawberry.ID = strawberry.field(description="The id as it was sent.")
    change: EntityStatusPayload | None = strawberry.field(
        description="What changed; null if nothing was to be done for this one."
    )
    refusal: UserError | None = strawberry.field(description="Why not, if it was not done.")


@strawberry.type(description="What was done for each of the entities.", directives=[access(HOLDER)])
class EntityStatusesPayload:
    outcomes: list[EntityStatusOutcome] = strawberry.field(
        description="In the order of the ids; refused ones do not keep the others from it."
    )


@strawberry.type(
    description="A user and an entity, as the mutation left them.", directives=[access(HOLDER)]
)
class AssociationPayload:
    entity: Entity = strawberry.field(description="The entity.")
    user: User | None = strawberry.field(description="The user, with the entities by now.")


AdminUpdateEntityResult = Annotated[
    EntityPayload | EntityChanged | EntityNotFound | InvalidInput,
    strawberry.union("AdminUpdateEntityResult", description="What `adminUpdateEntity` leads to."),
]
AdminUpdateUserResult = Annotated[
    UserPayload | EmailTaken | InvalidInput | UserChanged | UserIsAdmin | UserNotFound,
    strawberry.union("AdminUpdateUserResult", description="What `adminUpdateUser` leads to."),
]
ChangeEntityStatusResult = Annotated[
    EntityStatusPayload | EntityChanged | EntityNotFound | InvalidInput,
    strawberry.union("ChangeEntityStatusResult", description="What `changeEntityStatus` leads to."),
]
ChangeEntityStatusesResult = Annotated[
    EntityStatusesPayload | InvalidInput,
    strawberry.union(
        "ChangeEntityStatusesResult", description="What `changeEntityStatuses` leads to."
    ),
]
LinkUserResult = Annotated[
    AssociationPayload | EntityNotFound | InvalidInput | LastOwner | UserIsAdmin | UserNotFound,
    strawberry.union("LinkUserResult", description="What `linkUser` leads to."),
]
UnlinkUserResult = Annotated[
    AssociationPayload
    | EntityNotFound
    | InvalidInput
    | NotAssociated
    | LastOwner
    | UserIsAdmin
    | UserNotFound,
    strawberry.union("UnlinkUserResult", description="What `unlinkUser` leads to."),
]
