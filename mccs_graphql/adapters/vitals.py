"""How this process stands: its connections, those who listen, and the books it has proved."""

import time
from collections.abc import Iterator, Mapping

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from mccs_graphql.adapters.metrics import Reading, Source
from mccs_graphql.adapters.wake_ups import WakeUps


def pools(engines: Mapping[str, AsyncEngine]) -> Source:
    """How many connections are used. SQLAlchemy does not say how many wait for one."""

    def read() -> Iterator[Reading]:
        for name, engine in engines.items():
            if isinstance(pool := engine.pool, QueuePool):
                yield "mccs_database_pool", (name, "used"), pool.checkedout()
                yield "mccs_database_pool", (name, "idle"), pool.checkedin()
                yield "mccs_database_pool_size", (name,), pool.size()

    return read


def listening(wake_ups: WakeUps) -> Source:
    """Whether wake-ups come, how soon, and for how many."""

    def read() -> Iterator[Reading]:
        yield "mccs_subscriptions", (), wake_ups.listener_count
        yield "mccs_redis_up", (), wake_ups.is_listening
        if (lag := wake_ups.lag_seconds()) is not None:
            yield "mccs_redis_lag_seconds", (), lag

    return read


class Books:
    """What the last proof of the books found; nothing before the first."""

    def __init__(self) -> None:
        self._last: tuple[bool, float] | None = None

    def proved(self, *, holds: bool) -> None:
        """A proof has just ended."""
        self._last = holds, time.time()

    def read(self) -> Iterator[Reading]:
        """For ``Metrics.watch``."""
        if self._last:
            holds, at = self._last
            yield "mccs_books_ok", (), holds
            yield "mccs_books_checked_timestamp_seconds", (), at
