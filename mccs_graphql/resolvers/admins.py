"""Who runs the community."""

import secrets
from typing import Annotated

import strawberry

from mccs_graphql.domain.access import GOVERN, INSPECT
from mccs_graphql.domain.identity import admins
from mccs_graphql.domain.identity.admins import Appointment
from mccs_graphql.schema.access import access
from mccs_graphql.schema.admin import Admin
from mccs_graphql.schema.admin_results import (
    AdminPayload,
    ChangeAdminRoleInput,
    ChangeAdminRoleResult,
    CreateAdminInput,
    CreateAdminResult,
    RemoveAdminInput,
    RemoveAdminPayload,
    RemoveAdminResult,
)
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.ids import IdPrefix, id_of


@strawberry.type
class AdminQuery:
    @strawberry.field(
        description=f"All admins, the first ones first; there are {admins.ADMINS_MAX} at most.",
        directives=[access(INSPECT)],
    )
    async def admins(self, info: Info) -> list[Admin] | None:
        async with info.context.database.reading() as session:
            return list(map(Admin.of, await admins.everybody(session)))


@strawberry.type
class AdminMutation:
    @strawberry.mutation(
        description="Make an admin with a login of its own. A mail goes there with a link to "
        "choose a password, good for an hour; `requestPasswordReset` sends another.",
        directives=[access(GOVERN)],
    )
    async def create_admin(
        self,
        info: Info,
        input: Annotated[CreateAdminInput, strawberry.argument(description="Who.")],
    ) -> CreateAdminResult:
        viewer, appointment = info.context.require_viewer(), Appointment(**vars(input))
        admins.require_valid(appointment)
        # Nobody knows it, and trying it takes as long as with any other.
        unknown = await info.context.services.passwords.hash(secrets.token_urlsafe())
        async with info.context.writing() as session:
            made = await admins.invite(session, viewer, appointment, password_hash=unknown)
        return AdminPayload(admin=Admin.of(made))

    @strawberry.mutation(
        description="Give another admin another role, at once.", directives=[access(GOVERN)]
    )
    async def change_admin_role(
        self,
        info: Info,
        input: Annotated[ChangeAdminRoleInput, strawberry.argument(description="To what.")],
    ) -> ChangeAdminRoleResult:
        viewer, admin_id = info.context.require_viewer(), id_of(IdPrefix.ADMIN, input.id)
        async with info.context.writing() as session:
            changed = await admins.change_role(
                session, viewer, admin_id, expected=input.expected_role, role=input.role
            )
        return AdminPayload(admin=Admin.of(changed))

    @strawberry.mutation(
        description="Let another admin be one no more, at once: all sessions of the login end.",
        directives=[access(GOVERN)],
    )
    async def remove_admin(
        self,
        info: Info,
        input: Annotated[RemoveAdminInput, strawberry.argument(description="Whom.")],
    ) -> RemoveAdminResult:
        viewer, admin_id = info.context.require_viewer(), id_of(IdPrefix.ADMIN, input.id)
        async with info.context.writing() as session:
            ended = await admins.remove(session, viewer, admin_id)
        return RemoveAdminPayload(removed_id=input.id, ended_sessions=ended)
