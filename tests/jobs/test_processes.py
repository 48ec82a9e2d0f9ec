"""Real processes, in real time: each job that is due is done by one of them."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Event, JobName, Mail, MailKind, ScheduledJob, Transfer
from mccs_graphql.domain.audit.trail import SYSTEM, Deed, audited
from mccs_graphql.settings import Settings
from tests.databases import alter, as_owner
from tests.jobs.town import Town
from tests.listings import carry

PATIENCE_SECONDS = 60
COUNT_RUNS = """
CREATE TABLE runs_seen (name text NOT NULL);
CREATE FUNCTION see_run() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO runs_seen VALUES (NEW.name);
    RETURN NULL;
END $$;
CREATE TRIGGER runs_seen AFTER UPDATE ON scheduled_jobs
    FOR EACH ROW WHEN (NEW.leased_by IS NULL AND OLD.leased_by IS NOT NULL)
    EXECUTE FUNCTION see_run();
"""


def where_it_is_noon() -> str:
    """A zone in which the morning of today began some hours ago."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}"


@asynccontextmanager
async def worker(settings: Settings) -> AsyncIterator[None]:
    """``mccs worker`` on the database of the settings; it stops when it is asked to."""
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
    environment |= {
        "DATABASE_URL": settings.database_url,
        "MCCS_OWNER_DATABASE_URL": settings.owner_database_url,
        "MCCS_EVENT_POLL_SECONDS": "0.2",
        "MCCS_TIME_ZONE": where_it_is_noon(),
    }
    words = ("-m", "mccs_graphql", "worker")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
    assert process.returncode == 0, said.decode()


async def runs_of(settings: Settings) -> dict[str, int]:
    async with as_owner(settings) as connection:
        return dict(await connection.fetch("SELECT name, count(*) FROM runs_seen GROUP BY name"))


async def until_all_are_done(settings: Settings) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(await runs_of(settings)) < len(JobName):  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.1)
    await asyncio.sleep(1)  # whoever would do one a second time has looked by then


async def make_all_due(database: Database) -> None:
    """Each job is due, and the morning began since the last digest."""
    async with database.writing() as session:
        await session.execute(
            update(ScheduledJob).values(
                due_at=func.now(), done_until=func.now() - timedelta(days=1)
            )
        )


async def test_each_job_is_done_once_by_three_workers(
    town: Town, empty_database: Database, empty_settings: Settings
) -> None:
    ana, ben = await town.member(wants_digest=True), await town.member()
    await carry(empty_database, ana, wants=["bread"])
    await town.offer("bread")
    async with audited(empty_database, Deed("propose", SYSTEM)) as session:
        session.add_all(
            Transfer(
                payer_id=ana.entity_id,
                payee_id=ben.entity_id,
                initiator_id=ana.entity_id,
                payer_name=ana.name,
                payee_name=ben.name,
                amount=100,
                proposed_by=ana.user_id,
                proposed_at=func.now() - timedelta(days=40),
            )
            for _ in range(5)
        )
    await alter(empty_settings, COUNT_RUNS)
    await make_all_due(empty_database)

    async with worker(empty_settings), worker(empty_settings), worker(empty_settings):
        await until_all_are_done(empty_settings)

    assert await runs_of(empty_settings) == dict.fromkeys(JobName, 1)
    async with empty_database.reading() as session:
        told = await session.scalar(select(func.count()).where(Event.entity_id == ben.entity_id))
        digests = (Mail.user_id == ana.user_id, Mail.kind == MailKind.DAILY_MATCHES)
        mails = await session.scalar(select(func.count()).where(*digests))
    assert told == 5
    assert mails == 1
