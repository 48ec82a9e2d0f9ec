"""Locks that end with the processes that hold them."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mccs_graphql.embedded.errors import EmbeddedServerError

POLL_SECONDS = 0.02
# Longer than a guard gives a server to stop: after a kill -9 the old servers may still be ending.
ENDING_SECONDS = 15.0
COPY_SECONDS = 60.0
PID_BYTES = 20


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Refuse a second mccs on the same folder, naming the first."""
    with opened(path) as lock:
        if not taken(lock):
            holder = os.pread(lock, PID_BYTES, 0).decode().strip() or "unknown"
            raise EmbeddedServerError(
                f"Another mccs (process {holder}) is using {path.parent}. "
                "Stop it first, or name another folder with --folder."
            )
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield


def is_held(path: Path) -> bool:
    """Whether another mccs holds this lock now."""
    if not path.exists():
        return False
    with opened(path) as lock:
        return not taken(lock)


@contextmanager
def server_lock(path: Path, *, name: str, end_left_over: Callable[[], None]) -> Iterator[int]:
    """The lock a server and its guard inherit, so it is free only when all of them are gone.

    Whoever gets it may treat the pid files and sockets of an earlier run as stale.
    """
    with opened(path) as lock:
        if not taken(lock):
            end_left_over()
        if not taken_within(lock, ENDING_SECONDS):
            raise EmbeddedServerError(
                f"A {name} of an earlier run still uses {path.parent} and did not stop. "
                f"Look for it with `ps -ef | grep {path.parent}`, end it and try again."
            )
        yield lock


@contextmanager
def one_copy(path: Path) -> Iterator[None]:
    """Wait while another mccs copies the programs."""
    with opened(path) as lock:
        if not taken_within(lock, COPY_SECONDS):
            raise EmbeddedServerError(f"Another mccs has been writing to {path.parent} too long.")
        yield


@contextmanager
def opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def taken_within(lock: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not taken(lock):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def taken(lock: int) -> bool:
    import fcntl  # noqa: PLC0415 - Windows has none, and is told so before it comes here

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
