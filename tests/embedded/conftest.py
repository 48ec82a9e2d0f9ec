"""Folders for real servers, also when the tests run as root."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty folder; unlike tmp_path, PostgreSQL's own user can pass through its parents."""
    yield from reachable_folder()


@pytest.fixture(scope="module")
def module_place() -> Iterator[Path]:
    """The same, for what several tests share."""
    yield from reachable_folder()


def reachable_folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="mccs-embedded-"))
    path.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(path))  # the sockets go with the rest
        yield path
    shutil.rmtree(path)
