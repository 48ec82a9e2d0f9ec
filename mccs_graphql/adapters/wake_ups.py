"""Wake-ups between processes over Redis: who waits for news of which entity.

PostgreSQL remembers, Redis wakes. A wake-up carries an entity's id and how far its log goes, never
content. Losing one costs at most the time between two polls, so nothing here retries a message.
One without a number asks the listeners to look whether they may still listen.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from uuid import UUID, uuid4

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from mccs_graphql.adapters.tasks import end
from mccs_graphql.domain.events import WakeUp

log = logging.getLogger(__name__)

CHANNEL = "mccs:entity:"
CONTROL_CHANNEL = "mccs:control"
"""Always subscribed to: redis-py stops listening on a connection without channels."""

UNPUBLISHED_MAX = 10_000
PUBLISH_BATCH = 100
RECONNECT_SECONDS = 0.5
REDIS_SECONDS = 2.0
LAG_SECONDS = 10.0
"""How often it is measured how late a wake-up comes."""

ReadEnds = Callable[[Iterable[UUID]], Awaitable[list[WakeUp]]]


class Listener:
    """Waits for news of one entity. Any number of wake-ups coalesce to one."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._seen = 0

    def wake(self, seq: int | None) -> None:
        """There is news up to ``seq``; None: nobody knows, so go and look."""
        if seq is None or seq > self._seen:
            self._woken.set()

    async def wait(self, *, seen: int) -> None:
        """Return once there may be news after ``seen``, which is what the caller knows of."""
        self._seen = max(self._seen, seen)
        await self._woken.wait()
        self._woken.clear()


class Lag:
    """How long what is published takes to come back."""

    def __init__(self) -> None:
        self._mark = b""
        self._left_at: float | None = None
        self._last: float | None = None

    def leave(self) -> bytes:
        """What to publish now: nobody else publishes the same."""
        self._mark, self._left_at = uuid4().hex.encode(), time.monotonic()
        return self._mark

    def arrived(self, mark: object) -> None:
        """Something has come back, of this process or of another."""
        if mark == self._mark and self._left_at is not None:
            self._last, self._left_at = time.monotonic() - self._left_at, None

    def seconds(self) -> float | None:
        """The last measure, or the longer one that is still under way; None before the first."""
        if self._left_at is None:
            return self._last
        return max(self._last or 0.0, time.monotonic() - self._left_at)


