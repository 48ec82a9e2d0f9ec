"""The community in figures."""

from datetime import datetime
from typing import Annotated

import strawberry

from mccs_graphql.domain.access import INSPECT
from mccs_graphql.domain.statistics.figures import measure
from mccs_graphql.domain.statistics.period import MONTHS_MAX, Period
from mccs_graphql.schema.access import access
from mccs_graphql.schema.administration.statistics import CommunityStatistics
from mccs_graphql.schema.context import Info

From = Annotated[
    datetime, strawberry.argument(name="from", description="The first moment that counts.")
]
To = Annotated[
    datetime,
    strawberry.argument(
        description=f"The first that does not, and not in the future. At most {MONTHS_MAX} "
        "calendar months, in UTC, have a part in the period."
    ),
]


@strawberry.type
class StatisticsQuery:
    @strawberry.field(
        description="The community in figures that can be published. Measured for one caller of a "
        "server after the other.",
        directives=[access(INSPECT)],
    )
    async def community_statistics(
        self, info: Info, from_: From, to: To
    ) -> CommunityStatistics | None:
        services = info.context.services
        async with services.measuring, services.database.snapshot() as session:
            found = await measure(session, Period(from_, to))
        return CommunityStatistics.of(found)
