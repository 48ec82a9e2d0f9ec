"""What callers may spend: buckets of points, which fill up again all the time."""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from mccs_graphql.domain.places import place_of
from mccs_graphql.settings import Settings

PERIOD_SECONDS = 60
MICROSECONDS = 1_000_000
PERIOD = PERIOD_SECONDS * MICROSECONDS
LEAST = 1
"""Points of an operation that asks for nothing: it has been read all the same."""
KEY_PREFIX = "mccs:rate:"
HASH_BYTES = 16
CALLERS_KEPT = 1024
WIDEST = "address"
"""The bucket of everybody at an address."""


@dataclass(frozen=True)
class Bucket:
    """Holds ``size`` points; an empty one is full again after a period."""

    name: str
    key: str
    size: int


@dataclass(frozen=True)
class Draw:
    """Takes ``cost`` points from each of the buckets, or none from any."""

    buckets: tuple[Bucket, ...]
    cost: int


@dataclass(frozen=True)
class Outcome:
    """What came of a draw, in microseconds.

    ``wait`` is how long until the draw would succeed, 0 if it did; ``owed`` is for each bucket how
    long until it is full.
    """

    wait: int
    owed: tuple[int, ...]


@dataclass(frozen=True)
class Level:
    """How full the bucket is that has the least left."""

    bucket: str
    size: int
    remaining: int
    full_seconds: float


@dataclass(frozen=True)
class Charge:
    """What an operation costs, and what that leaves; no level where nothing is limited."""

    cost: int
    level: Level | None = None
    retry_seconds: int = 0
    """How long until the operation may be tried again; 0 if it was paid for."""

    def reset_at(self, now: datetime) -> datetime | None:
        """When the bucket is full again, if nothing more is taken."""
        return now + timedelta(seconds=self.level.full_seconds) if self.level else None


class Rates:
    """Who draws from which buckets. Their keys are hashes: Redis learns no token, no address."""

    def __init__(self, settings: Settings) -> None:
        self._sizes = {
            "user": settings.rate_user,
            "session": settings.rate_session,
            "token": settings.rate_token,
            "visitor": settings.rate_visitor,
            WIDEST: settings.rate_address,
        }
        # All addresses there are can be hashed in a minute, but not without knowing this.
        self._secret = hashlib.sha256(settings.database_url.encode()).digest()

        # Subjects are hashed once for a while, not with every operation.
        self.buckets = lru_cache(CALLERS_KEPT)(self._buckets)

    def _buckets(
        self,
        *,
        user_id: UUID | None,
        session_id: UUID | None,
        token_id: UUID | None,
        address: str | None,
    ) -> tuple[Bucket, ...]:
        """The buckets of one operation; without a session or an API token it is a visitor's."""
        place = place_of(address)
        subjects = (
            ("user", user_id and str(user_id)),
            ("session", session_id and str(session_id)),
            ("token", token_id and str(token_id)),
            ("visitor", None if session_id or token_id else place),
            (WIDEST, place),
        )
        return tuple(
            Bucket(name, self._key(name, subject), size)
            for name, subject in subjects
            if subject and (size := self._sizes[name])
        )

    def _key(self, name: str, subject: str) -> str:
        digest = hashlib.blake2b(
            subject.encode("utf-8", "surrogatepass"), key=self._secret, digest_size=HASH_BYTES
        )
        return f"{KEY_PREFIX}{name}:{digest.hexdigest()}"


def owed_after(owed: float, bucket: Bucket, cost: int) -> float:
    """What is owed after a draw; one that costs more than the bucket holds needs a full one."""
    return owed + min(cost, bucket.size) * PERIOD / bucket.size


def widest(buckets: Iterable[Bucket]) -> tuple[Bucket, ...]:
    """Of these, the one of everybody at the address; none if that is not limited."""
    return tuple(bucket for bucket in buckets if bucket.name == WIDEST)


def charge_of(draw: Draw, outcome: Outcome) -> Charge:
    """The outcome in points and seconds."""
    left = [
        (max(PERIOD - owed, 0) * bucket.size // PERIOD, number)
        for number, (bucket, owed) in enumerate(zip(draw.buckets, outcome.owed, strict=True))
    ]
    if not left:
        return Charge(draw.cost)
    least, number = min(left)
    bucket = draw.buckets[number]
    level = Level(bucket.name, bucket.size, least, outcome.owed[number] / MICROSECONDS)
    return Charge(draw.cost, level, math.ceil(outcome.wait / MICROSECONDS))
