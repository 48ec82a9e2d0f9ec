"""Signing up, logging in, and who one is."""

from typing import Annotated

import strawberry

from mccs_graphql.context import Context
from mccs_graphql.domain.access import EVERYBODY
from mccs_graphql.domain.identity import sessions
from mccs_graphql.domain.identity.access_tokens import AccessToken
from mccs_graphql.domain.identity.sign_up import Application, require_valid, sign_up
from mccs_graphql.domain.identity.throttle import Attempt, AttemptKind
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.resolvers.guesses import password_fits
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
        await _count(info.context, Attempt(AttemptKind.SIGN_UP, info.context.origin.address))
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

    @strawberry.mutation(description="Begin a session.", directives=[access(EVERYBODY)])
    async def log_in(
        self,
        info: Info,
        input: Annotated[LogInInput, strawberry.argument(description="Who says so.")],
    ) -> LogInResult:
        services = info.context.services
        async with info.context.database.reading() as session:
            user = await sessions.find_user(session, input.email, password=input.password)
        attempt = Attempt(AttemptKind.LOG_IN, info.context.origin.address, input.email)
        await _count(info.context, attempt)
        fits = await password_fits(info.context, user, input.password)
        found = sessions.require_fitting(user, fits=fits)
        async with info.context.writing() as session:
            await services.throttle.forgive(session, attempt)
            log_in = await sessions.begin(
                session, found, origin=info.context.origin, days=services.settings.session_days
            )
        access, viewer = await go_on_in(info.context, log_in)
        return LogInPayload(**pair(log_in, access), user=User.of(viewer.user))


async def go_on_in(context: Context, log_in: sessions.LogIn) -> tuple[AccessToken, Viewer]:
    """What follows in the document is done in this session; an access token of it."""
    viewer = await context.go_on(log_in.session.id)
    access = await context.services.tokens.issue(User.of(viewer.user).id, log_in.session.id)
    return access, viewer


async def _count(context: Context, attempt: Attempt) -> None:
    """Count an attempt before it is made, whatever becomes of it. Raises TooManyAttempts."""
    async with context.writing() as session:
        await context.services.throttle.count(session, attempt)
