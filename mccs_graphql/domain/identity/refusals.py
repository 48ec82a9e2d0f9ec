"""What identity refuses."""

from dataclasses import dataclass
from datetime import datetime

from mccs_graphql.db.models import AdminRole
from mccs_graphql.domain.errors import Refusal


@dataclass(eq=False)
class EmailTaken(Refusal):
    """Another user has this address; letter case does not count."""

    code = "EMAIL_TAKEN"
    message = "There is a user with this e-mail address already; log in instead."
    path = ("email",)


@dataclass(eq=False)
class CredentialsInvalid(Refusal):
    """The address or the password is wrong; which of them is not said."""

    code = "CREDENTIALS_INVALID"
    message = "The e-mail address or the password is wrong."


@dataclass(eq=False)
class RefreshTokenInvalid(Refusal):
    """No session has this refresh token: it never was one, or its session has ended."""

    code = "REFRESH_TOKEN_INVALID"
    message = "No session has this refresh token any more; log in again."
    path = ("refresh_token",)


@dataclass(eq=False)
class RefreshTokenReused(Refusal):
    """The token has been replaced before: two have it, so its session has been ended for both."""

    code = "REFRESH_TOKEN_REUSED"
    message = "This refresh token was replaced before, so its session was ended; log in again."
    path = ("refresh_token",)


@dataclass(eq=False)
class SessionNotFound(Refusal):
    """You have no such session; it may have ended already."""

    code = "SESSION_NOT_FOUND"
    message = "You have no such session; it may have ended already."
    path = ("id",)


@dataclass(eq=False)
class PasswordWrong(Refusal):
    """The current password is another one."""

    code = "PASSWORD_WRONG"
    message = "The current password is another one."
    path = ("current_password",)


@dataclass(eq=False)
class OneTimeTokenInvalid(Refusal):
    """The token of the mail has been used, has expired, was overtaken, or never was one."""

    code = "ONE_TIME_TOKEN_INVALID"
    message = "This link has been used, has expired or was overtaken; ask for a new one."
    path = ("token",)


@dataclass(eq=False)
class SecondFactorRequired(Refusal):
    """The password is right; a code of the second factor is needed too."""

    code = "SECOND_FACTOR_REQUIRED"
    message = "Send a code of the authenticator app, or a recovery code, along with the password."
    path = ("second_factor_code",)


@dataclass(eq=False)
class SecondFactorWrong(Refusal):
    """The code is not the one of this moment, or it has been used before."""

    code = "SECOND_FACTOR_WRONG"
    message = "This code is wrong or has been used; wait for the next one of the app."


@dataclass(eq=False)
class SecondFactorActive(Refusal):
    """You have a second factor; it has to be removed before another one takes its place."""

    code = "SECOND_FACTOR_ACTIVE"
    message = "You have a second factor already; remove that one first."


@dataclass(eq=False)
class SecondFactorNotFound(Refusal):
    """There is nothing to confirm, remove or renew: no second factor, or none begun lately."""

    code = "SECOND_FACTOR_NOT_FOUND"
    message = "You have no such second factor; begin one, and confirm it within an hour."


@dataclass(eq=False)
class AdminNotFound(Refusal):
    """There is no such admin; somebody may have removed it already."""

    code = "ADMIN_NOT_FOUND"
    message = "There is no such admin; somebody may have removed it already."
    path = ("id",)


@dataclass(eq=False)
class OwnAdminRole(Refusal):
    """What becomes of your own role is for another owner to decide."""

    code = "OWN_ADMIN_ROLE"
    message = "What becomes of your own role is for another owner to decide."
    path = ("id",)


@dataclass(eq=False)
class AdminRoleChanged(Refusal):
    """Somebody has given the admin another role than the expected one."""

    code = "ADMIN_ROLE_CHANGED"
    message = "The admin has another role by now; look again, then decide."
    path = ("expected_role",)

    role: AdminRole


@dataclass(eq=False)
class TooManyAdmins(Refusal):
    """A community has a bounded number of admins; remove one first."""

    code = "TOO_MANY_ADMINS"
    message = "There are as many admins as there may be; remove one first."

    most: int


@dataclass(eq=False)
class TooManyAttempts(Refusal):
    """This was tried too often lately; nothing is said of whether this attempt was right."""

    code = "TOO_MANY_ATTEMPTS"
    message = "Too many attempts; wait until `retryAt`, then try again."

    retry_at: datetime


@dataclass(eq=False)
class ApiTokenNotFound(Refusal):
    """There is no such API token of an entity of yours."""

    code = "API_TOKEN_NOT_FOUND"
    message = "There is no such API token of an entity of yours."
    path = ("id",)


@dataclass(eq=False)
class TooManyApiTokens(Refusal):
    """The entity has as many API tokens as it may have; revoke one that is not used any more."""

    code = "TOO_MANY_API_TOKENS"
    message = "The entity has as many API tokens as it may have; revoke one first."
    path = ("entity_id",)

    most: int
