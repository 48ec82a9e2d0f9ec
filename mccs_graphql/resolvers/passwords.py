"""Changing a password, and resetting a forgotten one."""

from typing import Annotated

import strawberry

from mccs_graphql.db.models import TokenPurpose
from mccs_graphql.domain.access import EVERYBODY, USER
from mccs_graphql.domain.identity import credentials, one_time
from mccs_graphql.domain.identity.throttle import AttemptKind
from mccs_graphql.resolvers.guesses import attempt_of, count, own_password_fits
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.credential_results import (
    ChangePasswordInput,
    ChangePasswordPayload,
    ChangePasswordResult,
    RequestPasswordResetInput,
    RequestPasswordResetPayload,
    RequestPasswordResetResult,
    ResetPasswordInput,
    ResetPasswordPayload,
    ResetPasswordResult,
)


@strawberry.type
class PasswordMutation:
    @strawberry.mutation(
        description="Change your password; your other sessions end.", directives=[access(USER)]
    )
    async def change_password(
        self,
        info: Info,
        input: Annotated[
            ChangePasswordInput, strawberry.argument(description="From what to what.")
        ],
    ) -> ChangePasswordResult:
        viewer, passwords = info.context.require_viewer(), info.context.services.passwords
        credentials.require_passwords(current=input.current_password, new=input.new_password)
        fits = await own_password_fits(info.context, input.current_password)
        credentials.require_fitting(fits=fits)
        password_hash = await passwords.hash(input.new_password)
        async with info.context.writing() as session:
            ended = await credentials.change_password(
                session, viewer, password_hash=password_hash, origin=info.context.origin
            )
        return ChangePasswordPayload(ended_sessions=ended)

    @strawberry.mutation(
        description="Have a mail sent with a link that lets you choose a new password. The answer "
        "is the same whether a user has the address or not.",
        directives=[access(EVERYBODY)],
    )
    async def request_password_reset(
        self,
        info: Info,
        input: Annotated[RequestPasswordResetInput, strawberry.argument(description="Whose.")],
    ) -> RequestPasswordResetResult:
        credentials.require_address(input.email)
        attempt = attempt_of(info.context, AttemptKind.PASSWORD_RESET, input.email)
        async with info.context.writing() as session:
            await info.context.services.throttle.count(session, attempt)
            await credentials.request_reset(session, input.email)
        return RequestPasswordResetPayload(accepted=True)

    @strawberry.mutation(
        description="Choose a new password with the token of a mail, once and within an hour; all "
        "sessions of the user end, and all API tokens that the user made.",
        directives=[access(EVERYBODY)],
    )
    async def reset_password(
        self,
        info: Info,
        input: Annotated[ResetPasswordInput, strawberry.argument(description="To what.")],
    ) -> ResetPasswordResult:
        credentials.require_new_password(input.new_password)
        attempt = attempt_of(info.context, AttemptKind.MAIL_TOKEN)
        await count(info.context, attempt)
        async with info.context.database.reading() as session:
            await one_time.require_usable(session, TokenPurpose.RESET_PASSWORD, input.token)
        password_hash = await info.context.services.passwords.hash(input.new_password)
        async with info.context.writing() as session:
            await info.context.services.throttle.forgive(session, attempt)
            await credentials.reset_password(
                session, input.token, password_hash=password_hash, origin=info.context.origin
            )
        return ResetPasswordPayload(reset=True)
