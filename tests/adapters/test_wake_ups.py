"""Redis wakes and PostgreSQL remembers: what happens when Redis does not."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from mccs_graphql.adapters.wake_ups import CHANNEL, WakeUps
from mccs_graphql.app import create_app
from mccs_graphql.context import Services
from mccs_graphql.domain.events import WakeUp
from mccs_graphql.settings import Settings
from tests.adapters.own_redis import OwnRedis
from tests.clients import GraphQLClient, Live, serving
from tests.factories import MakeMember
from tests.resolvers.test_events import EVENTS, error_code, seen
from tests.resolvers.test_identity import LOG_OUT
from tests.trading import Trading

NEVER_SECONDS = 3600.0
SOON_SECONDS = 5.0


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where a Redis of this test's own keeps its socket."""
    with TemporaryDirectory(prefix="mccs-suite-redis-") as path:
        yield Path(path) / "data"


@pytest.fixture
def own_redis(folder: Path) -> Iterator[OwnRedis]:
    """A Redis that the test may stop and start."""
    with ExitStack() as stack:
        redis = OwnRedis(folder, stack)
        redis.start()
        yield redis


@asynccontextmanager
async def application(
    settings: Settings, *, redis_url: str, poll_seconds: float
) -> AsyncIterator[tuple[Live, Trading, Services]]:
    """Another process's application on the same database."""
    changed = {"redis_url": redis_url, "event_poll_seconds": poll_seconds}
    app = create_app(settings.model_copy(update=changed))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        graphql = await stack.enter_async_context(GraphQLClient.to(app))
        live = Live(await stack.enter_async_context(serving(app)))
        yield live, Trading(graphql), app.state.services


async def test_event_of_one_process_is_heard_in_another_without_polling(
    settings: Settings, own_redis: OwnRedis, make: MakeMember
) -> None:
    ana, ben = await make(), await make()
    async with (
        application(settings, redis_url=own_redis.url, poll_seconds=NEVER_SECONDS) as (live, *_),
        application(settings, redis_url=own_redis.url, poll_seconds=NEVER_SECONDS) as other,
        live.subscription(EVENTS, by=ben, id=ben.id) as events,
    ):
        await events.next()
        _, trading, _ = other

        id_ = await trading.proposed(ana, ben)

        assert seen(await events.next()) == ("TransferProposed", id_)


async def test_poll_finds_what_no_wake_up_told(
    settings: Settings, own_redis: OwnRedis, make: MakeMember, trading: Trading
) -> None:
    """`trading` publishes on another Redis, as if the process had died before publishing."""
    ana, ben = await make(), await make()
    async with (
        application(settings, redis_url=own_redis.url, poll_seconds=0.2) as (live, _, _),
        live.subscription(EVENTS, by=ben, id=ben.id) as events,
    ):
        await events.next()

        id_ = await trading.proposed(ana, ben)

        assert seen(await events.next()) == ("TransferProposed", id_)


async def test_trade_and_events_go_on_without_redis(
    settings: Settings, own_redis: OwnRedis, make: MakeMember
) -> None:
    ana, ben = await make(), await make()
    async with (
        application(settings, redis_url=own_redis.url, poll_seconds=0.2) as (live, trading, _),
        live.subscription(EVENTS, by=ben, id=ben.id) as events,
    ):
        await events.next()
        own_redis.stop()

        id_ = await trading.proposed(ana, ben)

        assert seen(await events.next()) == ("TransferProposed", id_)


async def test_socket_opened_without_redis_hears_all_the_same(
    settings: Settings, own_redis: OwnRedis, make: MakeMember
) -> None:
    ana, ben = await make(), await make()
    own_redis.stop()
    async with (
        application(settings, redis_url=own_redis.url, poll_seconds=0.2) as (live, trading, _),
        live.subscription(EVENTS, by=ben, id=ben.id) as events,
    ):
        await events.next()

        id_ = await trading.proposed(ana, ben)

        assert seen(await events.next()) == ("TransferProposed", id_)


