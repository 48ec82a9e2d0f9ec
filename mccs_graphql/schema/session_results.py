"""What the mutations of sessions take and lead to."""

from datetime import datetime
from typing import Annotated, TypedDict

import strawberry

from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.identity.access_tokens import AccessToken
from mccs_graphql.domain.identity.sessions import LogIn
from mccs_graphql.schema.access import access
from mccs_graphql.schema.entity import Entity
from mccs_graphql.schema.refusals import (
    CredentialsInvalid,
    EmailTaken,
    InvalidInput,
    RefreshTokenInvalid,
    RefreshTokenReused,
    SecondFactorRequired,
    SecondFactorWrong,
    SessionNotFound,
    TooManyAttempts,
)
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
    second_factor_code: str | None = strawberry.field(
        default=None,
        description="For who has a second factor: the six digits that the app shows, or a "
        "recovery code. Spaces, hyphens and letter case do not count; ignored for all others.",
    )


@strawberry.input(description="What a session is refreshed with.")
class RefreshSessionInput:
    refresh_token: str = strawberry.field(description="The last one you were given.")


@strawberry.input(description="Which session is to end.")
class EndSessionInput:
    id: strawberry.ID = strawberry.field(description="One of `User.sessions`.")


@strawberry.type(description="A session, and what it is known by.", directives=[access(HOLDER)])
class LogInPayload:
    token: str = strawberry.field(
        description="The access token, a JWT for a few minutes. Send it as `Authorization: Bearer "
        "…`, on a WebSocket as `authorization` in the payload of `connection_init`."
    )
    expires_at: datetime = strawberry.field(description="When the access token expires.")
    refresh_token: str = strawberry.field(
        description="Takes you to the next pair, once; keep it where no script of others reads it."
    )
    refresh_expires_at: datetime = strawberry.field(
        description="When the session ends if it is not refreshed."
    )
    user: User = strawberry.field(description="Who is logged in.")


@strawberry.type(description="A member has joined, and is logged in.", directives=[access(HOLDER)])
class SignUpPayload(LogInPayload):
    entity: Entity = strawberry.field(description="The entity that came along.")


@strawberry.type(
    description="The session goes on; the refresh token you sent has been replaced.",
    directives=[access(HOLDER)],
)
class RefreshSessionPayload(LogInPayload):
    pass


@strawberry.type(
    description="The session has ended; its tokens are dead.", directives=[access(HOLDER)]
)
class LogOutPayload:
    logged_out: bool = strawberry.field(description="Always true.")


@strawberry.type(
    description="Sessions have ended; their tokens are dead.", directives=[access(HOLDER)]
)
class LogOutEverywherePayload:
    ended: int = strawberry.field(description="How many.")


@strawberry.type(
    description="A session of yours has ended; its tokens are dead.", directives=[access(HOLDER)]
)
class EndSessionPayload:
    ended_id: strawberry.ID = strawberry.field(description="The session it was.")


class Pair(TypedDict):
    """The tokens of a session, as the payloads have them."""

    token: str
    expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime


def pair(log_in: LogIn, access: AccessToken) -> Pair:
    """The session as its client is to know it."""
    return Pair(
        token=access.text,
        expires_at=access.expires_at,
        refresh_token=log_in.refresh_token,
        refresh_expires_at=log_in.session.expires_at,
    )


SignUpResult = Annotated[
    SignUpPayload | EmailTaken | InvalidInput | TooManyAttempts,
    strawberry.union("SignUpResult", description="What `signUp` leads to."),
]
LogInResult = Annotated[
    LogInPayload
    | CredentialsInvalid
    | InvalidInput
    | SecondFactorRequired
    | SecondFactorWrong
    | TooManyAttempts,
    strawberry.union("LogInResult", description="What `logIn` leads to."),
]
RefreshSessionResult = Annotated[
    RefreshSessionPayload | RefreshTokenInvalid | RefreshTokenReused,
    strawberry.union("RefreshSessionResult", description="What `refreshSession` leads to."),
]
EndSessionResult = Annotated[
    EndSessionPayload | SessionNotFound,
    strawberry.union("EndSessionResult", description="What `endSession` leads to."),
]
