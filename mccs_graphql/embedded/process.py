"""Child processes that end with us, however we end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mccs_graphql.embedded import guard
from mccs_graphql.embedded.account import Account
from mccs_graphql.embedded.errors import server_failure

POLL_SECONDS = 0.01
STOP_SECONDS = 10
# The guard kills the server after STOP_SECONDS; this much later the guard itself is at fault.
GUARD_SECONDS = STOP_SECONDS + 5
# Nothing else of ours goes to the servers: no PG* variable that changes them, and no secret.
KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")

Process = subprocess.Popen[bytes]


@dataclass(frozen=True)
class Program:
    """A command, whom it runs as, and how it is told to stop."""

    name: str
    command: tuple[str, ...]
    account: Account
    log: Path
    stop: signal.Signals


@contextmanager
def running(program: Program, *, lock: int, text: str = "") -> Iterator[Process]:
    """Run a program with ``text`` as its input; stop it at the end of the block.

    What is given is its guard, which ends as the program does, with its exit code.
    """
    process = start(program, lock=lock, text=text)
    try:
        yield process
    finally:
        stop(process)


def start(program: Program, *, lock: int, text: str) -> Process:
    account, kept = program.account, KEPT_VARIABLES
    numbers = (int(program.stop), STOP_SECONDS, account.uid, account.gid, lock)
    with program.log.open("ab") as log:
        return subprocess.Popen(
            [
                sys.executable,
                "-I",
                "-S",
                guard.__file__,
                *map(str, numbers),
                text,
                *program.command,
            ],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            pass_fds=(lock,),
            start_new_session=True,
            cwd="/",
            env={"LC_ALL": "C"} | {name: os.environ[name] for name in kept if name in os.environ},
        )


def stop(process: Process) -> None:
    """Let go of the guard's pipe, which makes it stop the server, and wait for both."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(GUARD_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def finish(program: Program, *, lock: int, text: str = "", seconds: float) -> None:
    """Run a program to its end, which must be a good one."""
    with running(program, lock=lock, text=text) as process:
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            what = f"took longer than {seconds:g} s"
            raise server_failure(program.name, program.log, what=what) from None
    if code != 0:
        raise server_failure(program.name, program.log, what="failed")


def wait_until_ready(
    program: Program, process: Process, *, ready: Callable[[], bool], seconds: float
) -> None:
    """Wait for a server to answer; say what it logged when it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise server_failure(program.name, program.log, what="would not start")
        if time.monotonic() > deadline:
            what = f"was not ready after {seconds:g} s"
            raise server_failure(program.name, program.log, what=what)
        time.sleep(POLL_SECONDS)
