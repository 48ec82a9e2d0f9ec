"""What the mutations of passwords and addresses take and lead to."""

from typing import Annotated

import strawberry

from mccs_graphql.domain.access import HOLDER
from mccs_graphql.schema.access import access
from mccs_graphql.schema.refusals import (
    EmailTaken,
    InvalidInput,
    OneTimeTokenInvalid,
    PasswordWrong,
    TooManyAttempts,
)
from mccs_graphql.schema.user import User


@strawberry.input(description="The password you have, and the one you want.")
class ChangePasswordInput:
    current_password: str = strawberry.field(description="The one you log in with now.")
    new_password: str = strawberry.field(
        description="8 to 100 characters, with a letter, a digit and a mark among them."
    )


@strawberry.input(description="Whose password is forgotten.")
class RequestPasswordResetInput:
    email: str = strawberry.field(description="The address; letter case does not count.")


@strawberry.input(description="A new password, and what came by mail.")
class ResetPasswordInput:
    token: str = strawberry.field(description="From the link of the mail.")
    new_password: str = strawberry.field(
        description="8 to 100 characters, with a letter, a digit and a mark among them."
    )


@strawberry.input(description="What came by mail.")
class MailTokenInput:
    token: str = strawberry.field(description="From the link of the mail.")


@strawberry.input(description="The address you want, and the password you have.")
class RequestEmailChangeInput:
    new_email: str = strawberry.field(description="At most 100 characters.")
    current_password: str = strawberry.field(description="The one you log in with.")


@strawberry.type(description="The password is another one now.", directives=[access(HOLDER)])
class ChangePasswordPayload:
    ended_sessions: int = strawberry.field(
        description="How many others of your sessions were ended by it."
    )


@strawberry.type(
    description="If a user has this address, a mail with a link goes there.",
    directives=[access(HOLDER)],
)
class RequestPasswordResetPayload:
    accepted: bool = strawberry.field(description="Always true, whether somebody has it or not.")


@strawberry.type(
    description="The password is another one now; all sessions and API tokens have ended.",
    directives=[access(HOLDER)],
)
class ResetPasswordPayload:
    reset: bool = strawberry.field(description="Always true; log in with the new password.")


@strawberry.type(description="Whether a mail with a link goes out.", directives=[access(HOLDER)])
class RequestEmailVerificationPayload:
    requested: bool = strawberry.field(description="False if the address is verified already.")


@strawberry.type(
    description="The address that the user has, and logs in with.", directives=[access(HOLDER)]
)
class UserEmailPayload:
    email: str = strawberry.field(description="The address.")


@strawberry.type(
    description="Mails to both addresses go out; yours stays until it is confirmed.",
    directives=[access(HOLDER)],
)
class RequestEmailChangePayload:
    user: User = strawberry.field(description="You, with your `pendingEmail`.")


ChangePasswordResult = Annotated[
    ChangePasswordPayload | InvalidInput | PasswordWrong | TooManyAttempts,
    strawberry.union("ChangePasswordResult", description="What `changePassword` leads to."),
]
RequestPasswordResetResult = Annotated[
    RequestPasswordResetPayload | InvalidInput | TooManyAttempts,
    strawberry.union(
        "RequestPasswordResetResult", description="What `requestPasswordReset` leads to."
    ),
]
ResetPasswordResult = Annotated[
    ResetPasswordPayload | InvalidInput | OneTimeTokenInvalid | TooManyAttempts,
    strawberry.union("ResetPasswordResult", description="What `resetPassword` leads to."),
]
RequestEmailVerificationResult = Annotated[
    RequestEmailVerificationPayload | TooManyAttempts,
    strawberry.union(
        "RequestEmailVerificationResult", description="What `requestEmailVerification` leads to."
    ),
]
VerifyEmailResult = Annotated[
    UserEmailPayload | OneTimeTokenInvalid | TooManyAttempts,
    strawberry.union("VerifyEmailResult", description="What a token about an address leads to."),
]
RequestEmailChangeResult = Annotated[
    RequestEmailChangePayload | InvalidInput | PasswordWrong | TooManyAttempts,
    strawberry.union("RequestEmailChangeResult", description="What `requestEmailChange` leads to."),
]
ConfirmEmailChangeResult = Annotated[
    UserEmailPayload | EmailTaken | OneTimeTokenInvalid | TooManyAttempts,
    strawberry.union("ConfirmEmailChangeResult", description="What `confirmEmailChange` leads to."),
]
