"""Which user the servers run as."""

import os
import platform
import stat
from dataclasses import dataclass
from pathlib import Path

from mccs_graphql.embedded.errors import EmbeddedServerError

# PostgreSQL refuses to run as root; this user exists on every Unix and owns nothing.
UNPRIVILEGED = "nobody"
SUPPORTED = ("Linux", "Darwin")


@dataclass(frozen=True)
class Account:
    """A user of the operating system, as processes and files know it."""

    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        return self.uid == os.geteuid()


def refuse_unsupported(system: str | None = None) -> None:
    """Say so where there are no servers for the system (this one, unless named)."""
    system = system or platform.system()
    if system not in SUPPORTED:
        raise EmbeddedServerError(
            f"mccs brings no servers for {system}. Set DATABASE_URL and REDIS_URL to the addresses "
            "of running ones, or use Linux (on Windows: WSL) or macOS."
        )


def own_account() -> Account:
    """Whoever started us."""
    return Account(uid=os.geteuid(), gid=os.getegid())


def postgres_account() -> Account:
    """Whoever started us, or ``nobody`` when that was root."""
    import pwd  # noqa: PLC0415 - Windows has none, and is told so before it comes here

    if os.geteuid() != 0:
        own_name()  # initdb looks it up as well and fails in words of its own
        return own_account()
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise EmbeddedServerError(
            f"PostgreSQL refuses to run as root and there is no user {UNPRIVILEGED} to run it as. "
            "Start mccs as an ordinary user, or set DATABASE_URL."
        ) from None
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def own_name() -> str:
    """The name PostgreSQL knows us by when we connect."""
    import pwd  # noqa: PLC0415 - as above

    uid = os.geteuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        raise EmbeddedServerError(
            f"User id {uid} has no name here (no entry in /etc/passwd), and PostgreSQL needs one. "
            "Start mccs as a user with a name, or set DATABASE_URL."
        ) from None


def blocking_parent(path: Path, account: Account) -> Path | None:
    """The topmost existing parent of ``path`` that ``account`` may not pass through."""
    parents = (parent for parent in reversed(path.parents) if parent.exists())
    return next((parent for parent in parents if not may(parent, account, stat.S_IXOTH)), None)


def may(path: Path, account: Account, wanted: int) -> bool:
    """Whether the mode of ``path`` grants ``wanted``, given as the bits for others."""
    found = path.stat()
    if found.st_uid == account.uid:
        wanted <<= 6
    elif found.st_gid == account.gid:
        wanted <<= 3
    return found.st_mode & wanted == wanted
