"""What the operation costs that asks."""

import strawberry

from mccs_graphql.domain.access import EVERYBODY
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.rate_limit import RateLimit


@strawberry.type
class RateLimitQuery:
    @strawberry.field(
        description="What this operation takes and what it leaves; also in `extensions.cost`.",
        directives=[access(EVERYBODY)],
    )
    def rate_limit(self, info: Info) -> RateLimit | None:
        charge = info.context.charge
        return RateLimit.of(charge) if charge else None
