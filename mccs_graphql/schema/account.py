"""Accounts."""

from uuid import UUID

import strawberry

from mccs_graphql.db.models import Account as AccountRow
from mccs_graphql.domain.access import READ
from mccs_graphql.domain.money import Money
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.limits import LimitChangeConnection, load_limit_history
from mccs_graphql.schema.pages import After, Before, First, Last


@strawberry.type(
    description="What an entity's credits are kept in. Seen by its members only.",
    directives=[access(READ)],
)
class Account:
    entity_id: strawberry.Private[UUID]
    account_number: str = strawberry.field(
        description="Sixteen digits, the last of which checks the others; give it to a payer."
    )
    balance: Money = strawberry.field(description="Negative when the entity owes the community.")
    unit: str = strawberry.field(description="What is counted.")
    max_negative_balance: Money = strawberry.field(
        description="How far below zero the balance may go; not negative itself."
    )
    max_positive_balance: Money = strawberry.field(
        description="How far above zero the balance may go."
    )

    @classmethod
    def of(cls, row: AccountRow, *, unit: str) -> "Account":
        """The row as clients see it."""
        return cls(
            entity_id=row.entity_id,
            account_number=row.account_number,
            balance=Money(row.balance),
            unit=unit,
            max_negative_balance=Money(row.max_negative_balance),
            max_positive_balance=Money(row.max_positive_balance),
        )

    @strawberry.field(description="What became of its limits, the newest change first.")
    async def limit_history(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> LimitChangeConnection | None:
        return await load_limit_history(
            info, self.entity_id, first=first, after=after, last=last, before=before
        )
