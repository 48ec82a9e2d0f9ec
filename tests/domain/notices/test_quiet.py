"""When quiet hours are, and when they end."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from mccs_graphql.domain.notices.quiet import QuietHours


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(from_: str, to: str, zone: str = "Europe/Berlin") -> QuietHours:
    return QuietHours(time.fromisoformat(from_), time.fromisoformat(to), ZoneInfo(zone))


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2031-01-10T20:59", None),
        ("2031-01-10T21:00", "2031-01-11T06:00"),
        ("2031-01-11T05:59", "2031-01-11T06:00"),
        ("2031-01-11T06:00", None),
    ],
)
def test_night_goes_past_midnight_by_the_clock_on_the_wall(moment: str, end: str | None) -> None:
    assert hours("22:00", "07:00").end_after(utc(moment)) == (utc(end) if end else None)


@pytest.mark.parametrize(
    ("moment", "end"),
    [("2031-01-10T11:59", "2031-01-10T12:00"), ("2031-01-10T12:00", None)],
)
def test_rest_at_noon_ends_the_same_day(moment: str, end: str | None) -> None:
    assert hours("12:00", "13:00").end_after(utc(moment)) == (utc(end) if end else None)


def test_night_in_which_clocks_go_forward_is_an_hour_shorter() -> None:
    """The 30th of March 2031: in Berlin 02:00 is 03:00."""
    assert hours("22:00", "07:00").end_after(utc("2031-03-29T21:00")) == utc("2031-03-30T05:00")


def test_end_that_the_clocks_leave_out_comes_all_the_same() -> None:
    assert hours("22:00", "02:30").end_after(utc("2031-03-30T01:29")) == utc("2031-03-30T01:30")


def test_other_places_have_other_nights() -> None:
    moment = utc("2031-01-10T21:00")

    assert hours("22:00", "07:00", "Pacific/Auckland").end_after(moment) is None
