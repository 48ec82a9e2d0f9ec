"""What happens to an entity's transfers, live and in order."""

import asyncio
import random
from typing import Any

from sqlalchemy import delete, text

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Event, Membership
from tests.clients import Live, Subscription
from tests.factories import MakeMember, Member
from tests.trading import Trading

EVENTS = """
subscription Events($id: ID!, $after: String) {
  transferEvents(entityId: $id, after: $after) {
    __typename ... on LogMessage { cursor }
    ... on TransferEvent { transfer { id state payer { name account { balance } } } }
  }
}"""
PROPOSALS = """
subscription Proposals($id: ID!, $after: String) {
  transferProposed(entityId: $id, after: $after) {
    __typename ... on LogMessage { cursor } ... on TransferProposed { transfer { id } }
  }
}"""


def seen(event: dict[str, Any]) -> tuple[str, str]:
    """What an event says, short."""
    return event["__typename"], event["transfer"]["id"]


async def error_code(subscription: Subscription) -> str:
    """The code with which a subscription ends."""
    message = await subscription.message()
    errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
    code: str = errors[0]["extensions"]["code"]
    return code


async def test_visitor_hears_nothing(live: Live, make: MakeMember) -> None:
    ana = await make()

    async with live.subscription(EVENTS, by=None, id=ana.id) as events:
        assert await error_code(events) == "UNAUTHENTICATED"


async def test_nobody_listens_for_an_entity_of_others(live: Live, make: MakeMember) -> None:
    ana, eve = await make(), await make()

    async with live.subscription(EVENTS, by=eve, id=ana.id) as events:
        assert await error_code(events) == "FORBIDDEN"


async def test_cursor_of_another_log_is_refused(live: Live, make: MakeMember) -> None:
    ana, ben = await make(), await make()
    async with live.subscription(EVENTS, by=ana, id=ana.id) as events:
        cursor = (await events.next())["cursor"]

    async with live.subscription(EVENTS, by=ben, id=ben.id, after=cursor) as events:
        assert await error_code(events) == "BAD_USER_INPUT"


async def test_subscription_without_a_cursor_starts_now(
    live: Live, trading: Trading, make: MakeMember
) -> None:
    ana, ben = await make(), await make()
    await trading.proposed(ana, ben)

    async with live.subscription(EVENTS, by=ben, id=ben.id) as events:
        first = await events.next()
        id_ = await trading.proposed(ana, ben)

        assert first["__typename"] == "CaughtUp"
        assert seen(await events.next()) == ("TransferProposed", id_)


async def test_proposal_and_decisions_reach_both_sides(
    live: Live, trading: Trading, make: MakeMember
) -> None:
    ana, ben = await make(), await make()
    async with (
        live.subscription(EVENTS, by=ana, id=ana.id) as at_ana,
        live.subscription(EVENTS, by=ben, id=ben.id) as at_ben,
    ):
        for side in (at_ana, at_ben):
            await side.next()
        accepted, rejected = await trading.proposed(ana, ben), await trading.proposed(ana, ben)
        await trading.accept(ben, accepted)
        await trading.reject(ben, rejected)

        for side in (at_ana, at_ben):
            assert [seen(await side.next()) for _ in range(4)] == [
                ("TransferProposed", accepted),
                ("TransferProposed", rejected),
                ("TransferCompleted", accepted),
                ("TransferCancelled", rejected),
            ]


async def test_event_shows_the_balance_of_its_own_moment(
    live: Live, trading: Trading, make: MakeMember
) -> None:
    """Loaders that remember would go on showing the first balance."""
    ana, ben = await make(), await make()

    async with live.subscription(EVENTS, by=ana, id=ana.id) as events:
        await events.next()
        balances = []
        for _ in range(3):
            await trading.pay(ana, ben, "1.00")
            await events.next()
            balances.append((await events.next())["transfer"]["payer"]["account"]["balance"])

    assert balances == ["-1.00", "-2.00", "-3.00"]


async def test_cursor_brings_what_was_missed_once_and_in_order(
    live: Live, trading: Trading, make: MakeMember
) -> None:
    ana, ben = await make(), await make()
    async with live.subscription(EVENTS, by=ben, id=ben.id) as events:
        cursor = (await events.next())["cursor"]
    missed = [await trading.proposed(ana, ben, "1.00") for _ in range(3)]

    async with live.subscription(EVENTS, by=ben, id=ben.id, after=cursor) as events:
        heard = [await events.next() for _ in range(3)]
        caught_up = await events.next()

    assert [event["transfer"]["id"] for event in heard] == missed
    assert caught_up == {"__typename": "CaughtUp", "cursor": heard[-1]["cursor"]}


async def test_more_was_missed_than_a_page_holds(
    live: Live, trading: Trading, make: MakeMember, database: Database
) -> None:
    ana, ben = await make(), await make()
    async with live.subscription(EVENTS, by=ben, id=ben.id) as events:
        cursor = (await events.next())["cursor"]
    id_ = await trading.proposed(ana, ben)
    await repeat_events(database, ben, times=250)

    async with live.subscription(EVENTS, by=ben, id=ben.id, after=cursor) as events:
        heard = [await events.next() for _ in range(251)]

        assert {event["transfer"]["id"] for event in heard} == {id_}
        assert len({event["cursor"] for event in heard}) == 251
        assert (await events.next())["__typename"] == "CaughtUp"


