"""A real PostgreSQL in a folder."""

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mccs_graphql.embedded.account import Account, own_name
from mccs_graphql.embedded.errors import EmbeddedServerError
from mccs_graphql.embedded.folders import make_private, remove, runtime_folder, socket_folder
from mccs_graphql.embedded.locks import server_lock
from mccs_graphql.embedded.process import Program, finish, running, wait_until_ready
from mccs_graphql.embedded.programs import POSTGRES_VERSION, postgres_programs

NAME = "PostgreSQL"
DATABASE = "mccs"
OWNER = "mccs"
"""Owns the tables, and as the first role of the server may do everything."""
APPLICATION = "mccs_app"
"""Serves; the first migration makes it."""
PORT = 5432  # nothing listens there: it is part of the socket's name
SOCKETS = "postgresql"
CREATE_SECONDS = 120.0
# A start after a kill replays the log first.
START_SECONDS = 60.0
STATUS_LINE = 7  # of postmaster.pid, as pg_ctl reads it

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL: its folder (``folder/postgresql``) and how it is run."""

    folder: Path
    programs: Path
    account: Account
    durable: bool

    @property
    def data(self) -> Path:
        return self.folder / "postgresql"

    @property
    def log(self) -> Path:
        return self.folder / "postgresql.log"

    @property
    def hba(self) -> Path:
        return self.folder / "pg_hba.conf"

    @property
    def ident(self) -> Path:
        return self.folder / "pg_ident.conf"


@dataclass(frozen=True)
class Addresses:
    """The URLs of the database, for the role that serves and for the one that owns it."""

    application: str
    owner: str


@contextmanager
def postgres(folder: Path, *, account: Account, durable: bool) -> Iterator[Addresses]:
    """Run PostgreSQL on the folder, creating its database first if need be; give its URLs."""
    cluster = Cluster(folder, postgres_programs(account), account, durable)
    sockets = socket_folder(folder, name=SOCKETS, account=account)
    lock_path = folder / "postgresql.lock"
    with (
        server_lock(lock_path, name=NAME, end_left_over=lambda: end_left_over(cluster)) as lock,
        sockets as socket_path,
    ):
        prepare(cluster, lock=lock)
        program = server(cluster, socket_path)
        with running(program, lock=lock) as process:
            wait_until_ready(
                program, process, ready=lambda: is_ready(cluster), seconds=START_SECONDS
            )
            yield addresses(socket_path)


def addresses(socket_path: Path) -> Addresses:
    place = f"/{DATABASE}?host={socket_path}&port={PORT}"
    application, owner = (f"postgresql+asyncpg://{role}@{place}" for role in (APPLICATION, OWNER))
    return Addresses(application, owner)


def addresses_in_use(folder: Path, *, account: Account) -> Addresses | None:
    """The URLs of the PostgreSQL that another mccs runs on the folder, if it listens now."""
    socket_path = runtime_folder(folder, account) / SOCKETS
    listens = (socket_path / f".s.PGSQL.{PORT}").is_socket()
    return addresses(socket_path) if listens else None


def prepare(cluster: Cluster, *, lock: int) -> None:
    cluster.log.open("wb").close()
    cluster.log.chmod(0o600)
    if not cluster.data.exists():
        create(cluster, lock=lock)
    check(cluster)
    (cluster.data / "postmaster.pid").unlink(missing_ok=True)  # stale: we hold the lock
    write_access_rules(cluster)


def create(cluster: Cluster, *, lock: int) -> None:
    """Make the data folder, whole or not at all: its name appears when the database is in it."""
    new = cluster.data.with_name("postgresql.new")
    remove(new)
    try:
        make_private(new, cluster.account)
        finish(initdb(cluster, new), lock=lock, seconds=CREATE_SECONDS)
        finish(
            single_user(cluster, new),
            lock=lock,
            text=f"CREATE DATABASE {DATABASE}\n",
            seconds=CREATE_SECONDS,
        )
        new.rename(cluster.data)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    persist(cluster.folder)


def persist(folder: Path) -> None:
    """Have the disk remember the new name before anything is committed under it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check(cluster: Cluster) -> None:
    """Refuse a data folder this PostgreSQL could not open."""
    owner = cluster.data.stat().st_uid
    if owner != cluster.account.uid:
        raise EmbeddedServerError(
            f"{cluster.data} belongs to user id {owner}, but PostgreSQL would run as user id "
            f"{cluster.account.uid}. Start mccs as the user who made it, or name another --folder."
        )
    release = (cluster.data / "PG_VERSION").read_text().strip()
    if release != str(POSTGRES_VERSION):
        raise EmbeddedServerError(
            f"{cluster.data} was made by PostgreSQL {release}, and this is {POSTGRES_VERSION}. "
            "Name another --folder, and carry the data over with pg_dump."
        )


def write_access_rules(cluster: Cluster) -> None:
    """Only our own user may connect, proven by the kernel; there is no password to keep."""
    write(cluster.hba, f"local all {OWNER},{APPLICATION} peer map=mccs\n", account=cluster.account)
    name = own_name().replace('"', '""')
    lines = [f'mccs "{name}" {role}\n' for role in (OWNER, APPLICATION)]
    write(cluster.ident, "".join(lines), account=cluster.account)


def write(path: Path, text: str, *, account: Account) -> None:
    path.write_text(text)
    if account.is_ours:
        path.chmod(0o600)
    else:
        os.chown(path, -1, account.gid)
        path.chmod(0o640)


def initdb(cluster: Cluster, data: Path) -> Program:
    options = ["-D", str(data), "-U", OWNER, "--auth=peer", "--no-instructions"]
    # The builtin locale knows Unicode on every system; the C library's may not be installed.
    options += ["--encoding=UTF8", "--locale=C"]
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    options += [] if cluster.durable else ["--no-sync"]
    return program(cluster, "initdb", *options)


def single_user(cluster: Cluster, data: Path) -> Program:
    settings = {"exit_on_error": "on"} | ({} if cluster.durable else NOT_DURABLE)
    return program(
        cluster, "postgres", "--single", "-D", str(data), *assigned(settings), "postgres"
    )


def server(cluster: Cluster, socket_path: Path) -> Program:
    settings = SETTINGS | ({} if cluster.durable else NOT_DURABLE)
    settings |= {
        "unix_socket_directories": str(socket_path),
        "hba_file": str(cluster.hba),
        "ident_file": str(cluster.ident),
    }
    return program(cluster, "postgres", "-D", str(cluster.data), *assigned(settings))


def assigned(settings: dict[str, str]) -> list[str]:
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def program(cluster: Cluster, name: str, *options: str) -> Program:
    """One of PostgreSQL's programs; SIGINT is its fast shutdown."""
    command = (str(cluster.programs / name), *options)
    return Program(NAME, command, cluster.account, cluster.log, stop=signal.SIGINT)


def is_ready(cluster: Cluster) -> bool:
    try:
        lines = (cluster.data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > STATUS_LINE and lines[STATUS_LINE].strip() == "ready"


def end_left_over(cluster: Cluster) -> None:
    """Stop a server whose guard died with its owner.

    When its socket answers, the process that postmaster.pid names is the one that listens.
    """
    with suppress(OSError, ValueError, IndexError):
        lines = (cluster.data / "postmaster.pid").read_text().splitlines()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(f"{lines[4]}/.s.PGSQL.{PORT}")
        os.kill(int(lines[0]), signal.SIGINT)
