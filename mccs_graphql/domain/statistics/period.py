"""The time that figures are about."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mccs_graphql.domain.errors import Problem
from mccs_graphql.domain.text import require

MONTHS_MAX = 24
"""Calendar months that a period may touch: what a picture has room for."""
YEAR = timedelta(days=365.25)
_MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class Period:
    """``since`` belongs to it, ``until`` does not."""

    since: datetime
    until: datetime

    @property
    def per_year(self) -> float:
        """How often it goes into a year of 365.25 days."""
        return YEAR / (self.until - self.since)

    @property
    def months(self) -> list[datetime]:
        """The beginnings, in UTC, of the calendar months that it touches."""
        numbers = range(_number(self.since), _last(self) + 1)
        return [_beginning(number) for number in numbers]


def require_measurable(period: Period, *, now: datetime) -> None:
    """Raises InvalidInput for a period that is empty, too long, or not over yet."""
    require(_problems(period, now=now))


def _problems(period: Period, *, now: datetime) -> Iterator[Problem]:
    if period.since >= period.until:
        yield Problem(("to",), "NOT_AFTER_FROM", "It has to be later than `from`.")
    elif _last(period) - _number(period.since) >= MONTHS_MAX:
        yield Problem(("from",), "TOO_LONG", f"A period touches at most {MONTHS_MAX} months.")
    if period.until > now:
        yield Problem(("to",), "IN_FUTURE", "Only what has passed can be measured.")


def _number(moment: datetime) -> int:
    """Months are counted from the beginning of the calendar."""
    utc = moment.astimezone(UTC)
    return utc.year * _MONTHS_A_YEAR + utc.month - 1


def _last(period: Period) -> int:
    """The month of the last moment that belongs to the period, which is not its end."""
    return _number(period.until - datetime.resolution)


def _beginning(number: int) -> datetime:
    year, month = divmod(number, _MONTHS_A_YEAR)
    return datetime(year, month + 1, 1, tzinfo=UTC)
