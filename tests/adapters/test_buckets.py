"""Buckets: never more than they hold, whoever draws at the same moment, with Redis or without."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from mccs_graphql.adapters.buckets import TELL_SECONDS, Buckets
from mccs_graphql.adapters.local_buckets import KEPT_MAX, LocalBuckets
from mccs_graphql.adapters.tabs import SHARE
from mccs_graphql.domain.rates import (
    KEY_PREFIX,
    MICROSECONDS,
    PERIOD,
    PERIOD_SECONDS,
    Bucket,
    Draw,
)
from mccs_graphql.settings import Settings
from tests.adapters.own_redis import OwnRedis

SOON_SECONDS = 10.0
SIZE = 1000


def bucket(size: int) -> Bucket:
    """A full one."""
    return Bucket("test", f"{KEY_PREFIX}test:{uuid4().hex}", size)


@pytest.fixture(params=["redis", "local"])
async def buckets(
    request: pytest.FixtureRequest, settings: Settings
) -> AsyncIterator[Buckets | LocalBuckets]:
    """Each of the two, which have to behave alike."""
    if request.param == "local":
        yield LocalBuckets()
        return
    shared = Buckets(settings.redis_url)
    async with shared.running():
        yield shared


async def waits(buckets: Buckets | LocalBuckets, *draws: Draw) -> list[int]:
    """How long each draw has to wait, all at the same moment."""
    if isinstance(buckets, LocalBuckets):
        return [buckets.take(draw).wait for draw in draws]
    outcomes = await asyncio.gather(*(buckets.take(draw) for draw in draws))
    return [outcome.wait for outcome in outcomes]


async def spent(draw: Draw, *processes: Buckets) -> tuple[int, float]:
    """The points that were given until each process refused, and what there was meanwhile."""
    (drawn,) = draw.buckets
    began, given = time.monotonic(), 0
    refusing: set[Buckets] = set()
    while len(refusing) < len(processes):
        for buckets in processes:
            found = await waits(buckets, *[draw] * 2)
            given += draw.cost * found.count(0)
            refusing |= {buckets} if any(found) else set()
    return given, drawn.size * (1 + (time.monotonic() - began) / PERIOD_SECONDS)


async def opened(buckets: Buckets, drawn: Bucket, redis: Redis) -> int:
    """When the bucket is full after a draw that was too dear for a tab."""
    await buckets.take(Draw((drawn,), SIZE // 2))
    return await full_at(drawn, redis)


async def full_at(drawn: Bucket, redis: Redis) -> int:
    """What Redis keeps of the bucket."""
    return int(await redis.get(drawn.key) or 0)


class TestEither:
    async def test_no_more_is_taken_than_there_is(self, buckets: Buckets | LocalBuckets) -> None:
        draw = Draw((bucket(30),), 1)
        found = await waits(buckets, *[draw] * 50)
        assert found.count(0) == 30

    async def test_what_does_not_fit_takes_nothing(self, buckets: Buckets | LocalBuckets) -> None:
        small, large = bucket(5), bucket(100)
        found = await waits(buckets, *[Draw((large, small), 5)] * 20, Draw((large,), 95))
        assert found.count(0) == 2
        assert found[-1] == 0

    async def test_who_draws_nothing_only_looks(self, buckets: Buckets | LocalBuckets) -> None:
        full, used = bucket(30), bucket(30)
        await waits(buckets, Draw((used,), 10))

        assert await waits(buckets, *[Draw((full, used), 0)] * 50) == [0] * 50

        assert await waits(buckets, Draw((full,), 30), Draw((used,), 20)) == [0, 0]
        assert isinstance(buckets, LocalBuckets) or not buckets.are_local

    async def test_wait_is_as_long_as_said(self, buckets: Buckets | LocalBuckets) -> None:
        draw = Draw((bucket(600),), 1)
        await waits(buckets, *[draw] * 600)
        (wait,) = await waits(buckets, draw)
        assert 0 < wait <= PERIOD / 600

        await asyncio.sleep(wait / MICROSECONDS + 0.002)

        assert await waits(buckets, draw) == [0]

    async def test_dearer_than_the_bucket_needs_a_full_one(
        self, buckets: Buckets | LocalBuckets
    ) -> None:
        draw = Draw((bucket(10),), 500)
        first, second = await waits(buckets, draw, draw)
        assert (first, second > 0) == (0, True)
        assert second <= PERIOD

    async def test_many_callers_do_not_meet(self, buckets: Buckets | LocalBuckets) -> None:
        draws = [Draw((bucket(size), bucket(size)), 1) for size in range(1, 300)]
        assert set(await waits(buckets, *draws)) == {0}


class TestShared:
    async def test_processes_count_together(self, settings: Settings) -> None:
        one, other = Buckets(settings.redis_url), Buckets(settings.redis_url)
        draw = Draw((bucket(30),), 1)
        async with one.running(), other.running():
            found = await asyncio.gather(waits(one, *[draw] * 25), waits(other, *[draw] * 25))
        assert sum(waits_.count(0) for waits_ in found) == 30

    async def test_every_key_expires_when_its_bucket_is_full(self, settings: Settings) -> None:
        drawn = bucket(60)
        async with Redis.from_url(settings.redis_url) as redis:
            buckets = Buckets(settings.redis_url)
            async with buckets.running():
                await waits(buckets, Draw((drawn,), 1), Draw((drawn,), 1))
            left = await redis.pttl(drawn.key)
            others = [await redis.pttl(key) async for key in redis.scan_iter(f"{KEY_PREFIX}*")]
        assert 1000 < left <= 2001
        assert -1 not in others

    async def test_script_is_sent_again_to_a_redis_that_lost_it(self, settings: Settings) -> None:
        buckets = Buckets(settings.redis_url)
        async with buckets.running(), Redis.from_url(settings.redis_url) as redis:
            await waits(buckets, Draw((bucket(1),), 1))
            await redis.script_flush()
            assert await waits(buckets, Draw((bucket(1),), 1)) == [0]
            assert not buckets.are_local


class TestTabs:
    async def test_one_process_gives_no_more_than_the_bucket(self, settings: Settings) -> None:
        draw = Draw((bucket(SIZE),), 3)
        buckets = Buckets(settings.redis_url)
        async with buckets.running():
            given, most = await spent(draw, buckets)
        assert SIZE - draw.cost < given <= most

    async def test_each_further_process_gives_at_most_its_tab_more(
        self, settings: Settings
    ) -> None:
        draw = Draw((bucket(SIZE),), 3)
        one, other = Buckets(settings.redis_url), Buckets(settings.redis_url)
        async with one.running(), other.running():
            given, most = await spent(draw, one, other)
        assert SIZE - draw.cost < given <= most + SIZE // SHARE

    async def test_redis_soon_knows_all_that_was_given(self, settings: Settings) -> None:
        buckets, drawn = Buckets(settings.redis_url), bucket(SIZE)
        async with buckets.running(), Redis.from_url(settings.redis_url) as redis:
            before = await opened(buckets, drawn, redis)
            await buckets.take(Draw((drawn,), 10))
            async with asyncio.timeout(SOON_SECONDS):
                while await full_at(drawn, redis) - before < 10 * PERIOD / SIZE:  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(TELL_SECONDS)

    async def test_redis_is_told_when_the_process_ends(self, settings: Settings) -> None:
        buckets, drawn = Buckets(settings.redis_url), bucket(SIZE)
        async with Redis.from_url(settings.redis_url) as redis:
            async with buckets.running():
                before = await opened(buckets, drawn, redis)
                await buckets.take(Draw((drawn,), 10))
            assert await full_at(drawn, redis) - before >= 10 * PERIOD / SIZE


class TestLocal:
    def test_keeps_no_more_than_so_many(self) -> None:
        local = LocalBuckets()
        for number in range(KEPT_MAX + 50):
            local.take(Draw((Bucket("test", str(number), 10),), 1))
        assert len(local) == KEPT_MAX


class TestWithoutRedis:
    @pytest.fixture
    def own_redis(self) -> Iterator[OwnRedis]:
        """A Redis that the test may stop and start."""
        with TemporaryDirectory(prefix="mccs-suite-redis-") as path, ExitStack() as stack:
            redis = OwnRedis(Path(path) / "data", stack)
            redis.start()
            yield redis

    async def test_each_process_counts_for_itself_and_says_so_once(
        self, own_redis: OwnRedis, caplog: pytest.LogCaptureFixture
    ) -> None:
        buckets = Buckets(own_redis.url)
        async with buckets.running():
            await waits(buckets, Draw((bucket(5),), 1))
            await asyncio.to_thread(own_redis.stop)

            found = await waits(buckets, *[Draw((bucket_ := bucket(30),), 1)] * 25)
            found += await waits(buckets, *[Draw((bucket_,), 1)] * 25)

        assert found.count(0) == 30
        assert caplog.text.count("counts for itself") == 1

    async def test_most_draws_of_a_caller_need_no_call(self, own_redis: OwnRedis) -> None:
        draw = Draw((bucket(5000), bucket(5000)), 1)
        buckets = Buckets(own_redis.url)
        async with buckets.running(), Redis.from_url(own_redis.url) as redis:
            for _ in range(200):
                await buckets.take(draw)
            calls = (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"]
        assert calls < 20

    async def test_redis_that_comes_back_counts_again(self, own_redis: OwnRedis) -> None:
        draw = Draw((bucket(1),), 1)
        buckets = Buckets(own_redis.url)
        async with buckets.running():
            await asyncio.to_thread(own_redis.stop)
            assert await waits(buckets, draw) == [0]
            assert buckets.are_local

            await asyncio.to_thread(own_redis.start)
            async with asyncio.timeout(SOON_SECONDS):
                while buckets.are_local:  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(0.05)

            assert await waits(buckets, draw) == [0]
            async with Redis.from_url(own_redis.url) as redis:
                assert await redis.exists(draw.buckets[0].key)

    async def test_redis_that_is_silent_holds_nobody_up_for_long(self, own_redis: OwnRedis) -> None:
        buckets = Buckets(own_redis.url)
        async with buckets.running(), Redis.from_url(own_redis.url) as redis:
            await redis.client_pause(3000)
            async with asyncio.timeout(2):
                assert await waits(buckets, Draw((bucket(1),), 1)) == [0]
            async with asyncio.timeout(0.2):
                assert await waits(buckets, Draw((bucket(1),), 1)) == [0]
