"""``mccs serve``, run as its users run it."""

import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets import Subprotocol
from websockets.sync.client import connect

from mccs_graphql.embedded import servers

START_SECONDS = 60
STOP_SECONDS = 30
SIGN_UP = """mutation($email: String!) {
  signUp(input: {email: $email, password: "correct horse 1!", entityName: "Bakery"}) {
    __typename
  }
}"""
LOG_IN = """mutation($email: String!, $password: String!) {
  logIn(input: {email: $email, password: $password}) { __typename }
}"""


@dataclass(frozen=True)
class Serving:
    """A running ``mccs serve``, and what it said before it was ready."""

    process: subprocess.Popen[str]
    folder: Path
    said: str

    @property
    def url(self) -> str:
        found = re.search(r"http://\S+/graphql", self.said)
        assert found, self.said
        return found[0]

    @property
    def port(self) -> int:
        return httpx.URL(self.url).port or 80

    def execute(self, query: str, **variables: str) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        answer = httpx.post(self.url, json=body, timeout=START_SECONDS).json()
        assert "errors" not in answer, answer
        found: dict[str, Any] = answer["data"]
        return found

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Its exit code, and what it said after it was ready."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=STOP_SECONDS)
        return self.process.returncode, rest


def launch(*options: object, **variables: str) -> subprocess.Popen[str]:
    """A server in a session of its own, in an environment that says nothing."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("MCCS_", "PG"))}
    environment = inherited | {"DATABASE_URL": "", "REDIS_URL": ""} | variables
    return subprocess.Popen(
        [sys.executable, "-m", "mccs_graphql", "serve", *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env=environment,
    )


@contextmanager
def serving(folder: Path, *options: object, **variables: str) -> Iterator[Serving]:
    """A server that is ready; killed at the end of the block if it still runs."""
    with launch("--folder", folder, "--port", 0, *options, **variables) as process:
        try:
            yield Serving(process, folder, said=until_ready(process))
        finally:
            process.kill()


def until_ready(process: subprocess.Popen[str]) -> str:
    """Everything it says up to the last line before it waits."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Ctrl-C"):
            break
    return "".join(lines)


def refusal(*options: object, **variables: str) -> str:
    """What it says when it cannot serve."""
    with launch(*options, **variables) as process:
        said, _ = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 1, said
    assert "Traceback" not in said
    return said


def mailbox(served: Serving, *words: str) -> str:
    """What `mccs mailbox` says."""
    return subprocess.run(
        [sys.executable, "-m", "mccs_graphql", "mailbox", "--folder", served.folder, *words],
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=True,
    ).stdout


def ready(url: str) -> int:
    return httpx.get(
        httpx.URL(url).copy_with(path="/health/ready"), timeout=START_SECONDS
    ).status_code


