"""What to tell the person at the terminal when a server of ours cannot run."""

import errno
from pathlib import Path

LOG_LINES = 12
LOG_BYTES = 16_384
FULL = (errno.ENOSPC, errno.EDQUOT)
FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
NO_FOLDER = (errno.EEXIST, errno.ENOTDIR)
# How the servers' logs say that a disk is full.
FULL_WORDS = ("No space left on device", "Check free disk space", "Disk quota exceeded")


class EmbeddedServerError(Exception):
    """A server could not be started here; the message is plain words for the terminal."""


def server_failure(name: str, log: Path, *, what: str) -> EmbeddedServerError:
    """Say what went wrong with a server, with the last lines it logged."""
    lines = last_lines(log)
    if any(words in lines for words in FULL_WORDS):
        what = f"{what}: the disk that holds {log.parent} is full"
    return EmbeddedServerError(f"{name} {what}. The end of {log}:\n{lines or '  (nothing)'}")


def last_lines(log: Path) -> str:
    """The indented end of a log, bounded in lines and bytes."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - LOG_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    return "\n".join(f"  {line}" for line in lines[-LOG_LINES:])


def system_failure(error: OSError, folder: Path) -> EmbeddedServerError:
    """Put what the operating system refused into plain words."""
    where = error.filename or folder
    if error.errno in FULL:
        return EmbeddedServerError(f"The disk that holds {folder} is full.")
    if error.errno in FORBIDDEN:
        return EmbeddedServerError(
            f"{where} cannot be written ({error.strerror}). Name another folder with --folder."
        )
    if error.errno in NO_FOLDER:
        return EmbeddedServerError(f"{where} is not a folder. Name another with --folder.")
    return EmbeddedServerError(f"The servers could not be started in {folder}: {error}.")
