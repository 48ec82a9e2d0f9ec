"""Everything that is measured, running: PostgreSQL, Redis, the API and the floor."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.engine import make_url

from mccs_graphql.db.migrate import upgrade
from mccs_graphql.embedded import Servers, servers

STOP_SECONDS = 10
RATES = ("MCCS_RATE_USER", "MCCS_RATE_SESSION", "MCCS_RATE_VISITOR", "MCCS_RATE_ADDRESS")
SOCKETS = ("MCCS_SOCKETS_PER_USER", "MCCS_SOCKETS_PER_ADDRESS")
PLENTY = str(10**9)
"""Points a minute: all is counted, and nothing refused."""
_ADDRESS = re.compile(r"http://(127\.0\.0\.1:[0-9]+)")


@dataclass(frozen=True)
class Stage:
    """Where things are; addresses are ``host:port``. Only ``protected`` counts points."""

    folder: Path
    database_url: str
    api: str
    protected: str
    floor: str

    @property
    def dsn(self) -> str:
        return plain(self.database_url)


@contextmanager
def empty_database() -> Iterator[Servers]:
    """Durable servers in a folder that goes away with them."""
    with TemporaryDirectory(prefix="mccs-bench-") as folder:
        Path(folder).chmod(0o755)  # as root, PostgreSQL runs as another user, who passes through
        with servers(Path(folder) / "data", durable=True) as own:
            upgrade(own.owner_url, application_url=own.database_url)
            yield own


@contextmanager
def staged(own: Servers) -> Iterator[Stage]:
    """``mccs serve``, twice, and the floor, each in a process of its own, on these servers."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MCCS_")}
    kept |= dict.fromkeys(SOCKETS, "0")  # one member's many stand for many members
    environment = kept | {"DATABASE_URL": plain(own.database_url), "REDIS_URL": own.redis_url}
    as_owner = {"DATABASE_URL": plain(own.owner_url)}  # of the floor's own tables
    serve = ("mccs_graphql", "serve", "--port", "0")
    with (
        _serving(*serve, environment=environment | dict.fromkeys(RATES, "0")) as api,
        _serving(*serve, environment=environment | dict.fromkeys(RATES, PLENTY)) as protected,
        _serving("bench.floor", environment=environment | as_owner) as floor,
    ):
        yield Stage(own.folder, own.owner_url, api, protected, floor)


def plain(url: str) -> str:
    """The URL as everything but SQLAlchemy writes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def _serving(module: str, *arguments: str, environment: dict[str, str]) -> Iterator[str]:
    """A module that says its address when it is ready; gives host and port."""
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(  # noqa: S603 - our own modules
        command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        found = next(filter(None, map(_ADDRESS.search, process.stdout or ())), None)
        if found is None:
            raise SystemExit(f"{module} did not start.")
        yield found[1]
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
