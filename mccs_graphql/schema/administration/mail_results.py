"""What having mails tried again takes and leads to."""

from typing import Annotated, cast

import strawberry

from mccs_graphql.db.models import Mail as MailRow
from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.mails.retrying import RETRIED_MAX, Retried
from mccs_graphql.schema.access import access
from mccs_graphql.schema.administration.mails import Mail
from mccs_graphql.schema.refusals import (
    InvalidInput,
    MailNotFailed,
    MailNotFound,
    to_user_error,
)

RetryMailRefusal = Annotated[
    MailNotFailed | MailNotFound,
    strawberry.union("RetryMailRefusal", description="Why a mail is not tried again."),
]


@strawberry.input(description="Which mails.")
class RetryMailsInput:
    ids: list[strawberry.ID] = strawberry.field(
        description=f"The ids of mails that have failed, at most {RETRIED_MAX}; one given twice "
        "counts once."
    )


@strawberry.type(description="What was done for one of the mails.", directives=[access(HOLDER)])
class RetryMailOutcome:
    mail_id: strawberry.ID = strawberry.field(description="The id as it was sent.")
    mail: Mail | None = strawberry.field(
        description="The mail, which is due now; null if nothing was done for this one."
    )
    refusal: RetryMailRefusal | None = strawberry.field(description="Why not, if it was not done.")

    @classmethod
    def of(cls, sent: strawberry.ID, done: Retried) -> "RetryMailOutcome":
        """What was done, as clients see it."""
        if isinstance(done, MailRow):
            return cls(mail_id=sent, mail=Mail.of(done), refusal=None)
        refusal = cast(MailNotFailed | MailNotFound, to_user_error(done))
        return cls(mail_id=sent, mail=None, refusal=refusal)


@strawberry.type(description="What was done for each of the mails.", directives=[access(HOLDER)])
class RetryMailsPayload:
    outcomes: list[RetryMailOutcome] = strawberry.field(
        description="In the order of the ids; refused ones do not keep the others from it."
    )


RetryMailsResult = Annotated[
    RetryMailsPayload | InvalidInput,
    strawberry.union("RetryMailsResult", description="What `retryMails` leads to."),
]
