"""The jobs of every process of a community, each bit of work a transaction of its own."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from mccs_graphql.adapters.jobs import Job, Jobs
from mccs_graphql.adapters.mailer import Mailer, post_of
from mccs_graphql.adapters.scheduled import ScheduledWork
from mccs_graphql.adapters.webhooks import STOP_SECONDS, Webhooks
from mccs_graphql.db.engine import Database
from mccs_graphql.db.queries import counts
from mccs_graphql.domain import events
from mccs_graphql.domain.audit import sealing
from mccs_graphql.domain.directory import matchmaking
from mccs_graphql.domain.events import WakeUp
from mccs_graphql.domain.notices import reading, telling
from mccs_graphql.domain.webhooks import registering
from mccs_graphql.settings import Settings

COMPACT_SECONDS = 300.0
SEAL_SECONDS = 5.0
FORGET_SECONDS = 3600.0
GATHER_SECONDS = 0.1
"""So long what users are told of may come together, to be told together."""
STATEMENT_MS = 60_000
"""A batch may wait longer for a row than a member does."""

Publish = Callable[[Sequence[WakeUp]], None]

_MATCHES, _COUNTS, _SEALS = "Telling of matches", "Compacting counts", "Sealing the audit trail"
_DUE = "Doing what is due"
_NOTICES = "Telling users"
_OLD_NOTICES = "Forgetting old notices"
_MAILS, _OLD_MAILS = "Sending mails", "Forgetting old mails"
_WEBHOOKS = "Calling webhooks"


class Housekeeping:
    """What is done beside serving, on connections of its own that no request has to wait for.

    Mails have one more, and so have webhooks: what became of a mail or of a call must not wait for
    a long batch of something else.
    """

    def __init__(self, settings: Settings, *, publish: Publish) -> None:
        own = settings.model_copy(update={"database_pool": 1, "statement_timeout_ms": STATEMENT_MS})
        self._database, self._mail_database = Database(own), Database(own)
        self._webhook_database = Database(own)
        self._webhooks = Webhooks(
            settings, self._webhook_database, again=lambda: self._jobs.nudge(_WEBHOOKS)
        )
        self._publish = publish
        self._scheduled = ScheduledWork(settings, publish=publish)
        self._notices_kept = timedelta(days=settings.notice_days)
        self._jobs = Jobs(
            (
                Job(_MATCHES, self._tell_of_matches, settings.event_poll_seconds),
                Job(_NOTICES, self._tell_users, settings.event_poll_seconds, gather=GATHER_SECONDS),
                Job(_SEALS, self._seal_audit, SEAL_SECONDS, eager=False),
                Job(_OLD_NOTICES, self._forget_notices, FORGET_SECONDS, eager=False),
                Job(_COUNTS, self._compact_counts, COMPACT_SECONDS, eager=False),
                Job(_WEBHOOKS, self._call_webhooks, settings.event_poll_seconds),
                Job(_DUE, self._scheduled.run_due, settings.event_poll_seconds, eager=False),
                *self._mail_jobs(settings),
            )
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep house for as long as the block lasts."""
        try:
            async with self._jobs.running():
                yield
        finally:
            await self._webhooks.finish(seconds=STOP_SECONDS)
            await self._database.close()
            await self._mail_database.close()
            await self._webhook_database.close()
            await self._scheduled.close()

    @property
    def engines(self) -> dict[str, AsyncEngine]:
        """What it works with, by name; it only writes."""
        return {
            "housekeeping": self._database.writes,
            "mails": self._mail_database.writes,
            "webhooks": self._webhook_database.writes,
            "jobs": self._scheduled.writes,
        }

    def heed(self, session: AsyncSession) -> None:
        """See at once to what this session has left to do; it has committed."""
        if matchmaking.announced(session):
            self._jobs.nudge(_MATCHES)
        if events.wake_ups(session) or registering.asked_for_call(session):
            self._jobs.nudge(_WEBHOOKS)
        if telling.has_news(session):
            self._jobs.nudge(_NOTICES)

    def _mail_jobs(self, settings: Settings) -> Iterator[Job]:
        """None where there is nowhere to send mails: they wait."""
        if post := post_of(settings):
            mailer = Mailer(settings, self._mail_database, post)
            yield Job(_MAILS, mailer.send_due, settings.event_poll_seconds)
            yield Job(_OLD_MAILS, mailer.forget_old, FORGET_SECONDS, eager=False)

    async def _tell_of_matches(self) -> bool:
        async with self._database.writing() as session:
            more = await matchmaking.tell_next(session)
        self._publish(events.wake_ups(session))
        self.heed(session)
        return more

    async def _call_webhooks(self) -> bool:
        """The end of a call, and what is due by then, call it again."""
        await self._webhooks.begin_due()
        return False

    async def _tell_users(self) -> bool:
        async with self._database.writing() as session:
            more = await telling.tell_next(session)
        self._publish(events.wake_ups(session))
        return more

    async def _forget_notices(self) -> bool:
        async with self._database.writing() as session:
            return await reading.forget_next(session, older_than=self._notices_kept)

    async def _seal_audit(self) -> bool:
        async with self._database.writing() as session:
            return await sealing.seal_next(session)

    async def _compact_counts(self) -> bool:
        async with self._database.writing() as session:
            await counts.compact(session)
        return False
