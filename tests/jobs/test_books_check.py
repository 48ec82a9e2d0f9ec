"""The books are proved each night, and admins are told if anything differs."""

import asyncio
from datetime import timedelta

from sqlalchemy import text

from mccs_graphql.communities.sample import load
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Admin, AdminRole, JobName, JobOutcome
from mccs_graphql.domain.audit.sealing import seal_all
from mccs_graphql.settings import Settings
from tests.cli.test_commands import tamper
from tests.factories import make_admin
from tests.jobs.town import Town
from tests.mails import states
from tests.sending import Sender, text_of

JOB = JobName.CHECK_BOOKS


async def test_difference_is_told_to_those_who_answer_for_the_books(
    town: Town, sender: Sender
) -> None:
    await load(town.database, town.settings)
    admins = {role: await make_admin(town.database, role) for role in AdminRole}
    account = await tamper(town.settings)
    await town.only(JOB)

    await town.process().run_due()
    received = {message["To"]: text_of(message) for message in await sender.send()}

    warned = {login.email for role, login in admins.items() if role is not AdminRole.MODERATOR}
    assert warned <= set(received)
    assert admins[AdminRole.MODERATOR].email not in received
    said = " ".join(received[admins[AdminRole.AUDITOR].email].replace("> ", "").split())
    assert f"A balance is not the sum of its postings: {account}: expected" in said
    job = await town.job(JOB)
    assert job.outcome is JobOutcome.ALARM
    assert job.detail.endswith("differences")
    assert account not in job.detail


async def test_who_is_no_admin_any_more_is_not_told(town: Town, sender: Sender) -> None:
    await load(town.database, town.settings)
    login = await make_admin(town.database, AdminRole.AUDITOR)
    await tamper(town.settings)
    await town.only(JOB)
    await town.process().run_due()
    async with town.database.writing() as session:
        await session.delete(await session.get_one(Admin, login.user_id))

    assert login.email not in {message["To"] for message in await sender.send()}


async def test_books_that_balance_are_no_news(town: Town) -> None:
    await load(town.database, town.settings)
    await seal_all(town.database)
    await make_admin(town.database, AdminRole.OWNER)
    await town.only(JOB)

    await town.process().run_due()

    job = await town.job(JOB)
    assert job.outcome is JobOutcome.DONE
    assert job.detail.startswith("no differences in ")
    assert job.due_at - town.clock.now <= timedelta(days=1)
    assert await states(town.database) == []


async def test_check_waits_for_nobody_and_nobody_for_it(
    town: Town, empty_database: Database, empty_settings: Settings
) -> None:
    await load(empty_database, empty_settings)
    await seal_all(empty_database)
    await town.only(JOB)

    async with empty_database.writing() as session:
        await session.execute(text("UPDATE accounts SET event_seq = event_seq"))
        async with asyncio.timeout(20):
            assert await town.process().run_due()

    assert (await town.job(JOB)).outcome is JobOutcome.DONE
