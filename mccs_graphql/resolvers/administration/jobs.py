"""Admins see what is done by the clock, and have it done at once."""

from typing import Annotated

import strawberry

from mccs_graphql.domain.access import ADMINISTER, INSPECT
from mccs_graphql.domain.jobs.overview import make_due, read_all
from mccs_graphql.domain.jobs.timetable import timetable
from mccs_graphql.schema.access import access
from mccs_graphql.schema.administration.jobs import Job, RunJobInput, RunJobPayload, RunJobResult
from mccs_graphql.schema.context import Info


@strawberry.type
class JobQuery:
    @strawberry.field(
        description="What is done by the clock: when it was last done, with what outcome, and "
        "when it is due again.",
        directives=[access(INSPECT)],
    )
    async def jobs(self, info: Info) -> list[Job] | None:
        times = timetable(info.context.services.settings)
        async with info.context.database.reading() as session:
            return list(map(Job.of, await read_all(session, times)))


@strawberry.type
class JobMutation:
    @strawberry.mutation(
        description="Have a job done at once, by the next process that looks, within some "
        "seconds. It does what is left to do, and nothing twice.",
        directives=[access(ADMINISTER)],
    )
    async def run_job(
        self,
        info: Info,
        input: Annotated[RunJobInput, strawberry.argument(description="Which one.")],
    ) -> RunJobResult:
        times = timetable(info.context.services.settings)
        async with info.context.writing() as session:
            overview = await make_due(session, input.name, times)
        return RunJobPayload(job=Job.of(overview))
