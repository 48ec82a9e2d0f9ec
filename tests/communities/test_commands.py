"""``mccs import-original`` and ``mccs seed`` say how they ended."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mccs_graphql.cli import import_original, seed
from mccs_graphql.communities.sample import SAMPLE_ADMINS, SAMPLE_LOGINS
from mccs_graphql.settings import Settings
from tests.communities.seed_files import API_FILES, changed, write_files


@pytest.fixture
def runner(empty_settings: Settings) -> CliRunner:
    """Runs commands on an empty database."""
    return CliRunner(
        env={
            "DATABASE_URL": empty_settings.database_url,
            "MCCS_OWNER_DATABASE_URL": empty_settings.owner_database_url,
            "MCCS_PASSWORD_MEMORY_KIB": str(empty_settings.password_memory_kib),
        }
    )


def import_from(runner: CliRunner, *arguments: Path | str) -> Result:
    """Run ``mccs import-original``."""
    return runner.invoke(import_original.command, [str(argument) for argument in arguments])


def test_unreadable_files_end_with_2(runner: CliRunner, tmp_path: Path) -> None:
    result = import_from(runner, write_files(tmp_path, API_FILES | {"tag.json": "{"}))

    assert result.exit_code == 2
    assert "Nothing was written. tag.json: is not JSON" in result.output


def test_refused_records_end_with_1_and_the_report(runner: CliRunner, tmp_path: Path) -> None:
    files = changed(API_FILES, "user.json", 2, email="nowhere")

    result = import_from(runner, write_files(tmp_path, files))

    assert result.exit_code == 1
    assert "2 ('nowhere')" in result.output
    assert "Nothing was written, because records are refused." in result.output


def test_refused_records_can_be_skipped(runner: CliRunner, tmp_path: Path) -> None:
    files = changed(API_FILES, "user.json", 2, email="nowhere")

    result = import_from(runner, "--skip-refused", write_files(tmp_path, files))

    assert result.exit_code == 0
    assert "1 entities" in result.output


def test_import_ends_well_twice(runner: CliRunner, tmp_path: Path) -> None:
    folder = write_files(tmp_path, API_FILES)

    first, again = import_from(runner, folder), import_from(runner, folder)

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert "Written in one transaction" in first.output
    assert "Nothing to do" in again.output


def test_seed_refuses_a_database_that_is_not_empty(runner: CliRunner) -> None:
    first, again = runner.invoke(seed.command), runner.invoke(seed.command)

    assert first.exit_code == 0, first.output
    assert again.exit_code == 1
    assert "Error: There is a community in this database already." in again.output


def test_seed_names_the_sample_logins(runner: CliRunner) -> None:
    result = runner.invoke(seed.command)

    for email, password in SAMPLE_LOGINS:
        assert f"Sample login: {email} / {password}" in result.output
    for email, password, role in SAMPLE_ADMINS:
        assert f"Sample admin ({role}): {email} / {password}" in result.output