async def test_redis_that_comes_back_wakes_again_and_nothing_was_missed(
    settings: Settings, own_redis: OwnRedis, make: MakeMember
) -> None:
    ana, ben = await make(), await make()
    async with (
        application(settings, redis_url=own_redis.url, poll_seconds=NEVER_SECONDS) as (
            live,
            trading,
            services,
        ),
        live.subscription(EVENTS, by=ben, id=ben.id) as events,
    ):
        await events.next()
        own_redis.stop()
        missed = await trading.proposed(ana, ben)
        own_redis.start()

        assert seen(await events.next()) == ("TransferProposed", missed)
        assert await services.wake_ups.is_reachable()
        id_ = await trading.proposed(ana, ben)
        assert seen(await events.next()) == ("TransferProposed", id_)


async def test_wake_up_carries_no_more_than_a_number(
    settings: Settings, own_redis: OwnRedis, make: MakeMember
) -> None:
    ana, ben = await make(), await make()
    async with Redis.from_url(own_redis.url) as redis, redis.pubsub() as pubsub:
        await pubsub.psubscribe(f"{CHANNEL}*")
        await pubsub.get_message(timeout=SOON_SECONDS)
        async with application(settings, redis_url=own_redis.url, poll_seconds=NEVER_SECONDS) as (
            _,
            trading,
            _,
        ):
            await trading.proposed(ana, ben)
            messages = [await pubsub.get_message(timeout=SOON_SECONDS) for _ in range(2)]

    assert {(m["channel"], m["data"]) for m in messages if m} == {
        (f"{CHANNEL}{member.entity_id}".encode(), b"1") for member in (ana, ben)
    }


async def test_channel_is_left_with_the_last_listener(own_redis: OwnRedis) -> None:
    entity_id = uuid4()

    async def ends(_: object) -> list[WakeUp]:
        return []

    wake_ups = WakeUps(own_redis.url, read_ends=ends, poll_seconds=NEVER_SECONDS)
    async with Redis.from_url(own_redis.url) as redis, wake_ups.running():
        async with wake_ups.listening(entity_id) as first, wake_ups.listening(entity_id):
            await asyncio.wait_for(first.wait(seen=0), SOON_SECONDS)
            assert await subscribers(redis, entity_id) == 1
        async with asyncio.timeout(SOON_SECONDS):
            while await subscribers(redis, entity_id):  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.01)


async def subscribers(redis: Redis, entity_id: object) -> int:
    """How many connections listen to an entity's channel."""
    ((_, found),) = await redis.pubsub_numsub(f"{CHANNEL}{entity_id}")
    return int(found)


async def test_stopping_while_it_connects_ends_at_once(own_redis: OwnRedis) -> None:
    """redis-py swallows a cancellation at that moment; the process would never stop."""

    async def ends(_: object) -> list[WakeUp]:
        return []

    for steps in range(12):
        wake_ups = WakeUps(own_redis.url, read_ends=ends, poll_seconds=NEVER_SECONDS)
        async with asyncio.timeout(SOON_SECONDS), wake_ups.running():
            for _ in range(steps):
                await asyncio.sleep(0)


async def test_session_that_ended_while_redis_was_away_ends_its_socket_when_it_is_back(
    settings: Settings, own_redis: OwnRedis, make: MakeMember, graphql: GraphQLClient
) -> None:
    ana, own = await make(), application
    async with (
        own(settings, redis_url=own_redis.url, poll_seconds=NEVER_SECONDS) as (live, _, _),
        live.subscription(EVENTS, by=ana, id=ana.id) as events,
    ):
        await events.next()
        own_redis.stop()
        await graphql(LOG_OUT, by=ana)
        own_redis.start()

        assert await error_code(events) == "UNAUTHENTICATED"


async def test_session_that_ended_hears_no_event_while_redis_is_away(
    settings: Settings,
    own_redis: OwnRedis,
    make: MakeMember,
    graphql: GraphQLClient,
    trading: Trading,
) -> None:
    ana, ben, own = await make(), await make(), application
    async with (
        own(settings, redis_url=own_redis.url, poll_seconds=0.1) as (live, _, _),
        live.subscription(EVENTS, by=ana, id=ana.id) as events,
    ):
        await events.next()
        own_redis.stop()
        await graphql(LOG_OUT, by=ana)
        await trading.proposed(ben, ana)

        assert await error_code(events) == "UNAUTHENTICATED"
