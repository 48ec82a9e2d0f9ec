"""What the mutations of admins take and lead to."""

from typing import Annotated

import strawberry

from mccs_graphql.db.models import AdminRole
from mccs_graphql.domain.access import HOLDER
from mccs_graphql.schema.access import access
from mccs_graphql.schema.admin import Admin
from mccs_graphql.schema.refusals import (
    AdminNotFound,
    AdminRoleChanged,
    EmailTaken,
    InvalidInput,
    OwnAdminRole,
    TooManyAdmins,
)


@strawberry.input(description="Who is to become an admin.")
class CreateAdminInput:
    email: str = strawberry.field(
        description="Nobody's yet: an admin's login is its own. At most 100 characters."
    )
    role: AdminRole = strawberry.field(description="What the admin may do.")
    name: str = strawberry.field(
        description="At most 100 characters; the first word is the first name.", default=""
    )


@strawberry.input(description="Which admin gets which role.")
class ChangeAdminRoleInput:
    id: strawberry.ID = strawberry.field(description="Not your own.")
    expected_role: AdminRole = strawberry.field(description="The role that you saw.")
    role: AdminRole = strawberry.field(description="The one it shall be.")


@strawberry.input(description="Which admin.")
class RemoveAdminInput:
    id: strawberry.ID = strawberry.field(description="Not your own.")


@strawberry.type(description="The admin as it is now.", directives=[access(HOLDER)])
class AdminPayload:
    admin: Admin = strawberry.field(description="The admin.")


@strawberry.type(
    description="The login is no admin's any more, and its sessions have ended.",
    directives=[access(HOLDER)],
)
class RemoveAdminPayload:
    removed_id: strawberry.ID = strawberry.field(description="The id that the admin had.")
    ended_sessions: int = strawberry.field(description="How many there were.")


CreateAdminResult = Annotated[
    AdminPayload | InvalidInput | EmailTaken | TooManyAdmins,
    strawberry.union("CreateAdminResult", description="What `createAdmin` leads to."),
]
ChangeAdminRoleResult = Annotated[
    AdminPayload | AdminNotFound | OwnAdminRole | AdminRoleChanged,
    strawberry.union("ChangeAdminRoleResult", description="What `changeAdminRole` leads to."),
]
RemoveAdminResult = Annotated[
    RemoveAdminPayload | AdminNotFound | OwnAdminRole,
    strawberry.union("RemoveAdminResult", description="What `removeAdmin` leads to."),
]
