"""A real Redis that remembers nothing: it carries wake-ups."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mccs_graphql.embedded.account import Account, own_account
from mccs_graphql.embedded.folders import runtime_folder, socket_folder
from mccs_graphql.embedded.locks import server_lock
from mccs_graphql.embedded.process import Program, running, wait_until_ready
from mccs_graphql.embedded.programs import redis_server

NAME = "Redis"
SOCKET = "redis.sock"
START_SECONDS = 10.0
ANSWER_SECONDS = 1.0
ANSWER_BYTES = 64


@contextmanager
def redis(folder: Path, *, account: Account) -> Iterator[str]:
    """Run a Redis for the time of the block, as the user we are; give its URL.

    ``account`` is PostgreSQL's, with which its sockets share a folder.
    """
    binary, log = redis_server(), folder / "redis.log"
    left_over = runtime_folder(folder, account) / "redis" / SOCKET
    sockets = socket_folder(folder, name="redis", account=account)
    with (
        server_lock(
            folder / "redis.lock", name=NAME, end_left_over=lambda: end_left_over(left_over)
        ) as lock,
        sockets as socket_path,
    ):
        log.open("wb").close()
        log.chmod(0o600)
        program = server(binary, socket_path / SOCKET, log=log)
        with running(program, lock=lock) as process:
            wait_until_ready(
                program,
                process,
                ready=lambda: answers(socket_path / SOCKET),
                seconds=START_SECONDS,
            )
            yield f"unix://{socket_path / SOCKET}"


def server(binary: Path, path: Path, *, log: Path) -> Program:
    options = {
        "--port": "0",
        "--unixsocket": str(path),
        "--unixsocketperm": "700",
        "--save": "",
        "--appendonly": "no",
        "--dir": str(path.parent),
    }
    words = [word for pair in options.items() for word in pair]
    command = (str(binary), *words)
    return Program(NAME, command, own_account(), log, stop=signal.SIGTERM)


def answers(path: Path) -> bool:
    try:
        return ask(path, b"PING\r\n").startswith(b"+PONG")
    except OSError:
        return False


def end_left_over(path: Path) -> None:
    """Stop a server whose guard died with its owner."""
    with suppress(OSError):
        ask(path, b"SHUTDOWN NOSAVE\r\n")


def ask(path: Path, command: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(ANSWER_SECONDS)
        client.connect(str(path))
        client.sendall(command)
        return client.recv(ANSWER_BYTES)
