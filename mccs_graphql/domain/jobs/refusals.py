"""What the rules of jobs refuse."""

from dataclasses import dataclass

from mccs_graphql.domain.errors import Refusal


@dataclass(eq=False)
class JobRunning(Refusal):
    """Somebody is at this job already; `jobs` says when it has ended."""

    code = "JOB_RUNNING"
    message = "The job is running already."
    path = ("name",)


@dataclass(eq=False)
class JobSwitchedOff(Refusal):
    """The settings of the community say that this job is never done."""

    code = "JOB_SWITCHED_OFF"
    message = "The settings have switched this job off."
    path = ("name",)
