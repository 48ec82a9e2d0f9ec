"""API tokens."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from mccs_graphql.db.models import ApiToken as ApiTokenRow
from mccs_graphql.db.models import Scope
from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.ledger.allowances import spent
from mccs_graphql.domain.money import Money
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.ids import IdPrefix, encode_id

if TYPE_CHECKING:
    from mccs_graphql.schema.entity import Entity

LazyEntity = Annotated["Entity", strawberry.lazy("mccs_graphql.schema.entity")]


@strawberry.type(
    description="What a software agent acts for one entity with, as far as its scopes go. Good "
    "until it expires or is revoked, or its maker owns the entity no more. Seen by the owners and "
    "by the agent.",
    directives=[access(HOLDER)],
)
class ApiToken:
    row: strawberry.Private[ApiTokenRow]
    id: strawberry.ID = strawberry.field(description="Opaque; what `revokeApiToken` takes.")
    name: str = strawberry.field(description="What its maker calls it.")
    scopes: list[Scope] = strawberry.field(description="What it may be used for.")
    daily_amount: Money | None = strawberry.field(
        description="The sum of what it may propose and accept on one day in UTC, whoever pays; "
        "null without TRANSFERS."
    )
    spent_today: Money | None = strawberry.field(
        description="How much of the daily amount is used up; null without TRANSFERS."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime = strawberry.field(description="Until when it is good.")
    last_used_at: datetime | None = strawberry.field(
        description="When it was last used, give or take a minute; null if never."
    )
    last_used_address: str | None = strawberry.field(
        description="The network address it was used from then; may be empty."
    )
    revoked_at: datetime | None = strawberry.field(
        description="When it was revoked; null if it was not."
    )

    @classmethod
    def of(cls, row: ApiTokenRow) -> "ApiToken":
        """The row as clients see it; nothing leads back to its text."""
        transfers = row.daily_amount is not None
        return cls(
            row=row,
            id=encode_id(IdPrefix.API_TOKEN, row.id),
            name=row.name,
            scopes=list(map(Scope, row.scopes)),
            daily_amount=Money(row.daily_amount) if row.daily_amount is not None else None,
            spent_today=Money(spent(row, on=datetime.now(UTC).date())) if transfers else None,
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
            last_used_address=row.last_used_address,
            revoked_at=row.revoked_at,
        )

    @strawberry.field(description="The entity it acts for.")
    async def entity(self, info: Info) -> LazyEntity | None:
        from mccs_graphql.schema.entity import load_entity  # noqa: PLC0415 - entities list tokens

        return await load_entity(info, self.row.entity_id)