def servers_end(folder: Path) -> bool:
    """Every process of both servers ends soon: each of them holds its server's lock."""
    deadline = time.monotonic() + STOP_SECONDS
    while not (is_free(folder / "postgresql.lock") and is_free(folder / "redis.lock")):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def is_free(path: Path) -> bool:
    with path.open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can reach when the tests run as root."""
    path = Path(tempfile.mkdtemp(prefix="mccs-serve-"))
    path.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(path))  # the sockets go with the rest
        yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def served(place: Path) -> Iterator[Serving]:
    """A first start, for tests that only ask."""
    with serving(place / "first") as running:
        yield running
        assert running.end(signal.SIGTERM)[0] == 0


@pytest.fixture
def folder(place: Path) -> Path:
    """Another folder, for the tests that stop and start."""
    return place / "second"


def test_first_start_is_ready_and_answers(served: Serving) -> None:
    assert ready(served.url) == 200
    assert served.execute("{ __typename }") == {"__typename": "Query"}


def test_first_start_says_what_it_does(served: Serving) -> None:
    for step in ("Starting PostgreSQL and Redis", "Loaded the sample community", "Ready."):
        assert step in served.said


def test_printed_logins_work(served: Serving) -> None:
    printed = re.findall(r"^Sample login: (\S+) / (.+)$", served.said, re.MULTILINE)

    assert len(printed) >= 2
    for email, password in printed:
        answer = served.execute(LOG_IN, email=email, password=password)
        assert answer["logIn"] == {"__typename": "LogInPayload"}


def test_printed_queries_are_valid(served: Serving) -> None:
    log_in, viewer = re.findall(r"^  ((?:mutation )?\{.+\})$", served.said, re.MULTILINE)

    assert "token" in served.execute(log_in)["logIn"]
    assert served.execute(viewer) == {"viewer": None}


def test_mails_stay_here_and_are_read_with_a_command(served: Serving) -> None:
    assert f"Mails: kept in {served.folder / 'mailbox'}" in served.said
    served.execute(SIGN_UP, email="curious@there.example")
    deadline = time.monotonic() + START_SECONDS
    while "curious@there.example" not in (listed := mailbox(served)):
        assert time.monotonic() < deadline, listed
        time.sleep(0.5)

    (number,) = re.findall(r"^ +(\d+) .*curious@there.example", listed, re.MULTILINE)
    shown = mailbox(served, number)
    assert "Subject: Please confirm your e-mail address" in shown
    assert f"http://127.0.0.1:{served.port}/verify-email?token=" in shown
    assert mailbox(served, number, "--html").startswith("<!DOCTYPE html>")


def test_mailbox_is_for_its_owner_only(served: Serving) -> None:
    kept = served.folder / "mailbox"

    assert kept.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept.iterdir())


def test_headers_do_not_name_the_software(served: Serving) -> None:
    assert "server" not in httpx.get(served.url, timeout=START_SECONDS).headers


def test_taken_port_is_said_at_once(served: Serving, place: Path) -> None:
    said = refusal("--folder", place / "unused", "--port", served.port)

    assert said == f"Error: Port {served.port} is taken; try --port {served.port + 1}\n"
    assert not (place / "unused").exists()


def test_second_mccs_on_a_folder_is_refused(served: Serving) -> None:
    said = refusal("--folder", served.folder, "--port", 0)

    assert f"Another mccs (process {served.process.pid}) is using {served.folder}" in said


def test_two_folders_are_served_side_by_side(served: Serving, folder: Path) -> None:
    with serving(folder) as other:
        assert ready(other.url) == ready(served.url) == 200
        other.execute(SIGN_UP, email="only@there.example")

        answer = served.execute(LOG_IN, email="only@there.example", password="correct horse 1!")
        code, said = other.end(signal.SIGTERM)
        assert (code, said.splitlines()[-1]) == (0, "Stopped.")

    assert answer["logIn"]["__typename"] == "CredentialsInvalid"


def test_data_survives_a_kill_and_a_restart(folder: Path) -> None:
    with serving(folder) as killed:
        killed.execute(SIGN_UP, email="kept@here.example")
        killed.process.kill()

    with serving(folder) as restarted:
        answer = restarted.execute(LOG_IN, email="kept@here.example", password="correct horse 1!")

    assert answer["logIn"]["__typename"] == "LogInPayload"


def test_servers_end_with_a_killed_mccs(folder: Path) -> None:
    with serving(folder) as running:
        running.process.kill()

        assert servers_end(folder)


def test_ctrl_c_ends_well_with_a_socket_open(folder: Path) -> None:
    with serving(folder) as running:
        url = running.url.replace("http", "ws")
        with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]):
            os.killpg(running.process.pid, signal.SIGINT)
            said, _ = running.process.communicate(timeout=STOP_SECONDS)

    assert (running.process.returncode, said) == (0, "Stopped.\n")
    assert servers_end(folder)


def test_signal_while_starting_ends_well(folder: Path) -> None:
    with launch("--folder", folder, "--port", 0) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Starting")
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=STOP_SECONDS)

    assert process.returncode == 0
    assert said.endswith("Stopped.\n")
    assert servers_end(folder)


def test_servers_given_by_url_are_used(place: Path) -> None:
    with servers(place / "given", durable=False) as given:
        urls = {"DATABASE_URL": given.owner_url, "REDIS_URL": given.redis_url}
        with serving(place / "unused", **urls) as running:
            assert ready(running.url) == 200
            assert "Starting" not in running.said
            assert "Sample login" not in running.said
            assert "could switch off what guards the books" in running.said

    assert not (place / "unused").exists()


def test_unreachable_database_is_said_plainly(place: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    database = f"postgresql://mccs:secret@127.0.0.1:{port}/mccs"

    said = refusal("--port", 0, DATABASE_URL=database, REDIS_URL="redis://127.0.0.1:9")

    assert "The database cannot be reached" in said
    assert "secret" not in said


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder root cannot write to")
def test_folder_that_cannot_be_written_is_said_plainly() -> None:
    folder = Path("/sys/kernel/mccs")

    assert f"Error: {folder} cannot be written" in refusal("--folder", folder, "--port", 0)


def test_unknown_address_is_said_plainly() -> None:
    assert "There is no address nowhere.invalid" in refusal("--host", "nowhere.invalid")


def test_wrong_setting_is_said_plainly() -> None:
    assert "MCCS_UNIT_SCALE" in refusal("--port", 0, MCCS_UNIT_SCALE="many")
