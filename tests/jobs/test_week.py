"""A week in the life of a community with three processes: everything is done once."""

import asyncio
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select

from mccs_graphql.communities.sample import load
from mccs_graphql.db.models import (
    AdminRole,
    AuditEntry,
    Event,
    EventKind,
    JobName,
    JobOutcome,
    Mail,
    MailKind,
)
from mccs_graphql.domain.audit.sealing import seal_all
from tests.cli.test_commands import tamper
from tests.factories import make_admin
from tests.jobs.town import Town
from tests.listings import carry
from tests.sending import Sender, text_of

HOURS, DAYS = 2, 7
DUE = {
    JobName.EXPIRE_PROPOSALS: DAYS * 12,
    JobName.DAILY_DIGEST: DAYS * 12,
    JobName.CHECK_BOOKS: DAYS,
    JobName.FORGET: DAYS * 4,
}
"""How often each job is done in a week in which everybody looks every two hours."""


class Runs:
    """What the rows of jobs said, each time that somebody had looked."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.begun: dict[JobName, set[datetime]] = {name: set() for name in JobName}

    async def look(self) -> None:
        for name in JobName:
            job = await self.town.job(name)
            assert job.outcome is not JobOutcome.FAILED, job.detail
            if job.finished_at == self.town.clock.now and job.started_at:
                self.begun[name].add(job.started_at)


@pytest.fixture
async def began(town: Town) -> datetime:
    """Midnight; the jobs of the evening are done."""
    tomorrow = town.clock.now.date() + timedelta(days=1)
    town.clock.now = datetime.combine(tomorrow, time(), UTC)
    await load(town.database, town.settings)
    process = town.process()
    while await process.run_due():
        pass
    return town.clock.now


async def all_look(*processes: object) -> None:
    """All processes look at the clock at the same moment, as often as there is something to do."""

    async def look(process: object) -> None:
        while await process.run_due():  # type: ignore[attr-defined]
            pass

    await asyncio.gather(*map(look, processes))


async def test_week_with_three_processes(town: Town, sender: Sender, began: datetime) -> None:
    town.settings = town.settings.model_copy(update={"proposal_days": 3})
    ana, ben = await town.member(wants_digest=True), await town.member()
    await carry(town.database, ana, wants=["bread"])
    admin = await make_admin(town.database, AdminRole.OWNER)
    old = [await town.propose(ana, ben) for _ in range(4)]
    processes, runs = [town.process() for _ in range(3)], Runs(town)
    bakers = []

    for hour in range(0, DAYS * 24, HOURS):
        if hour % 24 == 4 and hour // 24 != 3:  # on the fourth day there is no news
            bakers.append(await town.offer("bread"))
        if hour == 5 * 24:
            await seal_all(town.database)
            await tamper(town.settings)
        town.clock.move(timedelta(hours=HOURS))
        await all_look(*processes)
        await runs.look()
        await sender.send()

    digests = [text_of(mail) for mail in sender.office.received if mail["To"] == ana.email]
    assert len(digests) == len(bakers) == DAYS - 1
    for baker, digest in zip(bakers, digests, strict=True):
        assert [each for each in bakers if each.name in digest] == [baker]
    async with town.database.reading() as session:
        events = (await session.scalars(select(Event))).all()
        cancelled = [one.transfer_id for one in events if one.kind is EventKind.TRANSFER_CANCELLED]
        expired = await session.scalars(
            select(AuditEntry.id).where(
                AuditEntry.action == "expire-proposal", AuditEntry.subjects.overlap(old)
            )
        )
        alarms = await session.scalars(
            select(Mail.id).where(
                Mail.kind == MailKind.BOOKS_CHECK_FAILED, Mail.user_id == admin.user_id
            )
        )
        assert len(expired.all()) == 4
        assert len(alarms.all()) == 2, "of the sixth and the seventh night"
    for id_ in old:
        assert cancelled.count(id_) == 2, "once on each side"
    assert {name: len(begun) for name, begun in runs.begun.items()} == DUE


async def test_five_days_without_any_process_are_caught_up_by_one_run_of_each_job(
    town: Town, sender: Sender, began: datetime
) -> None:
    ana = await town.member(wants_digest=True)
    await carry(town.database, ana, wants=["bread"])
    await town.offer("bread")
    town.clock.now = began + timedelta(days=5, hours=9)
    processes, runs = [town.process() for _ in range(3)], Runs(town)

    await all_look(*processes)
    await runs.look()
    await all_look(*processes)

    assert {name: len(begun) for name, begun in runs.begun.items()} == dict.fromkeys(JobName, 1)
    for name in JobName:
        assert (await town.job(name)).due_at > town.clock.now
    assert len(await sender.send()) == 1
