"""What is done beside serving."""

import asyncio

from mccs_graphql.adapters.housekeeping import Housekeeping
from mccs_graphql.adapters.metrics import Metrics
from mccs_graphql.cli import worker
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import TagKind
from mccs_graphql.domain.directory.listings import replace_tags
from mccs_graphql.domain.events import WakeUp
from mccs_graphql.settings import Settings
from tests.factories import make_member
from tests.listings import carry, told, waiting
from tests.receivers import answering, receiver
from tests.sending import until
from tests.webhooks import make_webhook, propose, webhook_of

PATIENCE_SECONDS = 30


async def until_nothing_waits(database: Database) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await waiting(database):  # noqa: ASYNC110 - a row has no event
            await asyncio.sleep(0.05)


async def test_what_a_member_lists_is_told_at_once_and_readers_are_woken(
    empty_settings: Settings, empty_database: Database
) -> None:
    ana, ben = await make_member(empty_database), await make_member(empty_database)
    await carry(empty_database, ben, wants=["bread"])
    published: list[WakeUp] = []
    house = Housekeeping(empty_settings, publish=published.extend)

    async with house.running():
        await until_nothing_waits(empty_database)
        async with empty_database.writing() as session:
            await replace_tags(session, ana.entity_id, {TagKind.OFFER: ["bread"]})
        house.heed(session)
        await until_nothing_waits(empty_database)

    assert await told(empty_database, ben) == [ana.entity_id]
    assert published == [WakeUp(ben.entity_id, 1)]


async def test_worker_tells_what_was_left_to_do(
    empty_settings: Settings, empty_database: Database
) -> None:
    ana, ben = await make_member(empty_database), await make_member(empty_database)
    await carry(empty_database, ben, wants=["bread"])
    await carry(empty_database, ana, offers=["bread"])

    async with worker.housekeeping(empty_settings, Metrics(), {}):
        await until_nothing_waits(empty_database)

    assert await told(empty_database, ben) == [ana.entity_id]


async def test_worker_calls_webhooks(empty_settings: Settings, empty_database: Database) -> None:
    ana, ben = await make_member(empty_database), await make_member(empty_database)
    async with receiver() as opened:
        await make_webhook(empty_database, ana, opened.url)
        await propose(empty_database, ana, ben, times=3)

        async with worker.housekeeping(empty_settings, Metrics(), {}):
            await until(lambda: len(opened.received) == 3)

    assert len(set(opened.ids)) == 3


async def test_end_of_the_process_waits_for_a_call_and_what_came_of_it(
    empty_settings: Settings, empty_database: Database
) -> None:
    ana, ben = await make_member(empty_database), await make_member(empty_database)
    async with receiver(slow) as opened:
        webhook = await make_webhook(empty_database, ana, opened.url)
        await propose(empty_database, ana, ben)

        async with worker.housekeeping(empty_settings, Metrics(), {}):
            await until(lambda: len(opened.received) == 1)

    assert (await webhook_of(empty_database, webhook)).position == 1


async def slow(writer: asyncio.StreamWriter) -> None:
    """Takes a moment, and then says yes."""
    await asyncio.sleep(1)
    await answering(204)(writer)
