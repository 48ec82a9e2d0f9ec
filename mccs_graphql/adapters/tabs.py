"""What callers take on the tab of this process, which tells Redis a moment later."""

import time
from collections import OrderedDict
from collections.abc import Sequence

from mccs_graphql.domain.rates import MICROSECONDS, PERIOD, Bucket, Draw, Outcome

SHARE = 50
POINTS_MAX = 200
"""A tab holds a fiftieth of its bucket, and never more than so many points."""
GOOD_SECONDS = 10.0
"""How long a process relies on what Redis last said, but for the points it gave itself."""
KEPT_MAX = 10_000
"""Tabs at a time, about 3 MB; whoever finds no place has Redis asked."""


class Tab:
    """One bucket as this process knows it; its moments are in microseconds of our own clock.

    ``noted`` points are still to be told, ``sent`` ones are on their way.
    """

    __slots__ = ("bucket", "full_at", "good_until", "most", "noted", "point", "sent")

    def __init__(self, bucket: Bucket, most: int) -> None:
        self.bucket = bucket
        self.most = most
        self.point = PERIOD / bucket.size
        self.full_at = self.good_until = 0.0
        self.noted = self.sent = 0

    def full_after(self, cost: int, now: float) -> float | None:
        """When the bucket would be full after the draw; None if Redis has to say."""
        if now >= self.good_until or self.noted + self.sent + cost > self.most:
            return None
        full_at = max(self.full_at, now) + cost * self.point
        return full_at if full_at <= now + PERIOD else None


class Tabs:
    """Gives points without asking while Redis would do so too, as far as this process knows.

    Points that were given are never lost, so over time nobody gets more than the buckets fill up.
    Within a moment each further process may give ``SHARE`` and ``POINTS_MAX`` beyond the bucket;
    the processes after it wait until that is paid back.
    """

    def __init__(self) -> None:
        self._tabs: OrderedDict[str, Tab] = OrderedDict()
        self._untold: dict[str, Tab] = {}
        self.is_urgent = False
        """Whether a tab is half full: it should be told before anybody has to wait for that."""

    def __len__(self) -> int:
        return len(self._tabs)

    def take(self, draw: Draw) -> Outcome | None:
        """Take the points from all of the buckets; None, and nothing taken, if Redis has to say."""
        now = time.monotonic() * MICROSECONDS
        found: list[tuple[Tab, float]] = []
        for bucket in draw.buckets:
            tab = self._tabs.get(bucket.key)
            full_at = tab.full_after(draw.cost, now) if tab else None
            if tab is None or full_at is None:
                return None
            found.append((tab, full_at))
        for tab, full_at in found:
            self._note(tab, draw.cost, full_at=full_at)
        return Outcome(0, tuple(int(full_at - now) for _, full_at in found))

    def send(self, draw: Draw) -> list[int]:
        """The points of each bucket that the next call tells with this draw.

        Until Redis has answered whether it succeeds, no more is given from its buckets.
        """
        return [self._sent(bucket, is_closed=draw.cost > 0) for bucket in draw.buckets]

    def learn(self, draw: Draw, owed: Sequence[int]) -> None:
        """What Redis said of the buckets, after all that was sent."""
        now = time.monotonic() * MICROSECONDS
        for bucket, due in zip(draw.buckets, owed, strict=True):
            tab = self._tabs.get(bucket.key) or self._opened(bucket, now)
            if tab is not None:
                tab.full_at = now + due + tab.noted * tab.point
                tab.good_until, tab.sent = now + GOOD_SECONDS * MICROSECONDS, 0
                self._tabs.move_to_end(bucket.key)

    def untold(self) -> list[Bucket]:
        """The buckets of which Redis has to be told; each is named once."""
        buckets = [tab.bucket for tab in self._untold.values()]
        self._untold.clear()
        self.is_urgent = False
        return buckets

    def clear(self) -> None:
        """Forget everything: Redis is away."""
        self._tabs.clear()
        self.untold()

    def _sent(self, bucket: Bucket, *, is_closed: bool) -> int:
        tab = self._tabs.get(bucket.key)
        if tab is None:
            return 0
        if is_closed:
            tab.good_until = 0
        points, tab.noted = tab.noted, 0
        tab.sent += points
        self._untold.pop(bucket.key, None)
        return points

    def _note(self, tab: Tab, cost: int, *, full_at: float) -> None:
        tab.full_at = full_at
        was_half_full = 2 * tab.noted > tab.most
        tab.noted += cost
        self._untold[tab.bucket.key] = tab
        if 2 * tab.noted > tab.most and not was_half_full:
            self.is_urgent = True

    def _opened(self, bucket: Bucket, now: float) -> Tab | None:
        most = min(bucket.size // SHARE, POINTS_MAX)
        if not most or (len(self._tabs) >= KEPT_MAX and not self._forgot_one(now)):
            return None
        tab = self._tabs[bucket.key] = Tab(bucket, most)
        return tab

    def _forgot_one(self, now: float) -> bool:
        """Whether the tab that was heard of least recently could go: out of date, and all told."""
        key, oldest = next(iter(self._tabs.items()))
        if oldest.good_until > now or oldest.noted or oldest.sent:
            return False
        del self._tabs[key]
        return True
