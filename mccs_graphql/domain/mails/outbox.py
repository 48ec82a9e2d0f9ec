"""Mails are taken from the outbox one by one, and what became of each is kept."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Mail, MailKind, MailState
from mccs_graphql.db.models.mail import ERROR_MAX
from mccs_graphql.db.queries import mails as queries
from mccs_graphql.domain.mails.addressing import OnceSent
from mccs_graphql.domain.notices.kinds import is_optional

ATTEMPTS_MAX = 14
"""With what lies between them, more than two days."""
FIRST_PAUSE = timedelta(minutes=1)
PAUSE_MAX = timedelta(hours=12)
JITTER = 0.2
"""Of a pause: so much earlier or later at most, so that what failed together does not come back
together."""
LEASE = timedelta(minutes=5)
"""Much longer than an attempt may last."""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PUT_OFF_MAX = 100
"""Mails that are put off in one go because their receiver has had enough."""
KEPT = {
    MailState.SENT: timedelta(days=30),
    MailState.DROPPED: timedelta(days=30),
    MailState.FAILED: timedelta(days=90),
}
"""How long after it was asked for a mail that has ended can still be looked up."""

LEASE_LAPSED = "Its worker did not come back."
TO_NOBODY = "No user has the address."

Outcome = Callable[[AsyncSession, Mail, str], Awaitable[bool]]
"""Keeps what became of an attempt, and the reason; False if its lease has passed to another."""


@dataclass(frozen=True)
class Limits:
    """How many mails a minute in all, and how many an hour for one receiver; 0 is no limit."""

    per_minute: int
    per_recipient: int


async def any_to_send(session: AsyncSession, *, limits: Limits) -> bool:
    """Whether it is worth asking for a mail. Those that are to nobody are ended first.

    They take no part in the limits: otherwise whoever asks for them could hold up all others.
    """
    await queries.drop_those_to_nobody(session, reason=TO_NOBODY)
    return await queries.any_due(session) and not await _has_sent_enough(session, limits)


async def take(session: AsyncSession, *, limits: Limits) -> Mail | None:
    """The next mail to send, leased; None if there is none, or none may be sent right now."""
    await queries.lock_taking(session)
    if await _has_sent_enough(session, limits):
        return None
    for _ in range(PUT_OFF_MAX):
        mail = await queries.lock_next_due(session)
        if mail is None or await _lease(session, mail, limits):
            return mail
    return None


async def sent(session: AsyncSession, mail: Mail, _reason: str = "") -> bool:
    """The next server has it."""
    values = {"state": MailState.SENT, "sent_at": func.now(), "error": ""}
    return await queries.end_lease(session, mail, **values)


def sent_with(once_sent: OnceSent | None) -> Outcome:
    """The same, and what is to be kept of it, both or neither."""

    async def keep(session: AsyncSession, mail: Mail, reason: str) -> bool:
        kept = await sent(session, mail, reason)
        if kept and once_sent:
            await once_sent(session)
        return kept

    return keep


async def put_off(session: AsyncSession, mail: Mail, reason: str) -> bool:
    """This attempt failed; another follows, unless it was the last one."""
    if mail.attempts >= ATTEMPTS_MAX:
        return await give_up(session, mail, reason)
    return await queries.end_lease(
        session,
        mail,
        state=MailState.QUEUED,
        next_attempt_at=func.now() + pause_after(mail.attempts),
        error=reason[:ERROR_MAX],
    )


async def give_up(session: AsyncSession, mail: Mail, reason: str) -> bool:
    """It is never going to work; an admin can have it tried again."""
    return await queries.end_lease(session, mail, state=MailState.FAILED, error=reason[:ERROR_MAX])


async def drop(session: AsyncSession, mail: Mail, reason: str) -> bool:
    """Nobody waits for it any more; it does not count for the limits."""
    values = {"state": MailState.DROPPED, "error": reason[:ERROR_MAX], "attempted_at": None}
    return await queries.end_lease(session, mail, **values)


async def wait(session: AsyncSession, mail: Mail, _reason: str = "", *, until: datetime) -> bool:
    """It is not wanted before that moment: no attempt was made, and none counts."""
    return await queries.end_lease(
        session,
        mail,
        state=MailState.QUEUED,
        next_attempt_at=until,
        attempts=mail.attempts - 1,
        attempted_at=None,
    )


async def forget_old(session: AsyncSession) -> None:
    """Remove mails that ended long ago."""
    for state, older_than in KEPT.items():
        await queries.forget(session, state, older_than=older_than)


def pause_after(attempts: int) -> timedelta:
    """Twice as long after each attempt, give or take the jitter."""
    doubled: timedelta = FIRST_PAUSE * 2 ** (attempts - 1)
    jitter: float = secrets.SystemRandom().uniform(1 - JITTER, 1 + JITTER)
    return min(doubled, PAUSE_MAX) * jitter


async def _has_sent_enough(session: AsyncSession, limits: Limits) -> bool:
    if not limits.per_minute:
        return False
    return await queries.tried_lately(session, period=MINUTE) >= limits.per_minute


async def _lease(session: AsyncSession, mail: Mail, limits: Limits) -> bool:
    """Lease it, or see that it is not in the way of others."""
    if mail.state is MailState.SENDING and mail.attempts >= ATTEMPTS_MAX:
        mail.state, mail.leased_by, mail.error = MailState.FAILED, None, LEASE_LAPSED
    elif limits.per_recipient and await _has_had(session, mail) >= limits.per_recipient:
        mail.state, mail.leased_by = MailState.QUEUED, None
        mail.next_attempt_at = func.now() + HOUR / limits.per_recipient
    else:
        mail.state, mail.leased_by = MailState.SENDING, uuid4()
        mail.attempts += 1
        mail.attempted_at, mail.next_attempt_at = func.now(), func.now() + LEASE
    await session.flush()
    return mail.state is MailState.SENDING


async def _has_had(session: AsyncSession, mail: Mail) -> int:
    """How much its receiver was sent lately that can be turned off, or that cannot.

    What somebody waits for, or has to know, is not held up by news.
    """
    alike = [kind for kind in MailKind if is_optional(kind) == is_optional(mail.kind)]
    return await queries.tried_lately_for(session, mail, kinds=alike, period=HOUR)
