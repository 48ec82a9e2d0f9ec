"""Why a command is not carried out.

DomainError
├── Unauthenticated     nobody is logged in
├── Forbidden           somebody is, who may not
└── Refusal             a rule says no; carries its facts, and a message that is safe to show
    ├── administration/curation_refusals.py
    ├── administration/ledger_refusals.py
    ├── directory/refusals.py
    ├── identity/refusals.py
    ├── jobs/refusals.py
    ├── ledger/refusals.py
    ├── ledger/statement_refusals.py
    ├── mails/refusals.py
    ├── membership/refusals.py
    └── webhooks/refusals.py
"""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import ClassVar


class DomainError(Exception):
    """Anything a caller did that we will not do; never a fault of ours."""

    code: ClassVar[str]


class TokenFault(StrEnum):
    """Why a token is no good."""

    EXPIRED = "TOKEN_EXPIRED"
    INVALID = "TOKEN_INVALID"
    SESSION_ENDED = "SESSION_ENDED"


_TOKEN_WORDS = {
    None: "Log in first: send the token as 'Authorization: Bearer …'.",
    TokenFault.EXPIRED: "This access token has expired: get a new one by refreshSession.",
    TokenFault.INVALID: "This is no access token of ours, or it has been changed; log in.",
    TokenFault.SESSION_ENDED: "The session of this access token has ended; log in again.",
}


class Unauthenticated(DomainError):
    """The command needs a member who is logged in, or came with a token that is no good."""

    code = "UNAUTHENTICATED"

    def __init__(self, fault: TokenFault | None = None, message: str | None = None) -> None:
        super().__init__(message or _TOKEN_WORDS[fault])
        self.fault = fault


class Forbidden(DomainError):
    """The member may not do this; also said of entities that do not exist."""

    code = "FORBIDDEN"

    def __init__(self, message: str = "You may not act for this entity.") -> None:
        super().__init__(message)


@dataclass(eq=False)
class Refusal(DomainError):
    """Refused by a rule. Subclasses are dataclasses whose fields are the facts.

    ``path`` names the input the refusal is about, outermost first; empty when it is about none.
    """

    message: ClassVar[str]
    path: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        super().__init__(self.message)

    def facts(self) -> dict[str, object]:
        """The facts by name, as the client is to see them."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class Problem:
    """What is wrong with one input, and where."""

    path: tuple[str, ...]
    code: str
    message: str


@dataclass(eq=False)
class InvalidInput(Refusal):
    """One or more inputs do not have the form they need; all are listed at once."""

    code = "INVALID_INPUT"
    message = "Some of the input is not valid; see the problems."

    problems: tuple[Problem, ...]
