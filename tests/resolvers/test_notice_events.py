"""What users are told, live."""

from typing import Any

from sqlalchemy import delete, select

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import AdminRole, Notice, UserSession
from tests.clients import Live
from tests.factories import Login, MakeAgent, MakeMember, make_admin
from tests.notices import tell
from tests.resolvers.test_events import error_code
from tests.resolvers.test_notice_list import notify
from tests.trading import Trading

EVENTS = """
subscription Notices($after: String) {
  noticeEvents(after: $after) {
    __typename ... on LogMessage { cursor }
    ... on NoticeAdded { notice { id kind subject { ... on Transfer { id } } } }
  }
}"""


def added(message: dict[str, Any]) -> str:
    """The id of the notice."""
    assert message["__typename"] == "NoticeAdded", message
    id_: str = message["notice"]["id"]
    return id_


async def cursor_of(live: Live, by: Login) -> str:
    """Where the notices end that have a number."""
    async with live.subscription(EVENTS, by=by) as events:
        cursor: str = (await events.next())["cursor"]
        return cursor


async def test_visitors_and_api_tokens_hear_nothing(
    live: Live, make: MakeMember, agent: MakeAgent
) -> None:
    ana = await make()

    for viewer, code in ((None, "UNAUTHENTICATED"), (await agent(ana), "FORBIDDEN")):
        async with live.subscription(EVENTS, by=viewer) as events:
            assert await error_code(events) == code


async def test_cursor_of_another_user_is_refused(live: Live, make: MakeMember) -> None:
    ana, eve = await make(), await make()

    async with live.subscription(EVENTS, by=eve, after=await cursor_of(live, ana)) as events:
        assert await error_code(events) == "BAD_USER_INPUT"


async def test_proposal_is_told_at_once_to_who_is_to_decide(
    live: Live, make: MakeMember, trading: Trading
) -> None:
    ana, ben = await make(), await make()

    async with live.subscription(EVENTS, by=ben) as events:
        assert (await events.next())["__typename"] == "CaughtUp"
        id_ = await trading.proposed(ana, ben)
        message = await events.next()

    assert message["notice"]["kind"] == "TRANSFER_PROPOSED"
    assert message["notice"]["subject"] == {"id": id_}


async def test_admins_hear_of_their_own_login(live: Live, database: Database) -> None:
    admin = await make_admin(database, AdminRole.AUDITOR)
    cursor = await cursor_of(live, admin)
    (id_,) = await notify(database, admin)
    await tell(database)

    async with live.subscription(EVENTS, by=admin, after=cursor) as events:
        assert added(await events.next()) == id_


async def test_cursor_brings_what_was_missed_once_and_in_order(
    live: Live, make: MakeMember, database: Database
) -> None:
    ana = await make()
    cursor = await cursor_of(live, ana)
    ids = await notify(database, ana, times=150)
    await tell(database)

    async with live.subscription(EVENTS, by=ana, after=cursor) as events:
        heard = [await events.next() for _ in ids]
        caught_up = await events.next()

    assert [added(message) for message in heard] == ids
    assert caught_up == {"__typename": "CaughtUp", "cursor": heard[-1]["cursor"]}


async def test_notices_that_are_gone_ask_for_a_resync(
    live: Live, make: MakeMember, database: Database
) -> None:
    ana = await make()
    cursor = await cursor_of(live, ana)
    await notify(database, ana, times=2)
    await tell(database)
    async with database.writing() as session:
        oldest = select(Notice.id).where(Notice.user_id == ana.user_id).order_by(Notice.id).limit(1)
        await session.execute(delete(Notice).where(Notice.id.in_(oldest)))

    async with live.subscription(EVENTS, by=ana, after=cursor) as events:
        resync = await events.next()

    assert resync["__typename"] == "ResyncRequired"
    assert resync["cursor"] == await cursor_of(live, ana)


async def test_who_is_logged_out_hears_no_more(
    live: Live, make: MakeMember, trading: Trading, database: Database
) -> None:
    ana, ben = await make(), await make()
    async with live.subscription(EVENTS, by=ben) as events:
        await events.next()
        async with database.writing() as session:
            await session.execute(delete(UserSession).where(UserSession.user_id == ben.user_id))
        await trading.proposed(ana, ben)

        assert await error_code(events) == "UNAUTHENTICATED"
