"""How long a mail waits for its next attempt."""

from datetime import timedelta

import pytest

from mccs_graphql.domain.mails import outbox


@pytest.mark.parametrize(
    ("attempts", "pause"),
    [
        (1, timedelta(minutes=1)),
        (5, timedelta(minutes=16)),
        (11, timedelta(hours=12)),
        (outbox.ATTEMPTS_MAX, timedelta(hours=12)),
    ],
)
def test_pause_doubles_up_to_half_a_day(attempts: int, pause: timedelta) -> None:
    for _ in range(100):
        assert abs(outbox.pause_after(attempts) / pause - 1) <= outbox.JITTER


def test_mails_that_failed_together_do_not_come_back_together() -> None:
    assert len({outbox.pause_after(3) for _ in range(10)}) > 1
