"""Deleting entities and users: what it would do, and what it did."""

from typing import Annotated
from uuid import UUID

import strawberry

from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.administration import deleting_entities, deleting_users
from mccs_graphql.domain.administration.deleting_entities import SHOWN_MAX, OpenProposals, Plan
from mccs_graphql.domain.money import Money
from mccs_graphql.schema.access import access
from mccs_graphql.schema.administration.changes import REASON
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import Entity
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.refusals import (
    BalanceNotSettled,
    EntityChanged,
    EntityNotFound,
    InvalidInput,
    LastOwner,
    ProposalsOpen,
    SettlementNotPossible,
    UserChanged,
    UserIsAdmin,
    UserNotFound,
)
from mccs_graphql.schema.transfer import Transfer
from mccs_graphql.schema.user import User

_VERSION = "Its `version` when you read it: nothing is deleted if it is another by now."
_ERASED = "Entries of the audit trail whose details would be erased."


@strawberry.input(description="Which entity to delete, and how.")
class DeleteEntityInput:
    entity_id: strawberry.ID = strawberry.field(description="The id of the entity.")
    expected_version: int = strawberry.field(description=_VERSION)
    settle_with: strawberry.ID | None = strawberry.field(
        default=None,
        description="The trading entity that takes over the balance, if there is one, within its "
        "own limits. Without it, an entity with a balance is not deleted.",
    )
    proposals: OpenProposals = strawberry.field(
        default=OpenProposals.REFUSE, description="What to do about open proposals."
    )
    reason: str = strawberry.field(
        default="", description=f"{REASON} The other sides of cancelled proposals are told it too."
    )

    def to_plan(self) -> Plan:
        """As the domain takes it."""
        return Plan(
            entity_id=id_of(IdPrefix.ENTITY, self.entity_id),
            expected_version=self.expected_version,
            settle_with=id_of(IdPrefix.ENTITY, self.settle_with) if self.settle_with else None,
            proposals=self.proposals,
            reason=self.reason,
        )


@strawberry.input(description="Which user to delete.")
class DeleteUserInput:
    user_id: strawberry.ID = strawberry.field(description="The id of the user.")
    expected_version: int = strawberry.field(description=_VERSION)
    reason: str = strawberry.field(default="", description=REASON)


@strawberry.type(
    description="What deleting an entity would come to now. It holds nothing back.",
    directives=[access(HOLDER)],
)
class EntityDeletionPreview:
    left_without_ids: strawberry.Private[list[UUID]]
    entity: Entity = strawberry.field(description="The entity.")
    balance: Money = strawberry.field(description="What would have to be settled, if not zero.")
    open_proposals: int = strawberry.field(description="How many would have to be cancelled.")
    members: int = strawberry.field(description="How many users belong to it.")
    erased_entries: int = strawberry.field(description=_ERASED)

    @strawberry.field(
        description=f"Users who would belong to no entity then; at most {SHOWN_MAX} are named."
    )
    async def left_without_entity(self, info: Info) -> list[User] | None:
        found = await info.context.loaders.users.load_many(self.left_without_ids)
        return [User.of(row) for row in found if row is not None]

    @classmethod
    def of(cls, preview: deleting_entities.Preview) -> "EntityDeletionPreview":
        """The preview as clients see it."""
        return cls(
            left_without_ids=list(preview.left_without),
            entity=Entity.of(preview.entity),
            balance=preview.balance,
            open_proposals=preview.open_proposals,
            members=preview.members,
            erased_entries=preview.erased_entries,
        )


@strawberry.type(
    description="What deleting a user would come to now. It holds nothing back.",
    directives=[access(HOLDER)],
)
class UserDeletionPreview:
    owned_alone_ids: strawberry.Private[list[UUID]]
    user: User = strawberry.field(description="The user.")
    sessions: int = strawberry.field(description="How many log-ins would end.")
    erased_entries: int = strawberry.field(description=_ERASED)

    @strawberry.field(
        description="Entities with no other owner: they need one before, or have to be deleted."
    )
    async def owned_alone(self, info: Info) -> list[Entity] | None:
        found = await info.context.loaders.entities.load_many(self.owned_alone_ids)
        return [Entity.of(row) for row in found if row is not None]

    @classmethod
    def of(cls, preview: deleting_users.Preview) -> "UserDeletionPreview":
        """The preview as clients see it."""
        return cls(
            owned_alone_ids=list(preview.owned_alone),
            user=User.of(preview.user),
            sessions=preview.sessions,
            erased_entries=preview.erased_entries,
        )


@strawberry.type(description="What is left of the entity.", directives=[access(HOLDER)])
class DeleteEntityPayload:
    entity: Entity = strawberry.field(description="The entity, erased.")
    settlement: Transfer | None = strawberry.field(
        description="The transfer that settled its balance; null if there was none."
    )
    cancelled_proposals: int = strawberry.field(description="How many proposals were cancelled.")


@strawberry.type(description="What is left of the user.", directives=[access(HOLDER)])
class DeleteUserPayload:
    user: User = strawberry.field(description="The user, erased.")


DeleteEntityResult = Annotated[
    DeleteEntityPayload
    | BalanceNotSettled
    | EntityChanged
    | EntityNotFound
    | InvalidInput
    | ProposalsOpen
    | SettlementNotPossible,
    strawberry.union("DeleteEntityResult", description="What `deleteEntity` leads to."),
]
DeleteUserResult = Annotated[
    DeleteUserPayload | InvalidInput | LastOwner | UserChanged | UserIsAdmin | UserNotFound,
    strawberry.union("DeleteUserResult", description="What `deleteUser` leads to."),
]
