"""Real processes of mccs that are killed without a warning, and started again."""

import asyncio
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx

from mccs_graphql.embedded.guard import death_wish
from mccs_graphql.settings import Settings
from tests.post_office import NEAR

COMMANDS = ("serve --port 0", "serve --port 0", "worker", "worker")
PAUSES = (1.0, 3.0)
"""Between two kills, in seconds: from, to."""
ANY = 0.1
"""Of the kills: they hit any process, also one that is starting. The others hit one at work."""
PATIENCE_SECONDS = 60


class Process:
    """One of them, through all its lives; each has a log of its own."""

    def __init__(self, command: str, environment: Mapping[str, str], *, log: Path) -> None:
        self._words, self._environment, self._log = command.split(), environment, log
        self._lives: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Begin another life, which ends with this process however that ends."""
        path = self._log_of(len(self._lives))
        with path.open("wb") as log:
            life = subprocess.Popen(
                [sys.executable, "-m", "mccs_graphql", *self._words],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=death_wish(signal.SIGKILL),  # noqa: PLW1509 - nothing runs beside us
            )
        self._lives.append(life)

    def kill(self) -> None:
        """SIGKILL: it cannot finish anything, nor say so to anybody."""
        if self._lives:
            self._lives[-1].kill()
            self._lives[-1].wait()

    @property
    def is_up(self) -> bool:
        """Whether it has begun to work."""
        return self._lives[-1].poll() is None and "Mails: " in self.said[-1]

    @property
    def url(self) -> httpx.URL | None:
        """Where it serves, if it does."""
        found = re.search(r"http://\S+/graphql", self.said[-1]) if self.is_up else None
        return httpx.URL(found[0]) if found else None

    @property
    def said(self) -> list[str]:
        """What it said in each of its lives."""
        return [self._log_of(number).read_text() for number in range(len(self._lives))]

    def _log_of(self, life: int) -> Path:
        return self._log.with_suffix(f".{life}.log")


class Fleet:
    """All processes of a community."""

    def __init__(self, settings: Settings, folder: Path, *, smtp_port: int) -> None:
        environment = _environment(settings, smtp_port=smtp_port)
        self._processes = [
            Process(command, environment, log=folder / f"{number}-{command.split()[0]}")
            for number, command in enumerate(COMMANDS)
        ]
        self.kills = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start them all. At the end of the block none is left: the machine is switched off."""
        try:
            for process in self._processes:
                process.start()
            await _until(lambda: all(process.is_up for process in self._processes))
            yield
        finally:
            for process in self._processes:
                self._kill(process)

    @asynccontextmanager
    async def under_fire(self, chance: random.Random) -> AsyncIterator[None]:
        """Within the block one after the other is killed; each begins anew at once."""
        killing = asyncio.create_task(self._kill_at_random(chance))
        try:
            yield
        finally:
            killing.cancel()
            with suppress(asyncio.CancelledError):
                await killing

    async def server(self, chance: random.Random) -> httpx.URL:
        """Where a request may go to now."""
        await _until(lambda: any(process.url for process in self._processes))
        return chance.choice([url for process in self._processes if (url := process.url)])

    @property
    def complaints(self) -> list[str]:
        """What they logged that nobody should have to read."""
        said = [text for process in self._processes for text in process.said]
        return [text for text in said if re.search("^ERROR|^Traceback", text, re.MULTILINE)]

    async def _kill_at_random(self, chance: random.Random) -> None:
        while True:
            await asyncio.sleep(chance.uniform(*PAUSES))
            up = [process for process in self._processes if process.is_up]
            if not up:
                continue  # a slow machine would never come to anything but starting them
            victim = chance.choice(self._processes if chance.random() < ANY else up)
            self._kill(victim)
            victim.start()

    def _kill(self, process: Process) -> None:
        process.kill()
        self.kills += 1


async def _until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not happened():  # noqa: ASYNC110 - other processes have no event
            await asyncio.sleep(0.1)


def _environment(settings: Settings, *, smtp_port: int) -> dict[str, str]:
    """Nobody is too quick for it, as that is not what is tested; and mails go out at once."""
    unwanted = ("MCCS_", "PG", "PYTHONDONTWRITEBYTECODE")  # without bytecode they start slowly
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(unwanted)}
    said = {
        "database_pool": 3,
        "event_poll_seconds": 0.5,
        "mail_from": "Eskerford Exchange <post@mccs.example>",
        "mails_per_minute": 0,
        "mails_per_recipient": 0,
        "operation_seconds": PATIENCE_SECONDS,
        "owner_database_url": settings.owner_database_url,
        "public_url": "https://app.mccs.example",
        "rate_address": 0,
        "rate_session": 0,
        "rate_user": 0,
        "smtp_url": f"smtp://{NEAR}:{smtp_port}",
        "statement_timeout_ms": 1000 * PATIENCE_SECONDS,
    }
    return inherited | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        **{f"MCCS_{name.upper()}": str(value) for name, value in said.items()},
    }
