"""When a job is due again."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)
MORNING = time(7)
NIGHT = time(3)


class Schedule(Protocol):
    """``str`` says it in words, for admins."""

    def after(self, moment: datetime) -> datetime:
        """When it is next due, later than this moment: what was missed before is not made up for.

        What has waited is done by one run.
        """


@dataclass(frozen=True)
class Every:
    """Again and again, so long after it was begun."""

    period: timedelta

    def after(self, moment: datetime) -> datetime:
        """See ``Schedule``."""
        return moment + self.period

    def __str__(self) -> str:
        return f"every {round(self.period / timedelta(minutes=1))} minutes"


@dataclass(frozen=True)
class Daily:
    """Once a day, at a time of the day somewhere; also on days of 23 or 25 hours."""

    at: time
    zone: ZoneInfo

    def after(self, moment: datetime) -> datetime:
        """See ``Schedule``."""
        day = moment.astimezone(self.zone).date()
        while (due := self.on(day)) <= moment:
            day += timedelta(days=1)
        return due

    def on(self, day: date) -> datetime:
        """The moment of a day. A time that the day leaves out comes as much later as it leaves out;
        of one that it has twice, the first.

        In UTC: moments of one zone are compared by their clocks, which an hour at times repeats.
        """
        return datetime.combine(day, self.at, self.zone).astimezone(UTC)

    def __str__(self) -> str:
        return f"daily at {self.at:%H:%M} {self.zone.key}"


def morning_between(zone: ZoneInfo, *, after: datetime, until: datetime) -> date | None:
    """The day whose morning began there within this time, if that day has not ended by ``until``.

    The morning of a day that is over is not made up for: the next one is near.
    """
    today = until.astimezone(zone).date()
    begins = Daily(MORNING, zone).on(today)
    return today if after < begins <= until else None
