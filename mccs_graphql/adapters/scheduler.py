"""Does what is due by the clock: each job by one process, however many there are."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import JobName, JobOutcome
from mccs_graphql.db.queries.jobs import database_time
from mccs_graphql.domain.audit.trail import Deed, audited
from mccs_graphql.domain.jobs import runs
from mccs_graphql.domain.jobs.overview import Timetable
from mccs_graphql.domain.jobs.runs import LEASE, LeaseLost, Run
from mccs_graphql.reference import begin_reference

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = LEASE.total_seconds() / 5

Clock = Callable[[AsyncSession], Awaitable[datetime]]
"""Says what time it is. All processes of a community ask the same one: the database."""
Write = Callable[[AsyncSession], Awaitable[None]]


@dataclass(frozen=True)
class Report:
    """What came of a run, in counts; and what is to be written in the transaction that ends it."""

    detail: str
    outcome: JobOutcome = JobOutcome.DONE
    write: Write | None = None


class Turn:
    """One run, as who carries it out sees it."""

    def __init__(self, run: Run, database: Database, clock: Clock) -> None:
        self.run = run
        self._database, self._clock = database, clock

    @asynccontextmanager
    async def writing(self, deed: Deed | None = None) -> AsyncIterator[AsyncSession]:
        """A batch: one transaction in which nobody else is at the job. Raises LeaseLost.

        With a ``deed`` it leaves an entry in the audit trail.
        """
        opened = audited(self._database, deed) if deed else self._database.writing()
        async with opened as session:
            await runs.hold(session, self.run, now=await self._clock(session))
            yield session

    @asynccontextmanager
    async def prolonged(self) -> AsyncIterator[None]:
        """Keep the lease for as long as the block lasts, for what is no transaction."""
        beating = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            async with self.writing():
                pass


Work = Callable[[Turn], Awaitable[Report]]


class Scheduler:
    """Looks for what is due, and does it."""

    def __init__(
        self,
        database: Database,
        works: Mapping[JobName, Work],
        timetable: Timetable,
        *,
        clock: Clock = database_time,
    ) -> None:
        self._database, self._works, self._clock = database, works, clock
        self._schedules = {name: each for name, each in timetable.items() if each}

    async def run_due(self) -> bool:
        """Do the job that has been due longest; False if none was."""
        async with self._database.writing() as session:
            now = await self._clock(session)
            run = await runs.take(session, now=now, names=self._schedules)
        if run is None:
            return False
        turn = Turn(run, self._database, self._clock)
        try:
            await self._carry_out(turn)
        except LeaseLost:
            log.warning("Another process has taken over the job %s", run.name)
        return True

    async def _carry_out(self, turn: Turn) -> None:
        """Do it, and keep what became of it."""
        try:
            report = await self._works[turn.run.name](turn)
            async with turn.writing() as session:
                if report.write:
                    await report.write(session)
                await self._finish(session, turn.run, report)
        except LeaseLost:
            raise
        except Exception as error:
            await self._fail(turn, error)

    async def _finish(self, session: AsyncSession, run: Run, report: Report) -> None:
        now = await self._clock(session)
        await runs.finish(
            session,
            run,
            now=now,
            outcome=report.outcome,
            detail=report.detail,
            due_at=self._schedules[run.name].after(now),
        )

    async def _fail(self, turn: Turn, error: Exception) -> None:
        """The log says why, and admins see where in the log."""
        run, reference = turn.run, begin_reference()
        log.error("The job %s failed, reference %s", run.name, reference, exc_info=error)
        detail = f"{type(error).__name__}, reference {reference}"
        async with turn.writing() as session:
            now = await self._clock(session)
            due_at = self._schedules[run.name].after(now)
            await runs.fail(session, run, now=now, detail=detail, due_at=due_at)
