"""Signing up, logging in, and who one is."""

from typing import Annotated

import strawberry

from mccs_graphql.context import Context
from mccs_graphql.db.models import User as UserRow
from mccs_graphql.domain.access import EVERYBODY
from mccs_graphql.domain.identity import sessions
from mccs_graphql.domain.identity.access_tokens import AccessToken
from mccs_graphql.domain.identity.refusals import SecondFactorRequired
from mccs_graphql.domain.identity.sign_up import Application, require_valid, sign_up
from mccs_graphql.domain.identity.throttle import Attempt, AttemptKind
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.resolvers.guesses import count, password_fits, proof_by, take_back
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import Entity
from mccs_graphql.schema.session_results import (
    LogInInput,
    LogInPayload,
    LogInResult,
    SignUpInput,
    SignUpPayload,
    SignUpResult,
    pair,
)
from mccs_graphql.schema.user import User


@strawberry.type
class IdentityQuery:
    @strawberry.field(
        description="Who is logged in; null for a visitor and for an API token.",
        directives=[access(EVERYBODY)],
    )
    def viewer(self, info: Info) -> User | None:
        viewer = info.context.viewer
        return User.of(viewer.user) if viewer and not viewer.token else None


@strawberry.type
class IdentityMutation:
    @strawberry.mutation(
        description="Become a member: a user, an entity and its account. A mail asks to verify "
        "the address; nothing waits for that.",
        directives=[access(EVERYBODY)],
    )
    async def sign_up(
        self,
        info: Info,
        input: Annotated[SignUpInput, strawberry.argument(description="Who, and with what.")],
    ) -> SignUpResult:
        application = Application(**vars(input))
        require_valid(application)
        services = info.context.services
        await count(info.context, Attempt(AttemptKind.SIGN_UP, info.context.origin.address))
        password_hash = await services.passwords.hash(application.password)
        async with info.context.writing() as session:
            member = await sign_up(
                session, application, password_hash=password_hash, terms=services.terms
            )
            log_in = await sessions.begin(
                session,
                member.user,
                origin=info.context.origin,
                days=services.settings.session_days,
            )
        access, viewer = await go_on_in(info.context, log_in)
        return SignUpPayload(
            **pair(log_in, access), user=User.of(viewer.user), entity=Entity.of(member.entity)
        )

    @strawberry.mutation(
        description="Begin a session. Who has a second factor sends a code of it along, at once or "
        "when `SecondFactorRequired` asks for it.",
        directives=[access(EVERYBODY)],
    )
    async def log_in(
        self,
        info: Info,
        input: Annotated[LogInInput, strawberry.argument(description="Who says so.")],
    ) -> LogInResult:
        async with info.context.database.reading() as session:
            user = await sessions.find_user(session, input.email, password=input.password)
        attempt = Attempt(AttemptKind.LOG_IN, info.context.origin.address, input.email)
        await count(info.context, attempt)
        fits = await password_fits(info.context, user, input.password)
        found = sessions.require_fitting(user, fits=fits)
        log_in = await _begin(info.context, found, attempt, code=input.second_factor_code)
        access, viewer = await go_on_in(info.context, log_in)
        return LogInPayload(**pair(log_in, access), user=User.of(viewer.user))


async def go_on_in(context: Context, log_in: sessions.LogIn) -> tuple[AccessToken, Viewer]:
    """What follows in the document is done in this session; an access token of it."""
    viewer = await context.go_on(log_in.session.id)
    access = await context.services.tokens.issue(User.of(viewer.user).id, log_in.session.id)
    return access, viewer


async def _begin(
    context: Context, user: UserRow, attempt: Attempt, *, code: str | None
) -> sessions.LogIn:
    """A session of the user whose password fitted, and the attempt forgiven, both or neither.

    Who is asked for a code has guessed nothing, and comes back at once: that attempt is taken back,
    so that logging in in two steps locks nobody out. It is not forgiven: whoever has stolen a
    password could otherwise wipe out the guesses at the code, by asking in between without one.
    """
    services = context.services
    try:
        async with context.writing() as session:
            await services.throttle.forgive(session, attempt)
            return await sessions.begin(
                session,
                user,
                origin=context.origin,
                days=services.settings.session_days,
                proof=proof_by(context, code),
            )
    except SecondFactorRequired:
        await take_back(context, attempt)
        raise
