"""Jobs: what is done by the clock."""

from datetime import datetime
from typing import Annotated

import strawberry

from mccs_graphql.db.models import JobName, JobOutcome
from mccs_graphql.domain.access import HOLDER, INSPECT
from mccs_graphql.domain.jobs.overview import Overview
from mccs_graphql.schema.access import access
from mccs_graphql.schema.refusals import JobRunning, JobSwitchedOff


@strawberry.type(
    description="What is done again and again by the clock, once however many processes there "
    "are. Seen by admins only.",
    directives=[access(INSPECT)],
)
class Job:
    name: JobName = strawberry.field(description="Which one.")
    schedule: str | None = strawberry.field(
        description="When it is done, in words; null if the settings have switched it off."
    )
    running: bool = strawberry.field(description="Whether somebody is at it.")
    last_started_at: datetime | None = strawberry.field(
        description="When the last run began, or the one that goes on; null if there was none."
    )
    last_finished_at: datetime | None = strawberry.field(
        description="When the last run ended that did; null if none did."
    )
    outcome: JobOutcome | None = strawberry.field(
        description="What became of the run that ended last; null if none did."
    )
    detail: str = strawberry.field(
        description="Of that run: how much it did, or where the log tells what went wrong."
    )
    next_due_at: datetime | None = strawberry.field(
        description="When it is due; null if it is switched off. In the past, it waits for a "
        "process that takes it up."
    )
    failures: int = strawberry.field(description="How many runs in a row have failed.")

    @classmethod
    def of(cls, overview: Overview) -> "Job":
        """The row as admins see it."""
        row, schedule = overview.job, overview.schedule
        return cls(
            name=row.name,
            schedule=str(schedule) if schedule else None,
            running=overview.is_running,
            last_started_at=row.started_at,
            last_finished_at=row.finished_at,
            outcome=row.outcome,
            detail=row.detail,
            next_due_at=row.due_at if schedule else None,
            failures=row.failures,
        )


@strawberry.input(description="Which job.")
class RunJobInput:
    name: JobName = strawberry.field(description="The one that is to be done at once.")


@strawberry.type(description="The job is due now.", directives=[access(HOLDER)])
class RunJobPayload:
    job: Job = strawberry.field(description="The job, before anybody has taken it up.")


RunJobResult = Annotated[
    RunJobPayload | JobRunning | JobSwitchedOff,
    strawberry.union("RunJobResult", description="What `runJob` leads to."),
]
