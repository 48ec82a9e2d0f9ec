"""The buckets of one process, for when Redis keeps none."""

import time
from collections import OrderedDict

from mccs_graphql.domain.rates import MICROSECONDS, PERIOD, Draw, Outcome, owed_after

KEPT_MAX = 10_000
"""Buckets at a time, about 2 MB; past that the one that was made first is forgotten."""


class LocalBuckets:
    """Counts as the script in Redis does; each bucket is the moment at which it is full."""

    def __init__(self) -> None:
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, draw: Draw) -> Outcome:
        """Take the points from all of the buckets, or from none."""
        now = time.monotonic() * MICROSECONDS
        owed = [max(self._full_at.get(bucket.key, 0) - now, 0) for bucket in draw.buckets]
        after = [
            owed_after(due, bucket, draw.cost)
            for due, bucket in zip(owed, draw.buckets, strict=True)
        ]
        wait = max(after, default=0) - PERIOD
        if wait > 0:
            return Outcome(int(wait) + 1, tuple(map(int, owed)))
        for bucket, due in zip(draw.buckets, after, strict=True):
            self._full_at[bucket.key] = now + due
        self._forget()
        return Outcome(0, tuple(map(int, after)))

    def _forget(self) -> None:
        while len(self._full_at) > KEPT_MAX:
            self._full_at.popitem(last=False)
