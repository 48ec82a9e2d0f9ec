"""Hundreds of commands at once on a few accounts with tight limits."""

import asyncio
import random
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import text

from mccs_graphql.db.engine import Database
from mccs_graphql.domain.ledger.books import check_books
from tests.clients import Live, Subscription
from tests.factories import MakeMember, Member
from tests.resolvers.test_events import EVENTS, seen
from tests.trading import Trading

MEMBERS = 4
TRANSFERS = 120
AT_ONCE = 25
LIMIT = "20.00"
FORESEEN = {
    None,
    "CREDIT_LIMIT_EXCEEDED",
    "BALANCE_CEILING_EXCEEDED",
    "COUNTERPARTY_LIMIT_EXCEEDED",
    "TRANSFER_ALREADY_DECIDED",
    "TRANSFER_CANCELLED_BY_SYSTEM",
}

OUT_OF_LIMITS = text("""
    SELECT count(*) FROM postings JOIN accounts USING (entity_id)
     WHERE balance_after NOT BETWEEN -max_negative_balance AND max_positive_balance
       AND entity_id = ANY(:ids)
""")
LOG = text("""
    SELECT kind, transfer_id::text FROM events WHERE entity_id = :id ORDER BY seq
""")


class Storm:
    """Members who propose to one another and decide at the same moment."""

    def __init__(self, trading: Trading, members: list[Member], chance: random.Random) -> None:
        self.trading, self.members, self.chance = trading, members, chance
        self.codes: Counter[str | None] = Counter()
        self._places = asyncio.Semaphore(AT_ONCE)

    async def blow(self) -> None:
        """Every transfer at once, as far as there are places."""
        await asyncio.gather(*(self.one_transfer() for _ in range(TRANSFERS)))

    async def one_transfer(self) -> None:
        """Propose; then accept, reject and cancel in any order, all at once and some twice."""
        initiator, receiver = self.chance.sample(self.members, 2)
        direction, amount = self.chance.choice(["OUT", "IN"]), f"{self.chance.randint(1, 9)}.00"
        async with self._places:
            result = await self.trading.propose(initiator, receiver, amount, direction=direction)
            self.codes[result.get("code")] += 1
            if "code" in result:
                return
            await self.decide(initiator, receiver, result["transfer"]["id"])

    async def decide(self, initiator: Member, receiver: Member, id_: str) -> None:
        """A race of decisions, of which one wins."""
        decisions = [
            self.trading.accept(receiver, id_),
            self.trading.accept(receiver, id_),
            self.trading.reject(receiver, id_),
            self.trading.cancel(initiator, id_),
        ]
        chosen = self.chance.sample(decisions, self.chance.randint(1, 4))
        for unused in decisions:
            if unused not in chosen:
                unused.close()
        for result in await asyncio.gather(*chosen):
            self.codes[result.get("code")] += 1


@pytest.mark.parametrize("seed", [1, 2])
async def test_storm_breaks_no_limit_and_decides_nothing_twice(
    trading: Trading, make: MakeMember, database: Database, live: Live, seed: int
) -> None:
    members = [await make(floor=LIMIT, ceiling=LIMIT) for _ in range(MEMBERS)]
    storm = Storm(trading, members, random.Random(seed))
    over = asyncio.Event()
    listeners = [asyncio.create_task(listen(live, member, over, seed)) for member in members]
    await asyncio.sleep(0.5)

    await storm.blow()
    over.set()
    heard = await asyncio.gather(*listeners)

    assert set(storm.codes) <= FORESEEN, storm.codes
    assert storm.codes["COUNTERPARTY_LIMIT_EXCEEDED"] + storm.codes["CREDIT_LIMIT_EXCEEDED"] > 0
    async with database.snapshot() as session:
        assert (await check_books(session, progress=lambda _: None)).differences == ()
        ids = [member.entity_id for member in members]
        assert await session.scalar(OUT_OF_LIMITS, {"ids": ids}) == 0
        for member, events in zip(members, heard, strict=True):
            log = [tuple(row) for row in await session.execute(LOG, {"id": member.entity_id})]
            assert len(log) == len(events)
            assert [kind[0].upper() + kind[1:] for kind, _ in log] == [kind for kind, _ in events]
            assert max(Counter(log).values()) == 1
            decided = [id_ for kind, id_ in log if kind != "transferProposed"]
            assert len(decided) == len(set(decided))


async def listen(
    live: Live, member: Member, over: asyncio.Event, seed: int
) -> list[tuple[str, str]]:
    """What a member hears who loses the connection again and again, until all is heard."""
    chance, cursor = random.Random(seed), None
    heard: list[tuple[str, str]] = []
    while True:
        async with live.subscription(EVENTS, by=member, id=member.id, after=cursor) as events:
            last_round = over.is_set()
            for _ in range(chance.randint(1, 20)):
                event = await hear(events, over)
                if event is None:
                    break
                cursor = event["cursor"]
                if event["__typename"] != "CaughtUp":
                    heard.append(seen(event))
                elif last_round:
                    return heard


async def hear(events: Subscription, over: asyncio.Event) -> dict[str, Any] | None:
    """The next event; None once it is over and nothing comes for a moment."""
    next_event = asyncio.create_task(events.next())
    while True:
        done, _ = await asyncio.wait({next_event}, timeout=0.5)
        if done:
            return next_event.result()
        if over.is_set():
            next_event.cancel()
            return None
