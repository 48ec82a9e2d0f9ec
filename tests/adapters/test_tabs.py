"""Tabs: what is given without asking is bounded, and told."""

from itertools import takewhile
from uuid import uuid4

import pytest

from mccs_graphql.adapters import tabs as module
from mccs_graphql.adapters.tabs import KEPT_MAX, POINTS_MAX, SHARE, Tabs
from mccs_graphql.domain.rates import PERIOD, Bucket, Draw

SIZE = 1000
MOST = SIZE // SHARE


def bucket(size: int = SIZE) -> Bucket:
    """One that nobody has drawn from."""
    return Bucket("test", uuid4().hex, size)


def opened(*buckets: Bucket, owed: int = 0) -> Tabs:
    """Tabs for buckets of which Redis has said how much is owed."""
    tabs = Tabs()
    tabs.learn(Draw(buckets, 1), [owed] * len(buckets))
    return tabs


def given(tabs: Tabs, draw: Draw) -> int:
    """How often the draw succeeds before Redis has to say."""
    return sum(1 for _ in takewhile(lambda _: tabs.take(draw), range(POINTS_MAX * 2)))


class TestLeftToRedis:
    def test_bucket_that_redis_has_said_nothing_of(self) -> None:
        assert Tabs().take(Draw((bucket(),), 1)) is None

    def test_more_than_a_share_of_the_bucket(self) -> None:
        drawn = bucket()
        assert given(opened(drawn), Draw((drawn,), 1)) == MOST

    def test_more_than_so_many_points_of_a_large_bucket(self) -> None:
        drawn = bucket(10**9)
        assert given(opened(drawn), Draw((drawn,), 1)) == POINTS_MAX

    def test_small_buckets_altogether(self) -> None:
        drawn = bucket(SHARE - 1)
        assert opened(drawn).take(Draw((drawn,), 1)) is None

    def test_bucket_that_has_less_than_is_drawn(self) -> None:
        drawn = bucket()
        tabs = opened(drawn, owed=PERIOD - 5 * PERIOD // SIZE)
        assert tabs.take(Draw((drawn,), 6)) is None
        assert tabs.take(Draw((drawn,), 5)) is not None

    def test_what_redis_said_too_long_ago(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "GOOD_SECONDS", 0)
        drawn = bucket()
        assert opened(drawn).take(Draw((drawn,), 1)) is None

    def test_everything_while_a_draw_is_under_way(self) -> None:
        drawn = bucket()
        tabs = opened(drawn)
        tabs.send(Draw((drawn,), MOST + 1))
        assert tabs.take(Draw((drawn,), 1)) is None

    def test_draw_of_which_one_bucket_is_left_takes_nothing_from_the_others(self) -> None:
        known, unknown = bucket(), bucket()
        tabs = opened(known)
        assert tabs.take(Draw((known, unknown), 1)) is None
        assert tabs.send(Draw((known,), 0)) == [0]


class TestTold:
    def test_each_point_is_told_once(self) -> None:
        drawn, telling = bucket(), Draw((bucket_ := bucket(),), 0)
        tabs = opened(drawn, bucket_)
        tabs.take(Draw((bucket_, drawn), 3))
        tabs.take(Draw((bucket_,), 4))
        assert (tabs.send(telling), tabs.send(telling)) == ([7], [0])
        assert tabs.untold() == [drawn]

    def test_what_is_on_its_way_still_counts(self) -> None:
        drawn = bucket()
        tabs = opened(drawn)
        tabs.take(Draw((drawn,), MOST - 5))
        tabs.send(Draw((drawn,), 0))
        assert given(tabs, Draw((drawn,), 1)) == 5

    def test_tab_that_redis_has_answered_is_open_again(self) -> None:
        drawn = bucket()
        tabs = opened(drawn)
        given(tabs, Draw((drawn,), 1))
        tabs.send(Draw((drawn,), 0))
        tabs.learn(Draw((drawn,), 0), [MOST * PERIOD // SIZE])
        assert given(tabs, Draw((drawn,), 1)) == MOST

    def test_half_full_tab_is_urgent_once(self) -> None:
        drawn = bucket()
        tabs = opened(drawn)
        tabs.take(Draw((drawn,), MOST // 2))
        assert not tabs.is_urgent
        tabs.take(Draw((drawn,), 1))
        assert tabs.is_urgent
        tabs.untold()
        tabs.take(Draw((drawn,), 1))
        assert not tabs.is_urgent


def test_keeps_no_more_than_so_many() -> None:
    tabs = Tabs()
    for number in range(KEPT_MAX + 5):
        tabs.learn(Draw((Bucket("test", str(number), SIZE),), 1), [1])
    assert len(tabs) == KEPT_MAX


def test_one_out_of_date_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_MAX", 1)
    old, new = bucket(), bucket()
    tabs = opened(old)
    tabs.send(Draw((old,), 1))
    tabs.learn(Draw((new,), 1), [1])
    assert tabs.take(Draw((new,), 1)) is not None