class WakeUps:
    """One Redis connection that listens, however many sockets; one task that publishes."""

    def __init__(self, redis_url: str, *, read_ends: ReadEnds, poll_seconds: float) -> None:
        self._redis = Redis.from_url(
            redis_url,
            socket_connect_timeout=REDIS_SECONDS,
            socket_timeout=REDIS_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        # Silence is normal for the one that listens, so no reply is waited for on a clock.
        self._ear = Redis.from_url(redis_url, socket_connect_timeout=REDIS_SECONDS)
        self._read_ends = read_ends
        self._poll_seconds = poll_seconds
        self._listeners: dict[UUID, set[Listener]] = {}
        self._unpublished: asyncio.Queue[WakeUp] = asyncio.Queue(UNPUBLISHED_MAX)
        self._pubsub: PubSub | None = None
        self._lag = Lag()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Publish, listen and poll for as long as the block lasts."""
        works = (self._publish_all(), self._listen(), self._poll(), self._measure())
        tasks = [asyncio.create_task(work) for work in works]
        try:
            yield
        finally:
            await end(tasks)
            await self._redis.aclose()
            await self._ear.aclose()

    def publish(self, wake_ups: Sequence[WakeUp]) -> None:
        """Tell every process, soon. Never waits and never fails: the poll finds what got lost."""
        with suppress(asyncio.QueueFull):
            for wake_up in wake_ups:
                self._unpublished.put_nowait(wake_up)

    @asynccontextmanager
    async def listening(self, entity_id: UUID) -> AsyncIterator[Listener]:
        """A listener for one entity. Register first, read PostgreSQL after: nothing falls between.

        Redis confirms the subscription with a wake-up of its own, so what was committed before
        it took effect is read too.
        """
        listener = Listener()
        first = entity_id not in self._listeners
        self._listeners.setdefault(entity_id, set()).add(listener)
        if first:
            await self._change_channels(entity_id, add=True)
        try:
            yield listener
        finally:
            self._listeners[entity_id].discard(listener)
            if not self._listeners[entity_id]:
                del self._listeners[entity_id]
                await self._change_channels(entity_id, add=False)

    @property
    def listener_count(self) -> int:
        """How many listeners there are in this process."""
        return sum(map(len, self._listeners.values()))

    @property
    def is_listening(self) -> bool:
        """Whether wake-ups come from Redis, and not only by polling."""
        return self._pubsub is not None

    def lag_seconds(self) -> float | None:
        """How long the last wake-up took, or has been under way; None while none would come."""
        return self._lag.seconds() if self.is_listening else None

    async def is_reachable(self) -> bool:
        """Whether Redis answers now."""
        try:
            return bool(await self._redis.ping())
        except (RedisError, OSError):
            return False

    async def _publish_all(self) -> None:
        while True:
            batch = [await self._unpublished.get()]
            while not self._unpublished.empty() and len(batch) < PUBLISH_BATCH:
                batch.append(self._unpublished.get_nowait())
            try:
                async with self._redis.pipeline(transaction=False) as pipeline:
                    for wake_up in batch:
                        pipeline.publish(_channel(wake_up.entity_id), _payload(wake_up))
                    await pipeline.execute()
            except (RedisError, OSError) as error:
                log.warning("Redis took no wake-ups, readers will poll: %s", error)

    async def _listen(self) -> None:
        while True:
            try:
                async with self._ear.pubsub() as pubsub:
                    await pubsub.subscribe(CONTROL_CHANNEL, *map(_channel, self._listeners))
                    self._pubsub = pubsub
                    while True:
                        self._hear(await pubsub.get_message(timeout=None))
            except (RedisError, OSError) as error:
                log.warning("Redis does not speak, polling instead: %s", error)
            finally:
                self._pubsub = None
            await asyncio.sleep(RECONNECT_SECONDS)

    def _hear(self, message: dict[str, object] | None) -> None:
        """A message wakes up to its number; a confirmation may follow a gap, so it always wakes."""
        if message is None or not isinstance(message["channel"], bytes):
            return
        channel = message["channel"].decode()
        if channel == CONTROL_CHANNEL and message["type"] == "message":
            self._lag.arrived(message["data"])
        if not channel.startswith(CHANNEL) or message["type"] not in ("message", "subscribe"):
            return
        payload = message["data"] if message["type"] == "message" else None
        seq = int(payload) if isinstance(payload, bytes) and payload.isdigit() else None
        self._wake(UUID(channel.removeprefix(CHANNEL)), seq)

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(self._poll_seconds)
            if self._listeners:
                try:
                    for wake_up in await self._read_ends(list(self._listeners)):
                        self._wake(wake_up.entity_id, wake_up.seq)
                except Exception:
                    log.exception("The poll for news failed; the next one comes")

    async def _measure(self) -> None:
        """Send a wake-up for nobody round by Redis now and then, to see how long it takes."""
        while True:
            if self.is_listening:
                with suppress(RedisError, OSError):
                    await self._redis.publish(CONTROL_CHANNEL, self._lag.leave())
            await asyncio.sleep(LAG_SECONDS if self.is_listening else RECONNECT_SECONDS)

    def _wake(self, entity_id: UUID, seq: int | None) -> None:
        for listener in self._listeners.get(entity_id, ()):
            listener.wake(seq)

    async def _change_channels(self, entity_id: UUID, *, add: bool) -> None:
        """Without a connection there is nothing to do: the next one starts with all channels."""
        if self._pubsub is None:
            return
        change = self._pubsub.subscribe if add else self._pubsub.unsubscribe
        with suppress(RedisError, OSError):
            await change(_channel(entity_id))


def _payload(wake_up: WakeUp) -> str:
    return "" if wake_up.seq is None else str(wake_up.seq)


def _channel(entity_id: UUID) -> str:
    return f"{CHANNEL}{entity_id}"
