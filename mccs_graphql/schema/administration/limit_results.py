"""What the mutations of limits take and lead to."""

from typing import Annotated
from uuid import UUID

import strawberry

from mccs_graphql.db.models import EntityStatus
from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.administration.default_limits import ApplyTo
from mccs_graphql.domain.administration.limits import NewLimits
from mccs_graphql.domain.ledger.limits import Limits
from mccs_graphql.domain.money import Money
from mccs_graphql.schema.access import access
from mccs_graphql.schema.account import Account
from mccs_graphql.schema.administration.limits import DefaultLimits
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.refusals import (
    AccountNotFound,
    BalanceOutOfLimits,
    BalancesOutOfLimits,
    InvalidInput,
    LimitsChanged,
)


@strawberry.input(description="How far a balance may go.")
class LimitsInput:
    max_negative_balance: Money = strawberry.field(
        description="How far below zero; not negative itself."
    )
    max_positive_balance: Money = strawberry.field(description="How far above zero.")

    def to_limits(self) -> Limits:
        """As the domain takes them."""
        return Limits(self.max_negative_balance, self.max_positive_balance)


@strawberry.input(description="New limits, and why.")
class NewLimitsInput(LimitsInput):
    expected: LimitsInput = strawberry.field(
        description="The limits that you saw; refused if they are others by now."
    )
    reason: str = strawberry.field(
        description="Shown to those whose limits change; at most 500 characters."
    )
    force: bool = strawberry.field(
        default=False,
        description="Also if a balance lies outside of them: it can then only move towards them.",
    )

    def to_new_limits(self) -> NewLimits:
        """As the domain takes them."""
        return NewLimits(
            self.to_limits(), self.expected.to_limits(), reason=self.reason, force=self.force
        )


@strawberry.input(description="New limits of one account, and why.")
class ChangeLimitsInput(NewLimitsInput):
    entity_id: strawberry.ID = strawberry.field(description="Whose account.")

    def to_entity_id(self) -> UUID:
        """As the domain takes it."""
        return id_of(IdPrefix.ENTITY, self.entity_id)


@strawberry.input(description="What members of a status are to start with, and why.")
class ChangeDefaultLimitsInput(NewLimitsInput):
    status: EntityStatus = strawberry.field(description="Of whom.")
    apply_to: ApplyTo = strawberry.field(
        default=ApplyTo.NEW_MEMBERS, description="Whether those who are there follow."
    )


@strawberry.input(description="A default that you think of setting.")
class PreviewDefaultLimitsInput(LimitsInput):
    status: EntityStatus = strawberry.field(description="Of whom.")


@strawberry.type(description="The account with its new limits.", directives=[access(HOLDER)])
class ChangeLimitsPayload:
    account: Account = strawberry.field(description="The account.")


@strawberry.type(description="The new default.", directives=[access(HOLDER)])
class ChangeDefaultLimitsPayload:
    default_limits: DefaultLimits = strawberry.field(description="The default.")
    followed: int = strawberry.field(description="How many members have followed.")


ChangeLimitsResult = Annotated[
    ChangeLimitsPayload | AccountNotFound | BalanceOutOfLimits | InvalidInput | LimitsChanged,
    strawberry.union("ChangeLimitsResult", description="What `changeLimits` leads to."),
]
ChangeDefaultLimitsResult = Annotated[
    ChangeDefaultLimitsPayload | BalancesOutOfLimits | InvalidInput | LimitsChanged,
    strawberry.union(
        "ChangeDefaultLimitsResult", description="What `changeDefaultLimits` leads to."
    ),
]
