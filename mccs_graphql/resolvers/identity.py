"""Signing up, logging in and out, and who one is."""

from datetime import datetime
from typing import Annotated

import strawberry

from mccs_graphql.context import Context
from mccs_graphql.domain.identity import sessions
from mccs_graphql.domain.identity.sign_up import Application, require_valid, sign_up
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import Entity
from mccs_graphql.schema.refusals import CredentialsInvalid, EmailTaken, InvalidInput
from mccs_graphql.schema.user import User


@strawberry.input(description="Who wants to become a member, and with what.")
class SignUpInput:
    email: str = strawberry.field(description="The address to log in with; at most 100 characters.")
    password: str = strawberry.field(
        description="8 to 100 characters, with a letter, a digit and a mark among them."
    )
    entity_name: str = strawberry.field(description="The entity's name; 1 to 100 characters.")
    first_name: str = strawberry.field(default="", description="At most 100 characters.")
    last_name: str = strawberry.field(default="", description="At most 100 characters.")
    description: str = strawberry.field(
        default="", description="What the entity does; at most 500 characters."
    )
    city: str = strawberry.field(default="", description="At most 50 characters.")
    region: str = strawberry.field(default="", description="At most 50 characters.")
    country: str = strawberry.field(default="", description="At most 50 characters.")


@strawberry.input(description="What one logs in with.")
class LogInInput:
    email: str = strawberry.field(description="The address; letter case does not count.")
    password: str = strawberry.field(description="The password; letter case does.")


@strawberry.type(description="A session has begun.")
class LogInPayload:
    token: str = strawberry.field(
        description="Send it as `Authorization: Bearer …`, on a WebSocket as `authorization` in "
        "the payload of `connection_init`. Shown once."
    )
    expires_at: datetime = strawberry.field(description="When it ends at the latest.")
    user: User = strawberry.field(description="Who is logged in.")


@strawberry.type(description="A member has joined, and is logged in.")
class SignUpPayload(LogInPayload):
    entity: Entity = strawberry.field(description="The entity that came along.")


@strawberry.type(description="The session has ended; its token is dead.")
class LogOutPayload:
    logged_out: bool = strawberry.field(description="Always true.")


SignUpResult = Annotated[
    SignUpPayload | EmailTaken | InvalidInput,
    strawberry.union("SignUpResult", description="What `signUp` leads to."),
]
LogInResult = Annotated[
    LogInPayload | CredentialsInvalid | InvalidInput,
    strawberry.union("LogInResult", description="What `logIn` leads to."),
]


@strawberry.type
class IdentityQuery:
    @strawberry.field(description="Who is logged in; null for a visitor.")
    def viewer(self, info: Info) -> User | None:
        viewer = info.context.viewer
        return User.of(viewer.user) if viewer else None


@strawberry.type
class IdentityMutation:
    @strawberry.mutation(description="Become a member: a user, an entity and its account.")
    async def sign_up(
        self,
        info: Info,
        input: Annotated[SignUpInput, strawberry.argument(description="Who, and with what.")],
    ) -> SignUpResult:
        application = Application(**vars(input))
        require_valid(application)
        services = info.context.services
        password_hash = await services.passwords.hash(application.password)
        async with info.context.writing() as session:
            member = await sign_up(
                session, application, password_hash=password_hash, terms=services.terms
            )
            log_in = await sessions.begin(session, member.user, days=services.settings.session_days)
        await _go_on_as(info.context, log_in)
        return SignUpPayload(
            token=log_in.token,
            expires_at=log_in.expires_at,
            user=User.of(member.user),
            entity=Entity.of(member.entity),
        )

    @strawberry.mutation(description="Begin a session.")
    async def log_in(
        self,
        info: Info,
        input: Annotated[LogInInput, strawberry.argument(description="Who says so.")],
    ) -> LogInResult:
        services = info.context.services
        async with info.context.database.reading() as session:
            user = await sessions.find_user(session, input.email, password=input.password)
        password_hash = user.password_hash if user else None
        fits = await services.passwords.verify(input.password, password_hash)
        found = sessions.require_fitting(user, fits=fits)
        async with info.context.writing() as session:
            log_in = await sessions.begin(session, found, days=services.settings.session_days)
        await _go_on_as(info.context, log_in)
        return LogInPayload(
            token=log_in.token, expires_at=log_in.expires_at, user=User.of(log_in.user)
        )

    @strawberry.mutation(description="End the session of this token, at once.")
    async def log_out(self, info: Info) -> LogOutPayload | None:
        viewer = info.context.require_viewer()
        async with info.context.writing() as session:
            await sessions.end(session, viewer)
        info.context.become(None)
        return LogOutPayload(logged_out=True)


async def _go_on_as(context: Context, log_in: sessions.LogIn) -> None:
    """What follows in the document is done as the one who has logged in."""
    async with context.database.reading() as session:
        context.become(await sessions.authenticate(session, log_in.token))
