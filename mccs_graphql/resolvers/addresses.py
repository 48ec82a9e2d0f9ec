"""Verifying and changing the address one logs in with."""

from typing import Annotated

import strawberry

from mccs_graphql.domain.access import EVERYBODY, USER
from mccs_graphql.domain.identity import addresses, credentials
from mccs_graphql.resolvers.guesses import password_fits
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.credential_results import (
    ConfirmEmailChangeResult,
    MailTokenInput,
    RequestEmailChangeInput,
    RequestEmailChangePayload,
    RequestEmailChangeResult,
    RequestEmailVerificationPayload,
    UserEmailPayload,
    VerifyEmailResult,
)
from mccs_graphql.schema.user import User

FromMail = Annotated[MailTokenInput, strawberry.argument(description="What came by mail.")]


@strawberry.type
class AddressMutation:
    @strawberry.mutation(
        description="Have the mail sent again that asks to verify your address.",
        directives=[access(USER)],
    )
    async def request_email_verification(
        self, info: Info
    ) -> RequestEmailVerificationPayload | None:
        viewer = info.context.require_viewer()
        async with info.context.writing() as session:
            requested = await addresses.request_verification(session, viewer.user)
        return RequestEmailVerificationPayload(requested=requested)

    @strawberry.mutation(
        description="Prove with the token of a mail that you read its address.",
        directives=[access(EVERYBODY)],
    )
    async def verify_email(self, info: Info, input: FromMail) -> VerifyEmailResult:
        async with info.context.writing() as session:
            user = await addresses.verify(session, input.token)
        return UserEmailPayload(email=user.email)

    @strawberry.mutation(
        description="Ask for another address to log in with. A mail to the new one asks to "
        "confirm it, a mail to the old one says so and lets its reader cancel.",
        directives=[access(USER)],
    )
    async def request_email_change(
        self,
        info: Info,
        input: Annotated[RequestEmailChangeInput, strawberry.argument(description="To what.")],
    ) -> RequestEmailChangeResult:
        viewer, password = info.context.require_viewer(), input.current_password
        addresses.require_change(viewer, email=input.new_email, current_password=password)
        user = viewer.user
        fits = await password_fits(info.context, user, password)
        credentials.require_fitting(fits=fits)
        async with info.context.writing() as session:
            changed = await addresses.request_change(session, viewer, input.new_email)
        return RequestEmailChangePayload(user=User.of(changed))

    @strawberry.mutation(
        description="Take the new address, with the token that was sent there.",
        directives=[access(EVERYBODY)],
    )
    async def confirm_email_change(self, info: Info, input: FromMail) -> ConfirmEmailChangeResult:
        async with info.context.writing() as session:
            user = await addresses.confirm_change(session, input.token)
        return UserEmailPayload(email=user.email)

    @strawberry.mutation(
        description="Keep the old address, with the token that was sent there; possible until the "
        "new one is confirmed.",
        directives=[access(EVERYBODY)],
    )
    async def cancel_email_change(self, info: Info, input: FromMail) -> VerifyEmailResult:
        async with info.context.writing() as session:
            user = await addresses.cancel_change(session, input.token)
        return UserEmailPayload(email=user.email)
