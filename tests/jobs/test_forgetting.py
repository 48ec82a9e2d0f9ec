"""What has been kept long enough goes, and nothing else."""

from datetime import timedelta

from sqlalchemy import func, select, update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import (
    Account,
    AttemptCount,
    Event,
    EventKind,
    JobName,
    OneTimeToken,
    TokenPurpose,
    UserSession,
)
from mccs_graphql.domain import events
from mccs_graphql.domain.ledger.books import check_books
from tests.factories import Member
from tests.jobs.town import Town

JOB = JobName.FORGET
DAY = timedelta(days=1)


async def log_events(town: Town, members: int) -> list[Member]:
    """Members whose logs tell of a proposal that expired, each."""
    made = [await town.member() for _ in range(members)]
    for one, other in zip(made, made[1:] + made[:1], strict=True):
        await town.propose(one, other)
    now = town.clock.now
    town.clock.move(31 * DAY)
    await town.only(JobName.EXPIRE_PROPOSALS)
    await town.process().run_due()
    town.clock.now = now
    return made


async def forget(town: Town) -> str:
    await town.only(JOB)
    assert await town.process().run_due()
    return (await town.job(JOB)).detail


async def count(database: Database, model: type) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(model)) or 0


async def test_events_stay_for_their_days(town: Town) -> None:
    await log_events(town, 3)
    town.clock.move(89 * DAY)

    assert (await forget(town)).startswith("removed 0 events")
    assert await count(town.database, Event) == 6


async def test_old_events_go_and_who_read_none_of_them_is_told_to_start_anew(town: Town) -> None:
    ana, *_ = await log_events(town, 3)
    town.clock.move(91 * DAY)

    assert (await forget(town)).startswith("removed 6 events")
    async with town.database.reading() as session:
        assert (await events.replay(session, ana.entity_id, after=0)).gap
        assert not (await events.replay(session, ana.entity_id, after=2)).gap
        assert (await check_books(session, progress=print)).balanced


async def test_log_has_no_gap_inside_when_a_later_event_is_older(town: Town) -> None:
    ana, ben = await town.member(), await town.member()
    now = town.clock.now
    async with town.database.writing() as session:
        account = await session.get_one(Account, ana.entity_id)
        account.event_seq = 3
        session.add_all(
            Event(
                entity_id=ana.entity_id,
                seq=seq,
                kind=EventKind.MATCH_FOUND,
                match_id=ben.entity_id,
                recorded_at=recorded_at,
            )
            for seq, recorded_at in ((1, now - 80 * DAY), (2, now - 91 * DAY), (3, now))
        )

    assert (await forget(town)).startswith("removed 2 events")
    assert [event.seq for event in await town.log_of(ana)] == [3]


async def test_expired_tokens_sessions_and_attempts_go(town: Town) -> None:
    ana = await town.member()
    async with town.database.writing() as session:
        now = town.clock.now
        for number, ends in enumerate((now - DAY, now + DAY)):
            session.add(
                OneTimeToken(
                    user_id=ana.user_id,
                    purpose=TokenPurpose.VERIFY_EMAIL,
                    email=ana.email,
                    token_hash=bytes([number]) * 32,
                    expires_at=ends,
                )
            )
            session.add(
                AttemptCount(
                    key=bytes([number]) * 32, rule="r", level=1, counted_at=now, forgotten_at=ends
                )
            )
        other = await town.member()
        await session.execute(
            update(UserSession)
            .where(UserSession.user_id == other.user_id)
            .values(expires_at=now - DAY)
        )

    told = await forget(town)

    assert told == "removed 0 events, 1 tokens, 1 sessions, 1 attempts"
    async with town.database.reading() as session:
        good = [
            await session.scalar(select(func.min(ends)))
            for ends in (
                OneTimeToken.expires_at,
                UserSession.expires_at,
                AttemptCount.forgotten_at,
            )
        ]
    assert all(ends and ends > now for ends in good)
