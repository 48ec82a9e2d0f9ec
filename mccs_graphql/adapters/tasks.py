"""Ending tasks that talk to Redis."""

import asyncio
from collections.abc import Iterable

CANCEL_SECONDS = 0.5


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel until it is heard: redis-py swallows a cancellation that comes while it connects."""
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=CANCEL_SECONDS)
