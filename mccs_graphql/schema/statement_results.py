"""What the mutation of statements takes and leads to."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.ledger.statements import PRINTED_MAX, Period, StatementFormat
from mccs_graphql.schema.access import access
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.refusals import InvalidInput, StatementTooLong


@strawberry.input(description="Which statement, and written as what.")
class CreateStatementLinkInput:
    entity_id: strawberry.ID = strawberry.field(description="Whose.")
    from_: datetime = strawberry.field(name="from", description="From this moment on.")
    to: datetime = strawberry.field(
        description="Up to this moment, which is not in it; one to come counts as now, at the "
        "time of the download."
    )
    format: StatementFormat = strawberry.field(
        description=f"HTML and PDF have at most {PRINTED_MAX:,} lines."
    )

    def to_entity_id(self) -> UUID:
        """As the domain knows it."""
        return id_of(IdPrefix.ENTITY, self.entity_id)

    def to_period(self) -> Period:
        """As the domain takes it."""
        return Period(self.from_, self.to)


@strawberry.type(description="The link is good from now on.", directives=[access(HOLDER)])
class CreateStatementLinkPayload:
    url: str = strawberry.field(
        description="Relative to the address of this API. Whoever has it can read the statement, "
        "without logging in, as long as you may: while your session lasts, or your API token."
    )
    expires_at: datetime = strawberry.field(description="Until when it can be followed.")


CreateStatementLinkResult = Annotated[
    CreateStatementLinkPayload | InvalidInput | StatementTooLong,
    strawberry.union(
        "CreateStatementLinkResult", description="What `createStatementLink` leads to."
    ),
]
