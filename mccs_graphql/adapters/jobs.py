"""What is to be done again and again beside serving: the clock calls, or somebody who knows."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from mccs_graphql.reference import begin_reference

log = logging.getLogger(__name__)

STOP_SECONDS = 5.0
"""How long what is under way may take to finish at the end."""


@dataclass(frozen=True)
class Job:
    """Something to be done bit by bit: ``work`` does one, and says whether there may be more.

    When there is no more, or something went wrong, it rests for ``seconds``; so too at the start,
    unless it is ``eager``. Once called it waits for ``gather`` seconds: what others add meanwhile
    is done along with the rest.
    """

    name: str
    work: Callable[[], Awaitable[bool]]
    seconds: float
    eager: bool = True
    gather: float = 0.0


class Jobs:
    """Does several jobs beside each other, each one bit after the other."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = jobs
        self._nudges = {job.name: asyncio.Event() for job in jobs}
        self._stopping = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work for as long as the block lasts; what has begun is finished, if it is soon."""
        self._stopping = False
        tasks = [asyncio.create_task(self._repeat(job)) for job in self._jobs]
        try:
            yield
        finally:
            self._stopping = True
            for name in self._nudges:
                self.nudge(name)
            await _end(tasks)

    def nudge(self, name: str) -> None:
        """There is something to do for the job of this name: it rests no longer."""
        self._nudges[name].set()

    async def _repeat(self, job: Job) -> None:
        nudge = self._nudges[job.name]
        if not job.eager:
            await _rest(nudge, job.seconds)
        while not self._stopping:
            nudge.clear()
            if not await _try(job):
                await _rest(nudge, job.seconds)
                await asyncio.sleep(job.gather)


async def _try(job: Job) -> bool:
    begin_reference()
    try:
        return await job.work()
    except Exception:
        log.exception("%s failed; the next attempt comes in %s seconds", job.name, job.seconds)
        return False


async def _rest(nudge: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await nudge.wait()
    except TimeoutError:
        return


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
