"""Quiet hours: when mails that can wait do wait."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from mccs_graphql.db.models import User

DAY = timedelta(days=1)


@dataclass(frozen=True)
class QuietHours:
    """From one time of day to another one, perhaps past midnight, by the clocks of a place."""

    from_: time
    to: time
    zone: ZoneInfo

    def end_after(self, moment: datetime) -> datetime | None:
        """When the quiet ends that there is at this moment; None if there is none.

        Where the clocks are changed the hours of that day are shorter or longer, as the night is.
        """
        today = moment.astimezone(self.zone).date()
        over_midnight = DAY if self.to <= self.from_ else timedelta(0)
        for day in (today - DAY, today):
            begin = datetime.combine(day, self.from_, self.zone).astimezone(UTC)
            end = datetime.combine(day + over_midnight, self.to, self.zone).astimezone(UTC)
            if begin <= moment < end:
                return end
        return None


def quiet_hours_of(user: User, *, zone: ZoneInfo) -> QuietHours | None:
    """Those of the user, if there are any; ``zone`` is the community's."""
    if user.quiet_from is None or user.quiet_to is None:
        return None
    own = ZoneInfo(user.time_zone) if user.time_zone else zone
    return QuietHours(user.quiet_from, user.quiet_to, own)


@cache
def time_zones() -> frozenset[str]:
    """The names of all time zones that there are."""
    return frozenset(available_timezones())
