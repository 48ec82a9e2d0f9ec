"""What an operation costs, as a type."""

from datetime import UTC, datetime
from typing import Self

import strawberry

from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.rates import Charge
from mccs_graphql.schema.access import access


@strawberry.type(
    description="What this operation takes, and what it leaves of the limit that is nearest. The "
    "limit fills up all the time, from nothing to all of it in a minute.",
    directives=[access(HOLDER)],
)
class RateLimit:
    cost: int = strawberry.field(
        description="The points of this operation: 1 for each object that it may answer with, "
        "times the size of its page, and 10 for each mutation."
    )
    limit: int | None = strawberry.field(
        description="The most points there can be; null if nothing is limited."
    )
    remaining: int | None = strawberry.field(description="The points that are left.")
    reset_at: datetime | None = strawberry.field(
        description="When all of them are there again, if no more are taken."
    )

    @classmethod
    def of(cls, charge: Charge) -> Self:
        """The charge as clients see it."""
        level = charge.level
        return cls(
            cost=charge.cost,
            limit=level.size if level else None,
            remaining=level.remaining if level else None,
            reset_at=charge.reset_at(datetime.now(UTC)),
        )
