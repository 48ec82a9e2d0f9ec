"""Accounts."""

import strawberry

from mccs_graphql.db.models import Account as AccountRow
from mccs_graphql.domain.access import READ
from mccs_graphql.domain.money import Money
from mccs_graphql.schema.access import access


@strawberry.type(
    description="What an entity's credits are kept in. Seen by its members only.",
    directives=[access(READ)],
)
class Account:
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
            account_number=row.account_number,
            balance=Money(row.balance),
            unit=unit,
            max_negative_balance=Money(row.max_negative_balance),
            max_positive_balance=Money(row.max_positive_balance),
        )
