"""The jobs of a community, each in batches that are done once whatever happens in between."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine

from mccs_graphql.adapters.scheduler import Clock, Report, Scheduler, Turn, Work
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import JobName, JobOutcome
from mccs_graphql.db.queries import retention
from mccs_graphql.db.queries.digests import time_zones
from mccs_graphql.db.queries.jobs import database_time
from mccs_graphql.db.queries.ledger import oldest_open_transfer
from mccs_graphql.domain import events
from mccs_graphql.domain.audit.proving import prove
from mccs_graphql.domain.audit.trail import SYSTEM, Deed
from mccs_graphql.domain.directory import digests
from mccs_graphql.domain.events import WakeUp
from mccs_graphql.domain.jobs.schedules import morning_between
from mccs_graphql.domain.jobs.timetable import timetable
from mccs_graphql.domain.ledger import decisions
from mccs_graphql.domain.mails.alarms import warn_of_books
from mccs_graphql.settings import Settings

BATCH_MS = 60_000
"""A batch may wait longer for a row than a member does."""
NO_TIMEOUT = 0
FORGET_BATCH = 1_000
EXPIRY = Deed("expire-proposal", SYSTEM)

Publish = Callable[[Sequence[WakeUp]], None]
Forget = Callable[..., Awaitable[int]]


class ScheduledWork:
    """What each job does, on connections of its own that no request has to wait for.

    The check of the books has another one: it may take long, and no statement of it is given up.
    """

    def __init__(
        self, settings: Settings, *, publish: Publish, clock: Clock = database_time
    ) -> None:
        self._settings, self._publish = settings, publish
        self._database = _database(settings, BATCH_MS)
        self._patient = _database(settings, NO_TIMEOUT)
        works: Mapping[JobName, Work] = {
            JobName.EXPIRE_PROPOSALS: self._expire_proposals,
            JobName.DAILY_DIGEST: self._queue_digests,
            JobName.CHECK_BOOKS: self._check_books,
            JobName.FORGET: self._forget,
        }
        self._scheduler = Scheduler(self._database, works, timetable(settings), clock=clock)

    async def run_due(self) -> bool:
        """Do one job that is due; whether there was one."""
        return await self._scheduler.run_due()

    @property
    def writes(self) -> AsyncEngine:
        """What the jobs write with."""
        return self._database.writes

    async def close(self) -> None:
        """Close the connections."""
        await self._database.close()
        await self._patient.close()

    async def _expire_proposals(self, turn: Turn) -> Report:
        """One by one, so that no payment waits for more than one of them."""
        before = turn.run.began - timedelta(days=self._settings.proposal_days)
        expired = 0
        while True:
            async with turn.writing(EXPIRY) as session:
                found = await oldest_open_transfer(session, before=before)
                if found is None:
                    return Report(f"{expired} proposals expired")
                expired += await decisions.expire(session, found)
            self._publish(events.wake_ups(session))

    async def _queue_digests(self, turn: Turn) -> Report:
        """To those whose morning has begun since the last run that came to its end."""
        run = turn.run
        async with self._database.reading() as session:
            chosen = await time_zones(session)
        mornings = {
            name: morning_between(
                ZoneInfo(name) if name else self._settings.zone,
                after=run.since or run.began,
                until=run.began,
            )
            for name in (None, *chosen)
        }
        days = {name: day for name, day in mornings.items() if day}
        count = sum([await self._queue_digests_of(turn, zone, day) for zone, day in days.items()])
        return Report(f"{count} digests" if days else "no morning")

    async def _queue_digests_of(self, turn: Turn, zone: str | None, day: date) -> int:
        count = 0
        after: UUID | None = digests.NOBODY
        while after is not None:
            async with turn.writing() as session:
                added, after = await digests.queue_next(
                    session, after=after, zone=zone, day=day, now=turn.run.began
                )
            count += added
        return count

    async def _check_books(self, turn: Turn) -> Report:
        async with turn.prolonged():
            proof = await prove(self._patient, progress=_say_nothing)
        if proof.holds:
            looked_at = f"{proof.books.transfers} transfers, {proof.trail.entries} audit entries"
            return Report(f"no differences in {looked_at}")
        return Report(
            f"{len(proof.differences)} differences",
            JobOutcome.ALARM,
            partial(warn_of_books, differences=proof.differences),
        )

    async def _forget(self, turn: Turn) -> Report:
        now = turn.run.began
        counts = [
            f"{await self._forget_all(turn, forget, before=before)} {what}"
            for what, forget, before in (
                (
                    "events",
                    retention.forget_events,
                    now - timedelta(days=self._settings.event_days),
                ),
                ("tokens", retention.forget_one_time_tokens, now),
                ("sessions", retention.forget_sessions, now),
                ("attempts", retention.forget_attempts, now),
            )
        ]
        return Report(f"removed {', '.join(counts)}")

    async def _forget_all(self, turn: Turn, forget: Forget, **what: object) -> int:
        count = 0
        while True:
            async with turn.writing() as session:
                gone = await forget(session, most=FORGET_BATCH, **what)
            count += gone
            if gone < FORGET_BATCH:
                return count


def _database(settings: Settings, timeout_ms: int) -> Database:
    own = {"database_pool": 1, "statement_timeout_ms": timeout_ms}
    return Database(settings.model_copy(update=own))


def _say_nothing(_check: str) -> None:
    """Nobody watches."""
