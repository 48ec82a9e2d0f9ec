"""Buckets in Redis, so that all processes of a community count together."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from mccs_graphql.adapters.local_buckets import LocalBuckets
from mccs_graphql.adapters.tabs import Tabs
from mccs_graphql.adapters.tasks import end
from mccs_graphql.domain.rates import KEY_PREFIX, PERIOD, Bucket, Draw, Outcome

log = logging.getLogger(__name__)

TAKE = f"""
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local answers, words, key, word = {{}}, {{}}, 0, 1
for number in string.gmatch(ARGV[1], '%d+') do words[#words + 1] = tonumber(number) end
while word < #words do
  local cost, count = words[word], words[word + 1]
  local owed, after, wait = {{}}, {{}}, 0
  for i = 1, count do
    local size, told = words[word + 2 * i], words[word + 2 * i + 1]
    owed[i] = math.max(tonumber(redis.call('GET', KEYS[key + i]) or '0') - now, 0)
    owed[i] = owed[i] + told * {PERIOD} / size
    after[i] = owed[i] + math.min(cost, size) * {PERIOD} / size
    wait = math.max(wait, math.ceil(after[i] - {PERIOD}))
  end
  answers[#answers + 1] = string.format('%.0f', wait)
  for i = 1, count do
    local taken = math.ceil(wait == 0 and after[i] or owed[i])
    if taken > 0 and (wait == 0 or words[word + 2 * i + 1] > 0) then
      local full_at = string.format('%.0f', now + taken)
      redis.call('SET', KEYS[key + i], full_at, 'PX', math.ceil(taken / 1000))
    end
    answers[#answers + 1] = string.format('%.0f', taken)
  end
  key, word = key + count, word + 2 + 2 * count
end
return table.concat(answers, ' ')
"""
"""Draws one after the other. The words say of each draw its cost and how many of the keys are its
buckets, and of each bucket its size and the points that were given on the tab, which count whether
or not the draw succeeds: one text, because packing many is what takes time. A bucket is the moment
at which it is full, in microseconds, and is gone from that moment on, so no key is without an
expiry; who draws nothing only looks. The clock is Redis's, which is everybody's."""

BATCH_MAX = 100
REDIS_SECONDS = 0.5
"""How long a request waits for its points: far longer than they take, far shorter than patience."""
TELL_SECONDS = 0.2
"""How long points stay on the tab."""
PROBE_SECONDS = 1.0
PROBE = Draw((Bucket("probe", f"{KEY_PREFIX}probe", 1000),), 1)

Waiting = tuple[Draw, asyncio.Future[Outcome] | None]
"""A draw and who waits for it: nobody where only a tab is told."""


class Buckets:
    """Draws from Redis in one call at a time; those that come meanwhile share the next one.

    Callers whom Redis has just let have points get the next few on the tab, without a call.
    While Redis is away each process counts for itself, and none of them waits.
    """

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(
            redis_url,
            socket_connect_timeout=REDIS_SECONDS,
            socket_timeout=REDIS_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._script = self._redis.register_script(TAKE)
        self._tabs = Tabs()
        self._local: LocalBuckets | None = None
        self._waiting: list[Waiting] = []
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._telling: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let go of Redis at the end of the block; it is told before what is on the tab."""
        try:
            yield
        finally:
            self._tell()
            if sending := self._tasks.get("send"):
                await asyncio.wait([sending], timeout=REDIS_SECONDS)
            await end(self._tasks.values())
            await self._redis.aclose()

    @property
    def are_local(self) -> bool:
        """Whether this process counts for itself now."""
        return self._local is not None

    async def take(self, draw: Draw) -> Outcome:
        """Take the points from all of the buckets, or from none."""
        if self._local is not None:
            return self._local.take(draw)
        if outcome := self._tabs.take(draw):
            self._tell_soon()
            return outcome
        taken: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._enqueue((draw, taken))
        return await taken

    def _tell_soon(self) -> None:
        if self._tabs.is_urgent:
            self._tell()
        elif self._telling is None:
            loop = asyncio.get_running_loop()
            self._telling = loop.call_later(TELL_SECONDS, self._tell)

    def _tell(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None
        self._enqueue(*((Draw((bucket,), 0), None) for bucket in self._tabs.untold()))

    def _enqueue(self, *waiting: Waiting) -> None:
        self._waiting += waiting
        if self._waiting and "send" not in self._tasks:
            self._tasks["send"] = asyncio.create_task(self._send())

    async def _send(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH_MAX], self._waiting[BATCH_MAX:]
                await self._answer(batch)
        finally:
            del self._tasks["send"]

    async def _answer(self, batch: Sequence[Waiting]) -> None:
        draws = [draw for draw, _ in batch]
        try:
            outcomes = await self._ask(draws)
        except (RedisError, OSError) as error:
            local = self._count_alone(error)
            outcomes = [local.take(draw) for draw in draws]
        for (_, taken), outcome in zip(batch, outcomes, strict=True):
            if taken is not None and not taken.done():
                taken.set_result(outcome)

    async def _ask(self, draws: Sequence[Draw]) -> list[Outcome]:
        keys = [bucket.key for draw in draws for bucket in draw.buckets]
        words = " ".join(map(self._words, draws))
        answers = map(int, (await self._script(keys=keys, args=[words])).split())
        outcomes = [_outcome(draw, answers) for draw in draws]
        for draw, outcome in zip(draws, outcomes, strict=True):
            self._tabs.learn(draw, outcome.owed)
        return outcomes

    def _words(self, draw: Draw) -> str:
        told = zip(draw.buckets, self._tabs.send(draw), strict=True)
        buckets = " ".join(f"{bucket.size} {points}" for bucket, points in told)
        return f"{draw.cost} {len(draw.buckets)} {buckets}"

    def _count_alone(self, error: Exception) -> LocalBuckets:
        if self._local is None:
            log.warning("Redis keeps no buckets, this process counts for itself: %r", error)
            self._local = LocalBuckets()
            self._tabs.clear()
            self._tasks["probe"] = asyncio.create_task(self._probe())
        return self._local

    async def _probe(self) -> None:
        """Look for Redis until it counts again."""
        while self._local is not None:
            await asyncio.sleep(PROBE_SECONDS)
            try:
                await self._ask([PROBE])
            except (RedisError, OSError):
                continue
            self._local = None
        log.warning("Redis keeps the buckets again")


def _outcome(draw: Draw, answers: Iterator[int]) -> Outcome:
    return Outcome(next(answers), tuple(next(answers) for _ in draw.buckets))
