"""Statements against the books: whoever trades at the same moment, an answer stays true."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import asyncpg
import pytest
from sqlalchemy import select, text

from mccs_graphql.app import create_app
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Posting
from mccs_graphql.db.queries.standings import At, standings_at
from mccs_graphql.domain.ledger.books import check_books
from mccs_graphql.domain.ledger.statements import (
    Line,
    Period,
    Statement,
    batches_of_lines,
    read_statement,
)
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.databases import as_owner
from tests.factories import MakeMember, Member, make_member
from tests.trading import Trading

MEMBERS = 4
TRANSFERS = 40
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
DISORDER = text("""
    SELECT count(*) FROM (
        SELECT posted_at < lag(posted_at) OVER (PARTITION BY entity_id ORDER BY number) AS wrong
          FROM postings) lines WHERE wrong
""")
WAITERS = """
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
     WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted
"""
PATIENCE_SECONDS = 30


async def trade(trading: Trading, members: list[Member], chance: random.Random) -> None:
    """Transfers between any two, many at once; some break limits."""
    pairs = [chance.sample(members, 2) for _ in range(TRANSFERS)]

    async def one(payer: Member, payee: Member) -> None:
        result = await trading.propose(payer, payee, f"{chance.randint(1, 9)}.00")
        if "transfer" in result:
            await trading.accept(payee, result["transfer"]["id"])

    await asyncio.gather(*(one(payer, payee) for payer, payee in pairs))


async def balance_at(database: Database, member: Member, moment: datetime) -> int:
    async with database.reading() as session:
        (standing,) = await standings_at(session, [At(member.entity_id, moment)])
    return standing.balance


async def lines_of(database: Database, statement: Statement) -> list[Line]:
    return [line async for batch in batches_of_lines(database, statement) for line in batch]


@pytest.mark.parametrize("seed", [1, 2])
async def test_answers_given_while_others_trade_stay_true(
    database: Database, make: MakeMember, trading: Trading, seed: int
) -> None:
    members, chance = [await make() for _ in range(MEMBERS)], random.Random(seed)
    trades = asyncio.create_task(trade(trading, members, chance))
    answers: list[tuple[Member, datetime, int]] = []
    while not trades.done():
        member, moment = chance.choice(members), datetime.now(UTC)
        answers.append((member, moment, await balance_at(database, member, moment)))
    await trades

    changed = [
        (moment, balance)
        for member, moment, balance in answers
        if await balance_at(database, member, moment) != balance
    ]

    assert len(answers) > 20
    assert changed == []


@pytest.mark.parametrize("seed", [1, 2])
async def test_statements_agree_with_the_books(
    database: Database, make: MakeMember, trading: Trading, seed: int
) -> None:
    members = [await make() for _ in range(MEMBERS)]
    await trade(trading, members, random.Random(seed))
    end = datetime.now(UTC)

    for member in members:
        async with database.reading() as session:
            whole = await read_statement(session, member.entity_id, Period(LONG_AGO, end))
        lines = await lines_of(database, whole)
        assert whole.stretch.closing.balance == sum(line.amount for line in lines)
        assert len(lines) == whole.stretch.line_count
        assert [line.balance for line in lines][-1:] == [whole.stretch.closing.balance][
            : len(lines)
        ]
    async with database.snapshot() as session:
        assert (await check_books(session, progress=lambda _: None)).differences == ()


async def test_periods_side_by_side_leave_nothing_out(
    database: Database, make: MakeMember, trading: Trading
) -> None:
    members = [await make() for _ in range(MEMBERS)]
    await trade(trading, members, random.Random(3))
    async with database.reading() as session:
        own = select(Posting.posted_at).where(Posting.entity_id == members[0].entity_id)
        moments = [LONG_AGO, *sorted(await session.scalars(own)), datetime.now(UTC)]

    numbers: list[int] = []
    closing = 0
    for since, until in pairwise(moments):
        async with database.reading() as session:
            part = await read_statement(session, members[0].entity_id, Period(since, until))
        assert part.stretch.opening.balance == closing
        closing = part.stretch.closing.balance
        numbers += [line.number for line in await lines_of(database, part)]

    assert numbers == list(range(1, len(moments) - 1))


async def test_times_follow_the_order_of_each_account_and_balances_sum_to_zero(
    empty_database: Database, empty_settings: Settings
) -> None:
    members = [await make_member(empty_database) for _ in range(MEMBERS)]
    app = create_app(empty_settings)
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as graphql:
        await trade(Trading(graphql), members, random.Random(4))

    async with empty_database.reading() as session:
        assert await session.scalar(DISORDER) == 0
        for moment in await session.scalars(select(Posting.posted_at).distinct()):
            asked = [At(m.entity_id, moment + timedelta(microseconds=1)) for m in members]
            assert sum(at.balance for at in await standings_at(session, asked)) == 0


async def test_answer_waits_for_a_line_that_is_being_written(
    database: Database, settings: Settings, make: MakeMember, trading: Trading
) -> None:
    ana, ben = await make(), await make()
    await trading.pay(ana, ben, "1.00")
    async with as_owner(settings) as writer, as_owner(settings) as watcher:
        writing = writer.transaction()
        await writing.start()
        await take(writer, ana)
        asked = asyncio.create_task(balance_at(database, ana, datetime.now(UTC)))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await watcher.fetchval(WAITERS):
                assert not asked.done()
        await writing.rollback()

    assert await asked == -100


async def take(writer: asyncpg.Connection, member: Member) -> None:
    """What the trigger does when a line is written."""
    lock = "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 25))"
    await writer.execute(lock, str(member.entity_id))