async def test_cursor_older_than_what_is_kept_asks_for_a_resync(
    live: Live, trading: Trading, make: MakeMember, database: Database
) -> None:
    ana, ben = await make(), await make()
    async with live.subscription(EVENTS, by=ben, id=ben.id) as events:
        cursor = (await events.next())["cursor"]
    for _ in range(3):
        await trading.proposed(ana, ben)
    async with database.writing() as session:
        await session.execute(delete(Event).where(Event.entity_id == ben.entity_id, Event.seq < 3))

    async with live.subscription(EVENTS, by=ben, id=ben.id, after=cursor) as events:
        resync = await events.next()
        id_ = await trading.proposed(ana, ben)

        assert resync["__typename"] == "ResyncRequired"
        assert resync["cursor"] == (await events.next())["cursor"]
        assert seen(await events.next()) == ("TransferProposed", id_)


async def test_only_incoming_proposals_come_as_transfer_proposed(
    live: Live, trading: Trading, make: MakeMember
) -> None:
    ana, ben = await make(), await make()
    async with live.subscription(PROPOSALS, by=ben, id=ben.id) as proposals:
        await proposals.next()
        await trading.proposed(ben, ana)
        await trading.pay(ben, ana, "1.00")
        pushed = await trading.proposed(ana, ben)
        pulled = await trading.proposed(ana, ben, direction="IN")

        assert seen(await proposals.next()) == ("TransferProposed", pushed)
        assert seen(await proposals.next()) == ("TransferProposed", pulled)


async def test_member_who_is_removed_hears_no_more(
    live: Live, trading: Trading, make: MakeMember, database: Database
) -> None:
    ana, ben = await make(), await make()
    async with live.subscription(EVENTS, by=ben, id=ben.id) as events:
        await events.next()
        async with database.writing() as session:
            await session.execute(delete(Membership).where(Membership.user_id == ben.user_id))
        await trading.proposed(ana, ben)

        assert await error_code(events) == "FORBIDDEN"


async def test_many_subscriptions_share_one_socket(
    live: Live, trading: Trading, make: MakeMember
) -> None:
    ana, ben = await make(), await make()
    async with live.socket(ben) as socket:
        ids = {(await socket.subscribe(EVENTS, id=ben.id)).id for _ in range(3)}
        caught_up = [await socket.hear() for _ in ids]
        await trading.proposed(ana, ben)
        proposed = [await socket.hear() for _ in ids]

    for messages, name in ((caught_up, "CaughtUp"), (proposed, "TransferProposed")):
        assert {message["id"] for message in messages} == ids
        assert all(name in str(message["payload"]) for message in messages)


async def test_nothing_is_left_behind_when_sockets_close(
    live: Live, make: MakeMember, services: Any
) -> None:
    ana = await make()
    before = services.wake_ups.listener_count
    for _ in range(10):
        async with live.subscription(EVENTS, by=ana, id=ana.id) as events:
            await events.next()

    async with asyncio.timeout(5):
        while services.wake_ups.listener_count != before:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)


async def test_subscriber_that_reconnects_at_random_hears_everything_once(
    live: Live, trading: Trading, make: MakeMember
) -> None:
    ana, ben, chance = await make(), await make(), random.Random(7)

    async def trade() -> list[tuple[str, str]]:
        happened = []
        for _ in range(15):
            id_ = await trading.proposed(ana, ben, "1.00")
            happened.append(("TransferProposed", id_))
            if chance.random() < 0.5:
                await trading.reject(ben, id_)
                happened.append(("TransferCancelled", id_))
        return happened

    async with live.subscription(EVENTS, by=ben, id=ben.id) as events:
        cursor = (await events.next())["cursor"]
    trader = asyncio.create_task(trade())
    heard: list[tuple[str, str]] = []
    while not trader.done() or len(heard) < len(trader.result()):
        async with live.subscription(EVENTS, by=ben, id=ben.id, after=cursor) as events:
            for _ in range(chance.randint(1, 4)):
                event = await events.next()
                cursor = event["cursor"]
                if event["__typename"] == "CaughtUp":
                    break
                heard.append(seen(event))

    assert heard == await trader


async def repeat_events(database: Database, of: Member, *, times: int) -> None:
    """Append copies of the entity's last event to its log."""
    async with database.writing() as session:
        await session.execute(
            text("""
                INSERT INTO events (entity_id, seq, kind, transfer_id)
                SELECT entity_id, seq + n, kind, transfer_id
                  FROM (SELECT * FROM events WHERE entity_id = :id ORDER BY seq DESC LIMIT 1) last,
                       generate_series(1, :times) n
            """),
            {"id": of.entity_id, "times": times},
        )
        await session.execute(
            text("UPDATE accounts SET event_seq = event_seq + :times WHERE entity_id = :id"),
            {"id": of.entity_id, "times": times},
        )
