"""Mails are kept as files, for a developer to read."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from mccs_graphql.adapters.post import Deliver, Unreachable

MAILS_MAX = 500
"""Older ones are removed."""


class Mailbox:
    """A folder that only its owner reads: the links in its mails log people in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def place(self) -> str:
        """The folder."""
        return str(self.folder)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Deliver]:
        """Keep mails. Raises Unreachable if the folder cannot be made."""
        try:
            await asyncio.to_thread(self.folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Unreachable(f"{error.strerror}: {self.folder}") from error
        yield self._deliver

    def paths(self) -> Sequence[Path]:
        """The mails there are, the newest first."""
        return sorted(self.folder.glob("*.eml"), reverse=True)

    async def _deliver(self, message: EmailMessage) -> None:
        await asyncio.to_thread(self._keep, message)

    def _keep(self, message: EmailMessage) -> None:
        """Written under another name first, so that nobody reads half a mail."""
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"
        draft = self.folder / f"{name}.part"
        draft.touch(mode=0o600)
        draft.write_bytes(message.as_bytes())
        draft.rename(self.folder / f"{name}.eml")
        for path in self.paths()[MAILS_MAX:]:
            path.unlink(missing_ok=True)


def read(path: Path) -> EmailMessage:
    """A mail that was kept."""
    return message_from_bytes(path.read_bytes(), policy=default)
