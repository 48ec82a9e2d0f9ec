"""New matches, live and in order."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import EntityStatus, Event
from tests.clients import Live
from tests.factories import MakeMember, Member
from tests.listings import set_status
from tests.profiles import Profiles
from tests.resolvers.test_events import EVENTS, PROPOSALS, error_code, seen
from tests.trading import Trading

MATCHES = """
subscription Matches($id: ID!, $after: String) {
  matchEvents(entityId: $id, after: $after) {
    __typename ... on LogMessage { cursor }
    ... on MatchFound { entity { id } reasons { kind own tag quality } }
  }
}"""


@pytest.fixture
def word() -> str:
    """A word that no other test uses."""
    return f"w{uuid4().hex[:12]}"


async def cursor_of(live: Live, member: Member) -> str:
    """Where the member's log ends."""
    async with live.subscription(MATCHES, by=member, id=member.id) as matches:
        cursor: str = (await matches.next())["cursor"]
        return cursor


def found(message: dict[str, Any]) -> str:
    """The id of the entity that was found."""
    assert message["__typename"] == "MatchFound", message
    id_: str = message["entity"]["id"]
    return id_


async def test_visitors_and_strangers_hear_nothing(live: Live, make: MakeMember) -> None:
    ana, eve = await make(), await make()

    for viewer, code in ((None, "UNAUTHENTICATED"), (eve, "FORBIDDEN")):
        async with live.subscription(MATCHES, by=viewer, id=ana.id) as matches:
            assert await error_code(matches) == code


async def test_match_arrives_when_another_member_lists_it(
    live: Live, make: MakeMember, profiles: Profiles, word: str
) -> None:
    ana, ben = await make(), await make()
    await profiles.updated(ana, wants=[word])

    async with live.subscription(MATCHES, by=ana, id=ana.id) as matches:
        assert (await matches.next())["__typename"] == "CaughtUp"
        await profiles.updated(ben, offers=[word, f"dark-{word}"])
        message = await matches.next()

    assert found(message) == ben.id
    assert message["reasons"] == [
        {"kind": "OFFER", "own": word, "tag": word, "quality": "EXACT"},
        {"kind": "OFFER", "own": word, "tag": f"dark-{word}", "quality": "INSIDE"},
    ]


async def test_entity_that_is_not_listed_any_more_is_passed_over(
    live: Live, make: MakeMember, profiles: Profiles, database: Database, word: str
) -> None:
    ana, ben, cai = await make(), await make(), await make()
    await profiles.updated(ana, wants=[word])
    cursor = await cursor_of(live, ana)
    async with live.subscription(MATCHES, by=ana, id=ana.id) as matches:
        await matches.next()
        for member in (ben, cai):
            await profiles.updated(member, offers=[word])
            await matches.next()
    await set_status(database, ben, EntityStatus.REJECTED)

    async with live.subscription(MATCHES, by=ana, id=ana.id, after=cursor) as matches:
        assert found(await matches.next()) == cai.id


async def test_cursor_brings_what_was_missed_once_and_in_order(
    live: Live, make: MakeMember, profiles: Profiles, word: str
) -> None:
    ana, ben, cai = await make(), await make(), await make()
    await profiles.updated(ana, wants=[word])
    cursor = await cursor_of(live, ana)
    async with live.subscription(MATCHES, by=ana, id=ana.id) as matches:
        await matches.next()
        for member in (ben, cai):
            await profiles.updated(member, offers=[word])
            await matches.next()

    async with live.subscription(MATCHES, by=ana, id=ana.id, after=cursor) as matches:
        first, second, caught_up = [await matches.next() for _ in range(3)]

    assert [found(first), found(second)] == [ben.id, cai.id]
    assert caught_up == {"__typename": "CaughtUp", "cursor": second["cursor"]}


async def test_cursor_older_than_what_is_kept_asks_for_a_resync(
    live: Live, make: MakeMember, profiles: Profiles, database: Database, word: str
) -> None:
    ana, ben, cai = await make(), await make(), await make()
    await profiles.updated(ana, wants=[word])
    cursor = await cursor_of(live, ana)
    async with live.subscription(MATCHES, by=ana, id=ana.id) as matches:
        await matches.next()
        for member in (ben, cai):
            await profiles.updated(member, offers=[word])
            await matches.next()
    async with database.writing() as session:
        await session.execute(delete(Event).where(Event.entity_id == ana.entity_id, Event.seq < 2))

    async with live.subscription(MATCHES, by=ana, id=ana.id, after=cursor) as matches:
        assert (await matches.next())["__typename"] == "ResyncRequired"


async def test_transfers_and_matches_share_a_log_and_do_not_mix(
    live: Live, make: MakeMember, profiles: Profiles, trading: Trading, word: str
) -> None:
    ana, ben = await make(), await make()
    await profiles.updated(ana, wants=[word])
    cursor = await cursor_of(live, ana)
    async with live.subscription(MATCHES, by=ana, id=ana.id) as matches:
        await matches.next()
        first = await trading.proposed(ben, ana, "1.00")
        await profiles.updated(ben, offers=[word])
        match = await matches.next()
        second = await trading.proposed(ben, ana, "1.00")

    for document in (EVENTS, PROPOSALS):
        async with live.subscription(document, by=ana, id=ana.id, after=cursor) as events:
            heard = [await events.next() for _ in range(2)]
        assert [seen(event) for event in heard] == [
            ("TransferProposed", first),
            ("TransferProposed", second),
        ]
    async with live.subscription(EVENTS, by=ana, id=ana.id, after=match["cursor"]) as events:
        assert seen(await events.next()) == ("TransferProposed", second)
    async with live.subscription(MATCHES, by=ana, id=ana.id, after=heard[0]["cursor"]) as matches:
        assert found(await matches.next()) == ben.id
