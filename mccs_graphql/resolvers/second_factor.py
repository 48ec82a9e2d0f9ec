"""Having a second factor, and its recovery codes."""

from typing import Annotated

import strawberry

from mccs_graphql.context import Context
from mccs_graphql.domain.access import USER
from mccs_graphql.domain.identity import credentials, enrolment, totp
from mccs_graphql.domain.identity.throttle import Attempt, AttemptKind
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.resolvers.guesses import count, password_fits, proof_by
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.second_factor_results import (
    BeginSecondFactorInput,
    BeginSecondFactorPayload,
    BeginSecondFactorResult,
    ConfirmSecondFactorInput,
    ConfirmSecondFactorPayload,
    ConfirmSecondFactorResult,
    RemoveSecondFactorInput,
    RemoveSecondFactorPayload,
    RemoveSecondFactorResult,
    RenewRecoveryCodesInput,
    RenewRecoveryCodesPayload,
    RenewRecoveryCodesResult,
)


@strawberry.type
class SecondFactorMutation:
    @strawberry.mutation(
        description="Get a secret for an authenticator app (TOTP). Nothing changes until "
        "`confirmSecondFactor`; a secret that was not confirmed is replaced.",
        directives=[access(USER)],
    )
    async def begin_second_factor(
        self,
        info: Info,
        input: Annotated[BeginSecondFactorInput, strawberry.argument(description="Your proof.")],
    ) -> BeginSecondFactorResult:
        viewer, services = info.context.require_viewer(), info.context.services
        credentials.require_current_password(input.current_password)
        attempt = await _attempt(info.context, viewer)
        await _require_password(info.context, viewer, input.current_password)
        proof = proof_by(info.context, None)
        async with info.context.writing() as session:
            await services.throttle.forgive(session, attempt)
            secret = await enrolment.begin(session, viewer, seal=proof.seal, at=proof.at)
        issuer = services.settings.second_factor_issuer
        return BeginSecondFactorPayload(
            secret=totp.base32(secret),
            uri=totp.uri_of(secret, account=viewer.user.email, issuer=issuer),
        )

    @strawberry.mutation(
        description="Prove that the app has the secret: from now on logging in takes a code. Your "
        "other sessions end.",
        directives=[access(USER)],
    )
    async def confirm_second_factor(
        self,
        info: Info,
        input: Annotated[ConfirmSecondFactorInput, strawberry.argument(description="The proof.")],
    ) -> ConfirmSecondFactorResult:
        viewer, proof = info.context.require_viewer(), proof_by(info.context, input.code)
        attempt = await _attempt(info.context, viewer)
        async with info.context.writing() as session:
            await info.context.services.throttle.forgive(session, attempt)
            confirmed = await enrolment.confirm(session, viewer, proof)
        return ConfirmSecondFactorPayload(
            recovery_codes=confirmed.codes, ended_sessions=confirmed.ended_sessions
        )

    @strawberry.mutation(
        description="Log in with the password alone from now on. Who has neither the app nor a "
        "recovery code any more has to ask those who run the community.",
        directives=[access(USER)],
    )
    async def remove_second_factor(
        self,
        info: Info,
        input: Annotated[RemoveSecondFactorInput, strawberry.argument(description="Your proofs.")],
    ) -> RemoveSecondFactorResult:
        viewer, proof = info.context.require_viewer(), proof_by(info.context, input.code)
        credentials.require_current_password(input.current_password)
        attempt = await _attempt(info.context, viewer)
        await _require_password(info.context, viewer, input.current_password)
        async with info.context.writing() as session:
            await info.context.services.throttle.forgive(session, attempt)
            await enrolment.remove(session, viewer, proof)
        await info.context.look_again()
        return RemoveSecondFactorPayload(removed=True)

    @strawberry.mutation(
        description="Get ten new recovery codes; the old ones are dead.",
        directives=[access(USER)],
    )
    async def renew_recovery_codes(
        self,
        info: Info,
        input: Annotated[RenewRecoveryCodesInput, strawberry.argument(description="Your proof.")],
    ) -> RenewRecoveryCodesResult:
        viewer, proof = info.context.require_viewer(), proof_by(info.context, input.code)
        attempt = await _attempt(info.context, viewer)
        async with info.context.writing() as session:
            await info.context.services.throttle.forgive(session, attempt)
            codes = await enrolment.renew_codes(session, viewer, proof)
        return RenewRecoveryCodesPayload(recovery_codes=codes)


async def _attempt(context: Context, viewer: Viewer) -> Attempt:
    """Count an attempt to prove who one is: with somebody else's session one may guess."""
    attempt = Attempt(AttemptKind.SECOND_FACTOR, context.origin.address, str(viewer.id))
    await count(context, attempt)
    return attempt


async def _require_password(context: Context, viewer: Viewer, password: str) -> None:
    credentials.require_fitting(fits=await password_fits(context, viewer.user, password))
