"""Proposals that nobody decides are cancelled, and jobs survive those who do them."""

import asyncio
import logging
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import (
    ActorKind,
    AuditEntry,
    Canceller,
    EventKind,
    JobName,
    JobOutcome,
    Role,
    SystemReason,
    TransferState,
    User,
)
from mccs_graphql.domain.errors import Refusal
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.jobs.runs import LEASE
from mccs_graphql.domain.ledger import decisions
from tests.databases import alter
from tests.factories import Member
from tests.jobs.town import Killed, Town

JOB = JobName.EXPIRE_PROPOSALS
DAY = timedelta(days=1)
BREAK = "ALTER TABLE events ADD CONSTRAINT broken CHECK (kind <> 'transferCancelled') NOT VALID"
MEND = "ALTER TABLE events DROP CONSTRAINT broken"


@pytest.fixture
async def ana(town: Town) -> Member:
    return await town.member()


@pytest.fixture
async def ben(town: Town) -> Member:
    return await town.member()


async def accept(town: Town, by: Member, id_: UUID) -> str:
    """The code of the refusal, or nothing."""
    viewer = Viewer(
        User(id=by.user_id), uuid4(), {by.entity_id: Role.OWNER}, frozenset({by.entity_id})
    )
    try:
        async with town.database.writing() as session:
            outcome = await decisions.accept(session, viewer, id_, key=uuid4())
    except Refusal as refusal:
        return refusal.code
    return outcome.refusal.code if outcome.refusal else ""


async def test_proposal_that_is_not_old_enough_stays(town: Town, ana: Member, ben: Member) -> None:
    proposal = await town.propose(ana, ben)
    town.clock.move(30 * DAY - timedelta(minutes=1))
    await town.only(JOB)

    await town.process().run_due()

    assert (await town.transfer(proposal)).state is TransferState.INITIATED
    assert (await town.job(JOB)).detail == "0 proposals expired"


async def test_proposal_stays_where_they_are_kept_for_ever(
    town: Town, ana: Member, ben: Member
) -> None:
    await town.propose(ana, ben)
    town.clock.move(1000 * DAY)
    await town.only(JOB)

    assert not await town.process(proposal_days=0).run_due()


async def test_old_proposal_is_cancelled_by_the_system_and_both_sides_are_told(
    town: Town, ana: Member, ben: Member
) -> None:
    proposal = await town.propose(ana, ben)
    town.clock.move(31 * DAY)
    await town.only(JOB)

    await town.process().run_due()

    transfer = await town.transfer(proposal)
    assert (transfer.cancelled_by, transfer.system_reason, transfer.decided_by) == (
        Canceller.SYSTEM,
        SystemReason.EXPIRED,
        None,
    )
    for side in (ana, ben):
        assert [event.kind for event in await town.log_of(side)] == [EventKind.TRANSFER_CANCELLED]
    assert {wake_up.entity_id for wake_up in town.published} == {ana.entity_id, ben.entity_id}
    assert await accept(town, ben, proposal) == "TRANSFER_CANCELLED_BY_SYSTEM"


async def test_expiry_leaves_an_entry_in_the_audit_trail(
    town: Town, ana: Member, ben: Member
) -> None:
    proposal = await town.propose(ana, ben)
    town.clock.move(31 * DAY)
    await town.only(JOB)

    await town.process().run_due()

    async with town.database.reading() as session:
        entry = await session.scalar(
            select(AuditEntry).where(
                AuditEntry.subjects.contains([proposal]), AuditEntry.action == "expire-proposal"
            )
        )
    assert entry
    assert entry.actor_kind is ActorKind.SYSTEM
    assert "Transfer.systemReason" in entry.fields


async def test_race_with_an_acceptance_has_one_winner(town: Town) -> None:
    sides = [(await town.member(), await town.member()) for _ in range(6)]
    proposals = [await town.propose(*pair) for pair in sides]
    town.clock.move(31 * DAY)
    await town.only(JOB)

    accepting = (accept(town, pair[1], id_) for pair, id_ in zip(sides, proposals, strict=True))
    refusals, _ = await asyncio.gather(asyncio.gather(*accepting), town.process().run_due())

    for (payer, _), id_, refusal in zip(sides, proposals, refusals, strict=True):
        completed = (await town.transfer(id_)).state is TransferState.COMPLETED
        assert refusal == ("" if completed else "TRANSFER_CANCELLED_BY_SYSTEM")
        assert len(await town.log_of(payer)) == 1


async def test_kill_in_the_middle_repeats_nothing_and_skips_nothing(
    town: Town, ana: Member, ben: Member
) -> None:
    proposals = [await town.propose(ana, ben) for _ in range(5)]
    town.clock.move(31 * DAY)
    await town.only(JOB)

    with pytest.raises(Killed):
        await town.dying(after=2).run_due()
    other = town.process()
    assert not await other.run_due(), "the lease of the dead one still runs"
    town.clock.move(LEASE)
    assert await other.run_due()

    for id_ in proposals:
        assert (await town.transfer(id_)).system_reason is SystemReason.EXPIRED
    assert len(await town.log_of(ana)) == 5
    assert (await town.job(JOB)).detail == "3 proposals expired"


async def test_who_was_taken_for_dead_does_nothing_more(
    town: Town, ana: Member, ben: Member, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        await town.propose(ana, ben)
    town.clock.move(31 * DAY)
    await town.only(JOB)
    quick, batches = town.process(), 0

    async def sleep_through(_session: AsyncSession) -> datetime:
        nonlocal batches
        batches += 1
        if batches == 3:  # the job was taken, one proposal expired
            town.clock.move(LEASE)
            assert await quick.run_due()
        return town.clock.now

    slow = town.process(clock=sleep_through)

    assert await slow.run_due()

    assert "Another process has taken over the job expireProposals" in caplog.text
    assert len(await town.log_of(ana)) == 2
    assert (await town.job(JOB)).outcome is JobOutcome.DONE


async def test_failure_is_counted_and_tried_again_later_each_time(
    town: Town, ana: Member, ben: Member, caplog: pytest.LogCaptureFixture
) -> None:
    await town.propose(ana, ben)
    town.clock.move(31 * DAY)
    await town.only(JOB)
    process = town.process()
    await alter(town.settings, BREAK)

    for failures, pause in ((1, 1), (2, 2), (3, 4)):
        with caplog.at_level(logging.ERROR):
            assert await process.run_due()
        job = await town.job(JOB)
        assert (job.failures, job.outcome) == (failures, JobOutcome.FAILED)
        assert job.due_at - town.clock.now == timedelta(minutes=pause)
        assert job.detail.partition("reference ")[2] in caplog.text
        town.clock.move(timedelta(minutes=pause))
    await alter(town.settings, MEND)
    assert await process.run_due()

    job = await town.job(JOB)
    assert (job.failures, job.outcome) == (0, JobOutcome.DONE)
    assert len(await town.log_of(ana)) == 1
