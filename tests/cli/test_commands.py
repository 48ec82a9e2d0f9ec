"""The smaller commands, run as a person runs them."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from mccs_graphql.communities.sample import load
from mccs_graphql.db.engine import Database
from mccs_graphql.db.queries import users
from mccs_graphql.domain.identity import sessions
from mccs_graphql.domain.identity.sealing import Seal
from mccs_graphql.embedded import Servers
from mccs_graphql.settings import Settings
from tests.conftest import settings_for
from tests.databases import as_superuser, temporary_database
from tests.factories import make_member
from tests.second_factors import enrol

PATIENCE_SECONDS = 120
ROOT = Path(__file__).parents[2]

TAMPER = """
UPDATE accounts SET balance = balance + 1 WHERE account_number = (
    SELECT min(account_number) FROM accounts WHERE balance < max_positive_balance)
RETURNING account_number
"""


def mccs(
    *words: str, settings: Settings | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command on the database of the settings."""
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
    if settings:
        environment["DATABASE_URL"] = settings.database_url
        environment["MCCS_OWNER_DATABASE_URL"] = settings.owner_database_url
    return subprocess.run(
        [sys.executable, "-m", "mccs_graphql", *words],
        env=environment,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


async def tamper(settings: Settings) -> str:
    """Move a balance behind the guards' back; the number of the account."""
    async with as_superuser(settings) as connection:
        tampered: str = await connection.fetchval(TAMPER)
    return tampered


async def test_check_books_names_the_account_that_was_tampered_with(
    empty_database: Database, empty_settings: Settings
) -> None:
    await load(empty_database, empty_settings)
    tampered = await tamper(empty_settings)

    result = mccs("check-books", settings=empty_settings)

    assert result.returncode == 1
    assert f"A balance is not the sum of its postings: {tampered}" in result.stdout
    assert "The books do not balance." in result.stderr


async def test_check_books_is_content_with_the_sample_community(
    empty_database: Database, empty_settings: Settings
) -> None:
    await load(empty_database, empty_settings)

    result = mccs("check-books", settings=empty_settings)

    assert (result.returncode, result.stdout.splitlines()[-1]) == (0, "Books balance.")


def test_worker_without_a_database_says_what_it_needs() -> None:
    result = mccs("worker", "--once")

    assert (result.returncode, result.stderr.strip()) == (
        1,
        "Error: Set DATABASE_URL: a worker has no servers of its own.",
    )


async def test_worker_that_finds_a_difference_fails(
    empty_database: Database, empty_settings: Settings
) -> None:
    await load(empty_database, empty_settings)
    tampered = await tamper(empty_settings)

    result = mccs("worker", "--once", settings=empty_settings)

    assert result.returncode == 1
    assert f"subject='{tampered}'" in result.stderr


async def test_worker_proves_the_books(empty_settings: Settings) -> None:
    result = mccs("worker", "--once", settings=empty_settings)

    assert result.returncode == 0
    assert "Books balance: 0 transfers looked at" in result.stderr


def test_unreachable_database_is_a_sentence(settings: Settings) -> None:
    nowhere = settings.model_copy(update={"owner_database_url": "postgresql://x@127.0.0.1:1/x"})

    result = mccs("migrate", settings=nowhere)

    assert result.returncode == 1
    assert "The database cannot be reached" in result.stderr
    assert "Traceback" not in result.stderr


async def test_role_that_serves_does_not_migrate(started: Servers) -> None:
    if started.database_url == started.owner_url:
        pytest.skip("one role does all here")
    async with temporary_database(started.owner_url, "mccs_unmigrated") as name:
        settings = settings_for(started, name).model_copy(update={"owner_database_url": ""})

        result = mccs("migrate", settings=settings)

    assert result.returncode == 1
    assert "name that one in MCCS_OWNER_DATABASE_URL" in result.stderr
    assert "Traceback" not in result.stderr


def test_schema_file_is_what_the_code_says() -> None:
    assert mccs("schema", "--check", cwd=ROOT).returncode == 0


def test_schema_file_that_says_something_else_is_shown(tmp_path: Path) -> None:
    text = (ROOT / "schema.graphql").read_text()
    (tmp_path / "schema.graphql").write_text(text.replace("acceptTransfer(", "agreeTransfer("))

    result = mccs("schema", "--check", cwd=tmp_path)

    assert result.returncode == 1
    assert "acceptTransfer(" in result.stdout


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_help_and_version_answer(word: str) -> None:
    assert mccs(word).returncode == 0


def test_demo_ends_with_balanced_books() -> None:
    result = mccs("demo")

    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    heard = [line.split(" hears live: ")[1] for line in lines if "hears live" in line]
    assert heard == [
        "TransferProposed 25.00 from Ana's Bakery to Ben's Bicycles (INITIATED)",
        "TransferCompleted 25.00 from Ana's Bakery to Ben's Bicycles (COMPLETED)",
    ]
    assert lines[-3:] == [
        "Balance of Ana's Bakery: -25.00 credits",
        "Balance of Ben's Bicycles: 25.00 credits",
        "Books balance.",
    ]


def test_rotated_key_is_named(empty_settings: Settings) -> None:
    said = [mccs("rotate-keys", settings=empty_settings).stdout for _ in range(2)]

    kids = {re.findall(r"^Signing with (\S{16});", text, re.MULTILINE)[0] for text in said}
    assert len(kids) == 2


class TestResetSecondFactor:
    def test_address_of_nobody_is_said(self, empty_settings: Settings) -> None:
        result = mccs("reset-second-factor", "nobody@example.com", settings=empty_settings)

        assert result.returncode == 1
        assert "No user has the address nobody@example.com." in result.stderr

    async def test_user_without_one_keeps_everything(
        self, empty_database: Database, empty_settings: Settings
    ) -> None:
        ana = await make_member(empty_database)

        result = mccs("reset-second-factor", ana.email, settings=empty_settings)

        said = result.stdout.splitlines()[-1]
        assert said == f"{ana.email} has no second factor; nothing was changed."
        async with empty_database.reading() as session:
            await sessions.authenticate(session, ana.session_id, admins_need_second_factor=True)

    async def test_password_is_enough_again_and_sessions_have_ended(
        self, empty_database: Database, empty_settings: Settings
    ) -> None:
        ana = await make_member(empty_database)
        await enrol(empty_database, ana, seal=Seal(""), at=datetime.now(UTC))

        result = mccs("reset-second-factor", ana.email.upper(), settings=empty_settings)

        assert result.returncode == 0, result.stderr
        assert "logs in with the password alone from now on; sessions ended: 1." in result.stdout
        async with empty_database.writing() as session:
            assert await session.scalar(text("SELECT count(*) FROM user_sessions")) == 0
            for table in ("second_factors", "recovery_codes"):
                assert await session.scalar(text(f"SELECT count(*) FROM {table}")) == 0  # noqa: S608
            user = await users.find_user(session, ana.email)
            assert user
            await sessions.begin(session, user, origin=sessions.Origin(), days=1)


def test_server_whose_secret_does_not_fit_says_so(
    empty_settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MCCS_SECRET", "the secret of the community, of old")
    mccs("rotate-keys", settings=empty_settings)
    monkeypatch.setenv("MCCS_SECRET", "the secret of the community, anew!!")

    result = mccs("serve", "--port", "0", settings=empty_settings, cwd=tmp_path)

    assert result.returncode == 1
    assert "MCCS_SECRET is not the one" in result.stderr
    assert "Traceback" not in result.stderr
    assert "of old" not in result.stdout + result.stderr
