"""Admins see what is done by the clock, and have it done at once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from mccs_graphql.app import create_app
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import ActorKind, AdminRole, AuditEntry, JobName, ScheduledJob
from mccs_graphql.settings import Settings
from tests.cli.test_commands import mccs
from tests.clients import GraphQLClient
from tests.factories import Login, make_admin, make_member
from tests.jobs.town import FAR, MovedClock, Town

JOBS = """{ jobs {
    name schedule running lastStartedAt lastFinishedAt outcome detail nextDueAt failures
} }"""
RUN = """mutation Run($input: RunJobInput!) { runJob(input: $input) {
    __typename ... on RunJobPayload { job { name nextDueAt } } ... on UserError { code path }
} }"""


@pytest.fixture
async def own(empty_settings: Settings) -> AsyncIterator[GraphQLClient]:
    """The application on an empty database, where proposals are kept for ever."""
    app = create_app(empty_settings.model_copy(update={"proposal_days": 0}))
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as client:
        yield client


@pytest.fixture
async def admin(empty_database: Database) -> Login:
    return await make_admin(empty_database, AdminRole.ADMIN)


@pytest.fixture
async def town(empty_settings: Settings, empty_database: Database) -> AsyncIterator[Town]:
    """Processes in real time."""
    made = Town(empty_settings, empty_database, MovedClock(datetime.now(UTC)))
    yield made
    await made.close()


async def change(database: Database, name: JobName, **values: Any) -> None:
    async with database.writing() as session:
        await session.execute(
            update(ScheduledJob).where(ScheduledJob.name == name).values(**values)
        )


async def job(client: GraphQLClient, by: Login, name: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = (await client(JOBS, by=by))["jobs"]
    (one,) = [each for each in found if each["name"] == name]
    return one


async def run(client: GraphQLClient, by: Login, name: str) -> dict[str, Any]:
    result: dict[str, Any] = (await client(RUN, by=by, input={"name": name}))["runJob"]
    return result


async def test_member_sees_no_jobs(own: GraphQLClient, empty_database: Database) -> None:
    assert await own.code(JOBS, by=await make_member(empty_database)) == "FORBIDDEN"


async def test_auditor_sees_jobs_and_starts_none(
    own: GraphQLClient, empty_database: Database
) -> None:
    auditor = await make_admin(empty_database, AdminRole.AUDITOR)

    assert len((await own(JOBS, by=auditor))["jobs"]) == len(JobName)
    assert await own.code(RUN, by=auditor, input={"name": "FORGET"}) == "FORBIDDEN"


async def test_job_that_runs_is_not_started_again(
    own: GraphQLClient, empty_database: Database, admin: Login
) -> None:
    ends = func.now() + timedelta(minutes=1)
    await change(empty_database, JobName.FORGET, leased_by=uuid4(), lease_ends_at=ends)

    refusal = await run(own, admin, "FORGET")

    assert (refusal["code"], refusal["path"]) == ("JOB_RUNNING", ["name"])
    assert (await job(own, admin, "FORGET"))["running"]


async def test_job_that_is_switched_off_is_not_started(own: GraphQLClient, admin: Login) -> None:
    assert (await run(own, admin, "EXPIRE_PROPOSALS"))["code"] == "JOB_SWITCHED_OFF"
    shown = await job(own, admin, "EXPIRE_PROPOSALS")
    assert (shown["schedule"], shown["nextDueAt"]) == (None, None)


async def test_job_whose_worker_died_can_be_started(
    own: GraphQLClient, empty_database: Database, admin: Login
) -> None:
    await change(empty_database, JobName.FORGET, leased_by=uuid4(), lease_ends_at=func.now())

    assert (await run(own, admin, "FORGET"))["__typename"] == "RunJobPayload"


async def test_job_is_due_at_once_and_the_trail_says_by_whom(
    own: GraphQLClient, empty_database: Database, admin: Login, town: Town
) -> None:
    await town.only()
    assert not await town.process().run_due()

    await run(own, admin, "FORGET")
    await change(empty_database, JobName.FORGET, due_at=ScheduledJob.due_at - timedelta(hours=1))

    assert await town.process().run_due()
    shown = await job(own, admin, "FORGET")
    assert (shown["outcome"], shown["failures"], shown["running"]) == ("DONE", 0, False)
    assert shown["detail"].startswith("removed 0 events")
    assert shown["lastStartedAt"] <= shown["lastFinishedAt"] < shown["nextDueAt"]
    async with empty_database.reading() as session:
        entry = await session.scalar(select(AuditEntry).where(AuditEntry.action == "runJob"))
    assert entry
    assert (entry.actor_kind, entry.actor_id) == (ActorKind.ADMIN, admin.user_id)
    assert entry.fields == ["ScheduledJob.dueAt"]


async def test_jobs_are_read_in_few_statements(
    graphql: GraphQLClient, database: Database, counting: Any
) -> None:
    auditor = await make_admin(database, AdminRole.AUDITOR)

    with counting as statements:
        await graphql(JOBS, by=auditor)

    assert len(statements) == 3, "who asks, the time and the jobs"


async def test_command_lists_jobs(empty_settings: Settings, empty_database: Database) -> None:
    for name in JobName:
        await change(empty_database, name, due_at=FAR)

    said = mccs("jobs", settings=empty_settings).stdout

    assert [line.split()[0] for line in said.splitlines()[-4:]] == list(JobName)
    assert "not run yet; due 2999-01-01 00:00, daily at 03:00 UTC" in said
