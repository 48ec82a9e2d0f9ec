"""Jobs: which one is due, who is at it, and what became of it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import JobName, ScheduledJob


async def database_time(session: AsyncSession) -> datetime:
    """The moment, by the one clock that all processes share."""
    now: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return now


async def lock_due(
    session: AsyncSession, *, now: datetime, names: Collection[JobName]
) -> ScheduledJob | None:
    """The job that has been due longest and nobody is at; those that somebody takes are left out.

    Who works at one holds its row while a batch lasts, so it is left out even if its lease ended.
    """
    found: ScheduledJob | None = await session.scalar(
        select(ScheduledJob)
        .where(
            ScheduledJob.name.in_(names),
            ScheduledJob.due_at <= now,
            or_(ScheduledJob.leased_by.is_(None), ScheduledJob.lease_ends_at <= now),
        )
        .order_by(ScheduledJob.due_at, ScheduledJob.name)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return found


async def change_leased(
    session: AsyncSession, name: JobName, lease: UUID, **values: Any
) -> ScheduledJob | None:
    """Change a job as the one who has the lease, and lock it; None if somebody else has it."""
    changed: ScheduledJob | None = await session.scalar(
        update(ScheduledJob)
        .where(ScheduledJob.name == name, ScheduledJob.leased_by == lease)
        .values(**values)
        .returning(ScheduledJob)
        .execution_options(synchronize_session=False)
    )
    return changed


async def lock_job(session: AsyncSession, name: JobName) -> ScheduledJob:
    """A job, locked."""
    return await session.get_one(ScheduledJob, name, with_for_update=True)


async def all_jobs(session: AsyncSession) -> Sequence[ScheduledJob]:
    """Every job there is."""
    return (await session.scalars(select(ScheduledJob))).all()
