"""Jobs that are done beside serving."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mccs_graphql.adapters import jobs
from mccs_graphql.adapters.jobs import Job, Jobs

RARELY = 3600.0
SOON = 0.01
PATIENCE_SECONDS = 30


class Work:
    """Counts how often it was done; does so many bits in a row, and may fail first."""

    def __init__(self, *, bits: int = 1, faults: int = 0) -> None:
        self.bits, self.faults = bits, faults
        self.done = 0
        self.rested = asyncio.Event()

    async def __call__(self) -> bool:
        if self.faults:
            self.faults -= 1
            raise ZeroDivisionError
        self.done += 1
        if self.done % self.bits:
            return True
        self.rested.set()
        return False


@asynccontextmanager
async def running(*some: Job) -> AsyncIterator[Jobs]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        started = Jobs(some)
        async with started.running():
            yield started


async def test_job_that_fails_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    work = Work(faults=2)

    async with running(Job("Sweeping", work, SOON)):
        await work.rested.wait()

    assert work.faults == 0
    assert caplog.text.count("Sweeping failed") == 2


async def test_job_that_fails_does_not_hold_up_others() -> None:
    bad, good = Work(faults=1), Work()

    async with running(Job("bad", bad, RARELY), Job("good", good, RARELY)):
        await good.rested.wait()

    assert (bad.done, good.done) == (0, 1)


async def test_it_goes_on_without_a_rest_until_there_is_no_more() -> None:
    work = Work(bits=5)

    async with running(Job("job", work, RARELY)):
        await work.rested.wait()

    assert work.done == 5


async def test_nudge_ends_a_rest() -> None:
    work, other = Work(), Work()

    async with running(Job("job", work, RARELY), Job("other", other, RARELY, eager=False)) as both:
        await work.rested.wait()
        work.rested.clear()
        both.nudge("job")
        await work.rested.wait()

    assert (work.done, other.done) == (2, 0)


async def test_what_has_begun_is_finished_at_the_end() -> None:
    begun, finished = asyncio.Event(), asyncio.Event()

    async def work() -> bool:
        begun.set()
        await asyncio.sleep(SOON)
        finished.set()
        return True

    async with running(Job("job", work, RARELY)):
        await begun.wait()

    assert finished.is_set()


async def test_what_takes_too_long_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "STOP_SECONDS", SOON)
    begun, broken_off = asyncio.Event(), asyncio.Event()

    async def work() -> bool:
        begun.set()
        try:
            await asyncio.sleep(RARELY)
        finally:
            broken_off.set()
        return False

    async with running(Job("job", work, RARELY)):
        await begun.wait()

    assert broken_off.is_set()
