"""What identity refuses."""

from dataclasses import dataclass

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
