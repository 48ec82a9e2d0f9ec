"""Mails that were given up are tried again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Mail, MailState
from mccs_graphql.db.queries import mails as queries
from mccs_graphql.db.queries.jobs import database_time
from mccs_graphql.domain import text
from mccs_graphql.domain.errors import Problem
from mccs_graphql.domain.mails.refusals import MailNotFailed, MailNotFound

RETRIED_MAX = 100
"""Of those that are named."""
Retried = Mail | MailNotFound | MailNotFailed


async def retry(session: AsyncSession, ids: Sequence[UUID]) -> Mapping[UUID, Retried]:
    """Have these mails tried again from now on, each from the first attempt. Raises InvalidInput.

    What cannot be done for one is said of that one. All are locked first, in the order of their
    ids: of two who do this at the same time one finds that the other has done it.
    """
    if len(ids) > RETRIED_MAX:
        text.require(iter([Problem(("ids",), "TOO_MANY", f"At most {RETRIED_MAX} at a time.")]))
    found, now = await queries.lock_mails(session, ids), await database_time(session)
    retried = {id_: _begin_anew(found.get(id_), now) for id_ in ids}
    await session.flush()
    return retried


async def retry_all(session: AsyncSession) -> int:
    """Have all tried again that were given up; how many those are."""
    return await queries.requeue_failed(session)


def _begin_anew(mail: Mail | None, now: datetime) -> Retried:
    if mail is None:
        return MailNotFound()
    if mail.state is not MailState.FAILED:
        return MailNotFailed(state=mail.state)
    mail.state, mail.attempts, mail.next_attempt_at = MailState.QUEUED, 0, now
    return mail
