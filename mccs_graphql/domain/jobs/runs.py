"""A job is taken by one process, which says what became of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import JobName, JobOutcome
from mccs_graphql.db.models.job import DETAIL_MAX
from mccs_graphql.db.queries import jobs as queries

LEASE = timedelta(minutes=5)
"""Much longer than a batch may last; who works longer prolongs it."""
FIRST_PAUSE = timedelta(minutes=1)
PAUSE_MAX = timedelta(hours=1)


class LeaseLost(Exception):
    """Somebody else is at the job: whoever was must leave it alone."""


@dataclass(frozen=True)
class Run:
    """One run of a job; ``since`` is when the last one began that came to its end, if any did."""

    name: JobName
    lease: UUID
    began: datetime
    since: datetime | None
    failures: int


async def take(session: AsyncSession, *, now: datetime, names: Collection[JobName]) -> Run | None:
    """The next job to do, leased; None if there is none. Whose worker died has failed once more."""
    job = await queries.lock_due(session, now=now, names=names)
    if job is None:
        return None
    failures = job.failures + (job.leased_by is not None)
    run = Run(job.name, uuid4(), now, job.done_until, failures)
    job.leased_by, job.lease_ends_at, job.started_at = run.lease, now + LEASE, now
    job.failures = failures
    await session.flush()
    return run


async def hold(session: AsyncSession, run: Run, *, now: datetime) -> None:
    """Prolong the lease; nobody else can take the job before the commit. Raises LeaseLost."""
    await _change(session, run, lease_ends_at=now + LEASE)


async def finish(
    session: AsyncSession,
    run: Run,
    *,
    now: datetime,
    outcome: JobOutcome,
    detail: str,
    due_at: datetime,
) -> None:
    """It came to its end. Raises LeaseLost."""
    await _change(
        session,
        run,
        outcome=outcome,
        detail=detail[:DETAIL_MAX],
        done_until=run.began,
        failures=0,
        **_ended(now, due_at),
    )


async def fail(
    session: AsyncSession, run: Run, *, now: datetime, detail: str, due_at: datetime
) -> None:
    """It did not; it is tried again soon, or when it is due anyway. Raises LeaseLost."""
    again = min(now + pause_after(run.failures + 1), due_at)
    await _change(
        session,
        run,
        outcome=JobOutcome.FAILED,
        detail=detail[:DETAIL_MAX],
        failures=run.failures + 1,
        **_ended(now, again),
    )


def pause_after(failures: int) -> timedelta:
    """Twice as long after each failure."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(failures - 1, 10)
    return min(doubled, PAUSE_MAX)


def _ended(now: datetime, due_at: datetime) -> dict[str, datetime | None]:
    return {"finished_at": now, "due_at": due_at, "leased_by": None, "lease_ends_at": None}


async def _change(session: AsyncSession, run: Run, **values: object) -> None:
    if await queries.change_leased(session, run.name, run.lease, **values) is None:
        raise LeaseLost
