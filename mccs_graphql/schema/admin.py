"""Admins."""

from datetime import datetime

import strawberry

from mccs_graphql.db.models import AdminRole
from mccs_graphql.db.queries.admins import FoundAdmin
from mccs_graphql.domain.access import INSPECT
from mccs_graphql.domain.identity.sessions import has_second_factor
from mccs_graphql.schema.access import access
from mccs_graphql.schema.ids import IdPrefix, encode_id


@strawberry.type(
    description="One who runs the community. Seen by admins only.", directives=[access(INSPECT)]
)
class Admin:
    id: strawberry.ID = strawberry.field(
        description="Opaque; what `changeAdminRole` and `removeAdmin` take."
    )
    name: str = strawberry.field(description="What the admin is called; may be empty.")
    email: str = strawberry.field(description="The address to log in with.")
    role: AdminRole = strawberry.field(description="What the admin may do.")
    since: datetime = strawberry.field(description="When the admin became one.")
    created_by: str | None = strawberry.field(
        description="The address of the owner who made this admin; null for the command line."
    )
    second_factor: bool = strawberry.field(description="Whether a second factor is set up.")
    last_log_in_at: datetime | None = strawberry.field(description="Null if there was none yet.")

    @classmethod
    def of(cls, found: FoundAdmin) -> "Admin":
        """The rows as other admins see them."""
        user, row = found.user, found.admin
        return cls(
            id=encode_id(IdPrefix.ADMIN, user.id),
            name=f"{user.first_name} {user.last_name}".strip(),
            email=user.email,
            role=row.role,
            since=row.created_at,
            created_by=found.created_by,
            second_factor=has_second_factor(user),
            last_log_in_at=user.logged_in_at,
        )
