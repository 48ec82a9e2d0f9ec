"""When jobs are due, also on the days when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from mccs_graphql.db.models import JobName
from mccs_graphql.domain.jobs.schedules import MORNING, Daily, Every, morning_between
from mccs_graphql.domain.jobs.timetable import timetable
from mccs_graphql.settings import Settings

BERLIN = ZoneInfo("Europe/Berlin")
QUARTER = timedelta(minutes=15)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
"""The days of 23 and 25 hours."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        ("2026-06-01T00:59:59+00:00", "2026-06-01T01:00:00+00:00"),
        ("2026-06-01T01:00:00+00:00", "2026-06-02T01:00:00+00:00"),
        ("2026-06-01T23:30:00+00:00", "2026-06-02T01:00:00+00:00"),
        ("2026-12-01T01:59:59+00:00", "2026-12-01T02:00:00+00:00"),
    ],
    ids=["before", "at", "next-day-there", "winter"],
)
def test_daily_job_is_due_by_the_clock_of_its_place(moment: str, due: str) -> None:
    assert Daily(time(3), BERLIN).after(at(moment)) == at(due)


@pytest.mark.parametrize("day", [SPRING, AUTUMN], ids=["spring", "autumn"])
@pytest.mark.parametrize("hour", [2, 3, 7], ids=str)
def test_daily_job_is_due_once_on_a_day_when_the_clocks_change(day: date, hour: int) -> None:
    schedule = Daily(time(hour, 30), BERLIN)
    begins = datetime.combine(day, time(), BERLIN).astimezone(UTC)
    ends = datetime.combine(day + timedelta(days=1), time(), BERLIN).astimezone(UTC)

    due = [schedule.after(begins - timedelta(seconds=1))]
    while (following := schedule.after(due[-1])) < ends:
        due.append(following)

    assert len(due) == 1


def test_what_was_missed_is_due_once() -> None:
    assert Daily(time(3), BERLIN).after(at("2026-06-06T12:00+00:00")) == at("2026-06-07T01:00Z")
    assert Every(QUARTER).after(at("2026-06-06T12:00Z")) == at("2026-06-06T12:15Z")


@pytest.mark.parametrize("day", [SPRING, AUTUMN], ids=["spring", "autumn"])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia"])
def test_each_day_has_one_morning(day: date, zone: str) -> None:
    there = ZoneInfo(zone)
    moment = datetime.combine(day - timedelta(days=1), MORNING, there).astimezone(UTC)
    mornings = []
    for _ in range(3 * 96 + 4):
        found = morning_between(there, after=moment, until=moment + QUARTER)
        moment += QUARTER
        if found:
            mornings.append(found)

    assert mornings == [day, day + timedelta(days=1), day + timedelta(days=2)]


def test_morning_that_was_missed_is_made_up_for_on_the_same_day_only() -> None:
    asleep = at("2026-06-01T12:00Z")

    assert morning_between(BERLIN, after=asleep, until=at("2026-06-06T20:00Z")) == date(2026, 6, 6)
    assert morning_between(BERLIN, after=asleep, until=at("2026-06-06T04:59Z")) is None


def test_zone_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="not the name of a time zone, such as Europe/Berlin"):
        Settings(time_zone="Europe/Atlantis", _env_file=None)


def test_proposals_that_are_kept_for_ever_switch_their_job_off() -> None:
    kept = Settings(proposal_days=0, _env_file=None)

    assert timetable(kept)[JobName.EXPIRE_PROPOSALS] is None
    assert str(timetable(kept)[JobName.CHECK_BOOKS]) == "daily at 03:00 UTC"
