"""Sessions."""

from datetime import datetime
from uuid import UUID

import strawberry

from mccs_graphql.db.models import UserSession as SessionRow
from mccs_graphql.domain.access import USER
from mccs_graphql.schema.access import access
from mccs_graphql.schema.ids import IdPrefix, encode_id


@strawberry.type(
    description="A log-in that still lasts. What it says is as of its last refresh: requests in "
    "between leave no trace. Seen by its user only.",
    directives=[access(USER)],
)
class Session:
    id: strawberry.ID = strawberry.field(description="Opaque; what `endSession` takes.")
    device: str = strawberry.field(
        description="What the device called itself (`User-Agent`), cut to 200 characters; may be "
        "empty. Anybody can call itself anything."
    )
    address: str = strawberry.field(description="The network address; may be empty.")
    created_at: datetime = strawberry.field(description="When it began.")
    last_used_at: datetime = strawberry.field(description="When it was last refreshed.")
    expires_at: datetime = strawberry.field(description="When it ends if it is not refreshed.")
    current: bool = strawberry.field(description="Whether this request belongs to it.")

    @classmethod
    def of(cls, row: SessionRow, *, current_id: UUID) -> "Session":
        """The row as its user sees it."""
        return cls(
            id=encode_id(IdPrefix.SESSION, row.id),
            device=row.device,
            address=row.address,
            created_at=row.created_at,
            last_used_at=row.refreshed_at,
            expires_at=row.expires_at,
            current=row.id == current_id,
        )
