"""What the operation costs that asks."""

from typing import Annotated

import strawberry

from mccs_graphql.domain.access import EVERYBODY
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.rate_limit import RateLimit

DryRun = Annotated[
    bool,
    strawberry.argument(
        description="Only say what the query would take: of its other fields none is carried out, "
        "each is null, and none of your points are taken."
    ),
]


@strawberry.type
class RateLimitQuery:
    @strawberry.field(
        description="What this operation takes and what it leaves; also in `extensions.cost`.",
        directives=[access(EVERYBODY)],
    )
    def rate_limit(self, info: Info, dry_run: DryRun = False) -> RateLimit | None:
        charge = info.context.charge
        return RateLimit.of(charge) if charge else None
