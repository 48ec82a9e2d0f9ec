"""Verifying and changing the address one logs in with."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry

from mccs_graphql.context import Context
from mccs_graphql.db.models import User as UserRow
from mccs_graphql.domain.access import EVERYBODY, USER
from mccs_graphql.domain.identity import addresses, credentials
from mccs_graphql.domain.identity.throttle import AttemptKind
from mccs_graphql.resolvers.guesses import attempt_of, count, own_password_fits
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.credential_results import (
    ConfirmEmailChangeResult,
    MailTokenInput,
    RequestEmailChangeInput,
    RequestEmailChangePayload,
    RequestEmailChangeResult,
    RequestEmailVerificationPayload,
    RequestEmailVerificationResult,
    UserEmailPayload,
    VerifyEmailResult,
)
from mccs_graphql.schema.user import User

FromMail = Annotated[MailTokenInput, strawberry.argument(description="What came by mail.")]
Use = Callable[..., Awaitable[UserRow]]


@strawberry.type
class AddressMutation:
    @strawberry.mutation(
        description="Have the mail sent again that asks to verify your address.",
        directives=[access(USER)],
    )
    async def request_email_verification(self, info: Info) -> RequestEmailVerificationResult:
        viewer, throttle = info.context.require_viewer(), info.context.services.throttle
        attempt = attempt_of(info.context, AttemptKind.EMAIL_VERIFICATION, str(viewer.id))
        async with info.context.writing() as session:
            if viewer.user.email_verified_at is None:
                await throttle.count(session, attempt)
            requested = await addresses.request_verification(session, viewer.user)
        return RequestEmailVerificationPayload(requested=requested)

    @strawberry.mutation(
        description="Prove with the token of a mail that you read its address.",
        directives=[access(EVERYBODY)],
    )
    async def verify_email(self, info: Info, input: FromMail) -> VerifyEmailResult:
        return await _with_token(info.context, addresses.verify, input.token)

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
        fits = await own_password_fits(info.context, password)
        credentials.require_fitting(fits=fits)
        attempt = attempt_of(info.context, AttemptKind.EMAIL_CHANGE, input.new_email)
        async with info.context.writing() as session:
            await info.context.services.throttle.count(session, attempt)
            changed = await addresses.request_change(session, viewer, input.new_email)
        return RequestEmailChangePayload(user=User.of(changed))

    @strawberry.mutation(
        description="Take the new address, with the token that was sent there.",
        directives=[access(EVERYBODY)],
    )
    async def confirm_email_change(self, info: Info, input: FromMail) -> ConfirmEmailChangeResult:
        return await _with_token(info.context, addresses.confirm_change, input.token)

    @strawberry.mutation(
        description="Keep the old address, with the token that was sent there; possible until the "
        "new one is confirmed.",
        directives=[access(EVERYBODY)],
    )
    async def cancel_email_change(self, info: Info, input: FromMail) -> VerifyEmailResult:
        return await _with_token(info.context, addresses.cancel_change, input.token)


async def _with_token(context: Context, use: Use, token: str) -> UserEmailPayload:
    """What a token of a mail leads to; tries of tokens count until one is right."""
    attempt = attempt_of(context, AttemptKind.MAIL_TOKEN)
    await count(context, attempt)
    async with context.writing() as session:
        await context.services.throttle.forgive(session, attempt)
        user = await use(session, token)
    return UserEmailPayload(email=user.email)
