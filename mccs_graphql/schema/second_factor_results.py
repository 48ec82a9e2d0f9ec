"""What the mutations of second factors take and lead to."""

from typing import Annotated

import strawberry

from mccs_graphql.domain.access import HOLDER
from mccs_graphql.schema.access import access
from mccs_graphql.schema.refusals import (
    InvalidInput,
    PasswordWrong,
    SecondFactorActive,
    SecondFactorNotFound,
    SecondFactorWrong,
    TooManyAttempts,
)


@strawberry.input(description="The password you have.")
class BeginSecondFactorInput:
    current_password: str = strawberry.field(description="The one you log in with.")


@strawberry.input(description="The proof that the app has the secret.")
class ConfirmSecondFactorInput:
    code: str = strawberry.field(description="The six digits that the app shows now.")


@strawberry.input(description="The password you have, and a code.")
class RemoveSecondFactorInput:
    current_password: str = strawberry.field(description="The one you log in with.")
    code: str = strawberry.field(description="Of the app, or one of your recovery codes.")


@strawberry.input(description="The proof that it is you who wants new ones.")
class RenewRecoveryCodesInput:
    code: str = strawberry.field(description="Of the app, or one of your recovery codes.")


@strawberry.type(
    description="A secret for your authenticator app. Nothing has changed yet: within an hour "
    "`confirmSecondFactor` takes a code of the app.",
    directives=[access(HOLDER)],
)
class BeginSecondFactorPayload:
    secret: str = strawberry.field(
        description="In base32, to be typed into the app; it is not shown again."
    )
    uri: str = strawberry.field(
        description="`otpauth://…` with the same secret, to be shown as a QR code that the app "
        "reads. Let nobody else make the picture."
    )


@strawberry.type(
    description="From now on logging in takes a code; your other sessions have ended.",
    directives=[access(HOLDER)],
)
class ConfirmSecondFactorPayload:
    recovery_codes: list[str] = strawberry.field(
        description="Ten codes for the day the app is lost, each good once. Keep them on paper: "
        "they are not shown again."
    )
    ended_sessions: int = strawberry.field(
        description="How many others of your sessions were ended by it."
    )


@strawberry.type(
    description="The password is enough again; the recovery codes are dead.",
    directives=[access(HOLDER)],
)
class RemoveSecondFactorPayload:
    removed: bool = strawberry.field(description="Always true.")


@strawberry.type(
    description="New recovery codes; the old ones are dead.", directives=[access(HOLDER)]
)
class RenewRecoveryCodesPayload:
    recovery_codes: list[str] = strawberry.field(
        description="Ten codes, each good once; they are not shown again."
    )


BeginSecondFactorResult = Annotated[
    BeginSecondFactorPayload | InvalidInput | PasswordWrong | SecondFactorActive | TooManyAttempts,
    strawberry.union("BeginSecondFactorResult", description="What `beginSecondFactor` leads to."),
]
ConfirmSecondFactorResult = Annotated[
    ConfirmSecondFactorPayload
    | SecondFactorActive
    | SecondFactorNotFound
    | SecondFactorWrong
    | TooManyAttempts,
    strawberry.union(
        "ConfirmSecondFactorResult", description="What `confirmSecondFactor` leads to."
    ),
]
RemoveSecondFactorResult = Annotated[
    RemoveSecondFactorPayload
    | InvalidInput
    | PasswordWrong
    | SecondFactorNotFound
    | SecondFactorWrong
    | TooManyAttempts,
    strawberry.union("RemoveSecondFactorResult", description="What `removeSecondFactor` leads to."),
]
RenewRecoveryCodesResult = Annotated[
    RenewRecoveryCodesPayload | SecondFactorNotFound | SecondFactorWrong | TooManyAttempts,
    strawberry.union("RenewRecoveryCodesResult", description="What `renewRecoveryCodes` leads to."),
]
