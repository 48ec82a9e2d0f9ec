"""Making the next thing while somebody else works on this one."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import TypeVar

T = TypeVar("T")


async def made_ahead(things: Iterator[T]) -> AsyncGenerator[T, None]:
    """The things, each made in another thread while the one before is in use."""
    coming = asyncio.create_task(asyncio.to_thread(next, things, None))
    try:
        while (thing := await coming) is not None:
            coming = asyncio.create_task(asyncio.to_thread(next, things, None))
            yield thing
    finally:
        coming.cancel()
