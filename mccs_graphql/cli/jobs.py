"""``mccs jobs``: what is done by the clock, and what became of it."""

import asyncio
from datetime import datetime
from pathlib import Path

import click

from mccs_graphql.cli.database import up_to_date
from mccs_graphql.db.engine import Database
from mccs_graphql.domain.jobs.overview import Overview, read_all
from mccs_graphql.domain.jobs.timetable import timetable
from mccs_graphql.settings import Settings


@click.command("jobs")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the data is kept [.mccs].")
def command(folder: Path | None) -> None:
    """List the jobs with their last run and the next one; times are in UTC."""
    with up_to_date(folder) as settings:
        for overview in asyncio.run(_read(settings)):
            click.echo(_line(overview))


async def _read(settings: Settings) -> list[Overview]:
    database = Database(settings)
    try:
        async with database.reading() as session:
            return list(await read_all(session, timetable(settings)))
    finally:
        await database.close()


def _line(overview: Overview) -> str:
    job, schedule = overview.job, overview.schedule
    state = "running" if overview.is_running else job.outcome or "not run yet"
    due = f"due {_moment(job.due_at)}, {schedule}" if schedule else "switched off"
    failed = f", failed {job.failures} times in a row" if job.failures else ""
    told = f": {job.detail}" if job.detail else ""
    return f"{job.name:16} {_moment(job.started_at)}  {state}{told}{failed}; {due}"


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "-" * len("2026-01-01 00:00")
