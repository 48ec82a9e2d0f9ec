"""The folders that hold the servers' data and their sockets."""

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mccs_graphql.embedded.account import (
    UNPRIVILEGED,
    Account,
    blocking_parent,
    postgres_account,
    refuse_unsupported,
)
from mccs_graphql.embedded.errors import EmbeddedServerError

LOCK = "mccs.lock"
# For root, when `nobody`, whom PostgreSQL runs as then, cannot reach the folder we are in.
ROOT_FOLDER = Path("/var/lib/mccs-graphql")
RUNTIME_FOLDER = Path("/tmp")  # noqa: S108 - every use checks that the folder below is ours
DIGEST_LENGTH = 12
# A Unix socket's path has about 100 bytes; the longest name we put in a folder has 25.
SOCKET_FOLDER_BYTES = 75
# What others must not be allowed; the group of PostgreSQL's user may pass through, see `restrict`.
OTHERS = 0o067


def default_folder() -> Path:
    """Where the data goes when nobody says: ``.mccs`` here, if the servers can reach that."""
    refuse_unsupported()
    here = Path.cwd()
    if os.geteuid() != 0 or blocking_parent(here / ".mccs", postgres_account()) is None:
        return here / ".mccs"
    return ROOT_FOLDER / f"{here.name}-{digest(here)}"


def digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:DIGEST_LENGTH]


def open_data_folder(folder: Path, account: Account) -> None:
    """Create the folder, or check that it is one of ours, and close it to everybody else."""
    if ROOT_FOLDER in folder.parents:
        open_root_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    refuse_foreign(folder)
    restrict(folder, account)
    blocker = blocking_parent(folder / LOCK, account)
    if blocker is not None:
        raise EmbeddedServerError(
            f"PostgreSQL refuses to run as root, and the user {UNPRIVILEGED} that it runs as "
            f"cannot pass {blocker} to reach {folder}. Name a folder elsewhere with --folder."
        )


def refuse_foreign(folder: Path) -> None:
    """Take over nobody's files: what we are given we close to others and may be told to delete."""
    owner = folder.stat().st_uid
    if owner != os.geteuid():
        raise EmbeddedServerError(
            f"{folder} belongs to user id {owner}, and you are {os.geteuid()}. "
            "Start mccs as that user, or name another folder with --folder."
        )
    if any(folder.iterdir()) and not (folder / LOCK).exists():
        raise EmbeddedServerError(
            f"{folder} holds other files. Name a new or an empty folder with --folder."
        )


def open_root_folder() -> None:
    """Our folder among the system's; its parents are open to everybody on every system."""
    ROOT_FOLDER.mkdir(parents=True, exist_ok=True)
    if ROOT_FOLDER.lstat().st_uid != 0 or ROOT_FOLDER.is_symlink():
        raise EmbeddedServerError(f"{ROOT_FOLDER} does not belong to root; remove it.")
    ROOT_FOLDER.chmod(0o755)


def restrict(folder: Path, account: Account) -> None:
    """Ours alone; as root, PostgreSQL's user may pass through, but not look around."""
    if account.is_ours:
        folder.chmod(0o700)
    else:
        os.chown(folder, -1, account.gid)
        folder.chmod(0o710)


@contextmanager
def socket_folder(data: Path, *, name: str, account: Account) -> Iterator[Path]:
    """An empty folder for one server's sockets, with a short path, that only it and we can open.

    Call it holding that server's lock: what an earlier run left there is removed.
    """
    runtime = runtime_folder(data, account)
    open_runtime_folder(runtime, account)
    folder = runtime / name
    remove(folder)
    make_private(folder, account)
    try:
        yield folder
    finally:
        remove(folder)
        with suppress(OSError):  # the other server still has its own folder here
            runtime.rmdir()


def runtime_folder(data: Path, account: Account) -> Path:
    given = Path(os.environ.get("XDG_RUNTIME_DIR") or "/nowhere")
    chosen = given / f"mccs-{digest(data)}"
    short = len(os.fsencode(chosen)) <= SOCKET_FOLDER_BYTES
    if short and is_own_folder(given) and blocking_parent(chosen, account) is None:
        return chosen
    return RUNTIME_FOLDER / f"mccs-{os.geteuid()}-{digest(data)}"


def is_own_folder(path: Path) -> bool:
    return path.is_absolute() and path.is_dir() and path.stat().st_uid == os.geteuid()


def open_runtime_folder(folder: Path, account: Account) -> None:
    """Create it, or check that nobody else created it before us."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    closed = found.st_mode & OTHERS == 0
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or not closed:
        raise EmbeddedServerError(
            f"{folder}, where the servers' sockets go, was made by somebody else or is open to "
            "others. Remove it and try again."
        )
    restrict(folder, account)


def make_private(folder: Path, account: Account) -> None:
    """A new folder for the account alone."""
    folder.mkdir(mode=0o700)
    if not account.is_ours:
        os.chown(folder, account.uid, account.gid)


def remove(folder: Path) -> None:
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)
