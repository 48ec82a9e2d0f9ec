"""However we end, the servers end as well and the data stays."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from mccs_graphql.embedded import servers
from mccs_graphql.embedded.account import Account, postgres_account
from mccs_graphql.embedded.folders import make_private, open_runtime_folder, runtime_folder
from mccs_graphql.embedded.locks import opened, taken
from mccs_graphql.embedded.postgres import Cluster, is_ready, server
from mccs_graphql.embedded.process import Program, wait_until_ready
from mccs_graphql.embedded.programs import postgres_programs

GONE_SECONDS = 15.0
OWNER = """
import signal, sys, time
from pathlib import Path
from mccs_graphql.embedded import servers
with servers(Path(sys.argv[1])) as started:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    print(started.redis_url, flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def folder(module_place: Path) -> Path:
    """Several starts on one folder, one after the other."""
    return module_place / "data"


@contextmanager
def owner(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process that runs the servers, and its Redis; killed at the end of the block."""
    command = [sys.executable, "-c", OWNER, str(folder)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


async def execute(database_url: str, statement: str) -> list[object]:
    engine = create_async_engine(database_url)
    try:
        async with engine.begin() as connection:
            result = await connection.execute(text(statement))
            return list(result.scalars()) if result.returns_rows else []
    finally:
        await engine.dispose()


def postmaster(folder: Path) -> int:
    return int((folder / "postgresql/postmaster.pid").read_text().splitlines()[0])


def guards(process: int) -> list[int]:
    listed = subprocess.run(
        ["/bin/ps", "-A", "-o", "ppid=,pid="], capture_output=True, text=True, check=True
    )
    pairs = (line.split() for line in listed.stdout.splitlines())
    return [int(child) for parent, child in pairs if int(parent) == process]


def all_end(folder: Path) -> bool:
    """Every process of both servers ends soon: each of them holds its server's lock."""
    deadline = time.monotonic() + GONE_SECONDS
    while not (is_free(folder / "postgresql.lock") and is_free(folder / "redis.lock")):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_free(path: Path) -> bool:
    with path.open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


async def test_data_survives_a_stop(folder: Path) -> None:
    with servers(folder) as first:
        await execute(first.owner_url, "CREATE TABLE kept AS SELECT 1 AS number")
    assert all_end(folder)

    with servers(folder) as second:
        assert await execute(second.owner_url, "SELECT number FROM kept") == [1]


def test_servers_end_when_the_owner_is_killed(folder: Path) -> None:
    with owner(folder) as (process, _):
        assert not is_free(folder / "postgresql.lock")
        process.kill()

        assert all_end(folder)


def test_restart_at_once_after_a_kill_waits_for_the_old_servers(folder: Path) -> None:
    with owner(folder) as (process, _):
        process.kill()
        process.wait()

        with servers(folder) as started:
            assert started.database_url


@pytest.mark.skipif(sys.platform != "linux", reason="needs PR_SET_PDEATHSIG")
def test_servers_end_when_their_guards_are_killed_too(folder: Path) -> None:
    with owner(folder) as (process, _):
        for guard in guards(process.pid):
            os.kill(guard, signal.SIGKILL)
        process.kill()

        assert all_end(folder)


async def test_data_survives_the_kill_of_every_process(folder: Path) -> None:
    with servers(folder) as started:
        await execute(started.owner_url, "CREATE TABLE survivor AS SELECT 2 AS number")
        os.kill(postmaster(folder), signal.SIGKILL)

    assert (folder / "postgresql/postmaster.pid").exists()
    with servers(folder) as restarted:
        assert await execute(restarted.owner_url, "SELECT number FROM survivor") == [2]


async def test_number_of_a_stranger_in_a_stale_pid_file_is_harmless(folder: Path) -> None:
    with servers(folder) as started:
        os.kill(postmaster(folder), signal.SIGKILL)
    pid_file = folder / "postgresql/postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n" + pid_file.read_text().partition("\n")[2])

    with servers(folder) as started:
        assert await execute(started.owner_url, "SELECT 1") == [1]


async def test_left_over_server_without_guard_is_stopped(folder: Path) -> None:
    with unguarded_postgres(folder) as left_over:
        with servers(folder) as started:
            assert await execute(started.owner_url, "SELECT 1") == [1]

        assert left_over.wait(GONE_SECONDS) == 0


@contextmanager
def unguarded_postgres(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """What a killed guard leaves behind on a system that cannot tell the server of its death."""
    account = postgres_account()
    cluster = Cluster(folder, postgres_programs(account), account, durable=True)
    sockets = runtime_folder(folder, account)
    open_runtime_folder(sockets, account)
    make_private(sockets / "postgresql", account)
    with opened(folder / "postgresql.lock") as lock:
        assert taken(lock)
        process = start_as(account, server(cluster, sockets / "postgresql"), lock=lock)
    with process:
        try:
            wait_until_ready(
                server(cluster, sockets), process, ready=lambda: is_ready(cluster), seconds=10
            )
            yield process
        finally:
            process.kill()


def start_as(account: Account, program: Program, *, lock: int) -> subprocess.Popen[bytes]:
    with program.log.open("ab") as log:
        return subprocess.Popen(
            program.command,
            user=None if account.is_ours else account.uid,
            group=None if account.is_ours else account.gid,
            stderr=log,
            cwd="/",
            pass_fds=(lock,),
        )


def test_ctrl_c_at_the_terminal_does_not_reach_the_servers(folder: Path) -> None:
    with owner(folder) as (process, redis_url):
        os.killpg(process.pid, signal.SIGINT)

        with Redis.from_url(redis_url) as client:
            assert client.ping()
    assert all_end(folder)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP])
def test_guard_outlives_a_signal_meant_for_everybody(folder: Path, ending: signal.Signals) -> None:
    with owner(folder) as (process, redis_url):
        for guard in guards(process.pid):
            os.kill(guard, ending)

        with Redis.from_url(redis_url) as client:
            assert client.ping()
    assert all_end(folder)
