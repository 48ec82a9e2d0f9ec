"""What admins see of jobs, and how they have one done at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import JobName, ScheduledJob
from mccs_graphql.db.queries import jobs as queries
from mccs_graphql.domain.jobs.refusals import JobRunning, JobSwitchedOff
from mccs_graphql.domain.jobs.schedules import Schedule

Timetable = Mapping[JobName, Schedule | None]


@dataclass(frozen=True)
class Overview:
    """A job with its schedule, None if it is switched off, as of a moment."""

    job: ScheduledJob
    schedule: Schedule | None
    now: datetime

    @property
    def is_running(self) -> bool:
        """Whether somebody is at it, who has not been taken for dead."""
        ends_at = self.job.lease_ends_at
        return ends_at is not None and ends_at > self.now


async def read_all(session: AsyncSession, timetable: Timetable) -> Sequence[Overview]:
    """All jobs, in the order of the timetable."""
    now, rows = await queries.database_time(session), await queries.all_jobs(session)
    by_name = {row.name: row for row in rows}
    return [Overview(by_name[name], timetable[name], now) for name in timetable]


async def make_due(session: AsyncSession, name: JobName, timetable: Timetable) -> Overview:
    """Have it done at once, by whoever finds it first. Raises JobSwitchedOff and JobRunning."""
    if timetable[name] is None:
        raise JobSwitchedOff
    job, now = await queries.lock_job(session, name), await queries.database_time(session)
    overview = Overview(job, timetable[name], now)
    if overview.is_running:
        raise JobRunning
    job.due_at = now
    await session.flush()
    return overview
