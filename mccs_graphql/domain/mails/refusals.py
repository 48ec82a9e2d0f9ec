"""What is refused about mails."""

from dataclasses import dataclass

from mccs_graphql.db.models import MailState
from mccs_graphql.domain.errors import Refusal


@dataclass(eq=False)
class MailNotFound(Refusal):
    """There is no such mail, or no more: those that ended are not kept for ever."""

    code = "MAIL_NOT_FOUND"
    message = "There is no such mail; it may have been removed since."
    path = ("ids",)


@dataclass(eq=False)
class MailNotFailed(Refusal):
    """The mail has not failed, or not any more: perhaps somebody else has it tried again."""

    code = "MAIL_NOT_FAILED"
    message = "Only a mail that has failed can be tried again."
    path = ("ids",)

    state: MailState
