"""When each job of a community is done."""

from collections.abc import Mapping
from datetime import timedelta

from mccs_graphql.db.models import JobName
from mccs_graphql.domain.jobs.schedules import HOUR, NIGHT, Daily, Every, Schedule
from mccs_graphql.settings import Settings

MORNINGS = timedelta(minutes=15)
"""Somewhere on Earth a morning begins every quarter of an hour."""
FORGET_PERIOD = timedelta(hours=6)


def timetable(settings: Settings) -> Mapping[JobName, Schedule | None]:
    """The schedule of each job; None if the settings have switched it off."""
    return {
        JobName.EXPIRE_PROPOSALS: Every(HOUR) if settings.proposal_days else None,
        JobName.DAILY_DIGEST: Every(MORNINGS),
        JobName.CHECK_BOOKS: Daily(NIGHT, settings.zone),
        JobName.FORGET: Every(FORGET_PERIOD),
    }
