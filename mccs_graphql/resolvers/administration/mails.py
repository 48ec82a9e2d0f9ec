"""Admins see what became of mails, and have those that failed tried again."""

from typing import Annotated

import strawberry

from mccs_graphql.db.queries.mail_search import page_of_mails
from mccs_graphql.domain.access import ADMINISTER, INSPECT
from mccs_graphql.domain.mails import retrying
from mccs_graphql.schema import cursors
from mccs_graphql.schema.access import access
from mccs_graphql.schema.administration.mail_results import (
    RetryMailOutcome,
    RetryMailsInput,
    RetryMailsPayload,
    RetryMailsResult,
)
from mccs_graphql.schema.administration.mails import CURSOR, MailConnection, MailFilterInput
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.pages import After, Before, First, Last, window_of


@strawberry.type
class MailQuery:
    @strawberry.field(
        description="The mails of the outbox, the newest first: those that have failed, if "
        "nothing else is said.",
        directives=[access(INSPECT)],
    )
    async def mails(
        self,
        info: Info,
        filter: Annotated[
            MailFilterInput | None, strawberry.argument(description="Only some of them.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> MailConnection | None:
        wanted = (filter or MailFilterInput()).to_filter()
        window = window_of(
            CURSOR, cursors.identity, first=first, after=after, last=last, before=before
        )
        async with info.context.database.reading() as session:
            page = await page_of_mails(session, wanted, window)
        return MailConnection.of(page, wanted)


@strawberry.type
class MailMutation:
    @strawberry.mutation(
        description="Have mails that have failed tried again at once, each from the first attempt. "
        "One that nobody waits for any more is dropped then instead of sent.",
        directives=[access(ADMINISTER)],
    )
    async def retry_mails(
        self,
        info: Info,
        input: Annotated[RetryMailsInput, strawberry.argument(description="Which.")],
    ) -> RetryMailsResult:
        sent = list(dict.fromkeys(input.ids))
        ids = [id_of(IdPrefix.MAIL, text) for text in sent]
        async with info.context.writing() as session:
            done = await retrying.retry(session, ids)
        outcomes = [
            RetryMailOutcome.of(text, done[id_]) for text, id_ in zip(sent, ids, strict=True)
        ]
        return RetryMailsPayload(outcomes=outcomes)
