"""Commands about the audit trail, and the traces that commands leave in it."""

import csv
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from mccs_graphql.communities.sample import load
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import ActorKind, AuditEntry
from mccs_graphql.domain.audit.export import COLUMNS
from mccs_graphql.domain.audit.proof import CHANGED, NOT_IN_CHAIN
from mccs_graphql.domain.identity.sealing import Seal
from mccs_graphql.settings import Settings
from tests.cli.test_commands import mccs
from tests.databases import as_superuser
from tests.factories import make_member
from tests.second_factors import enrol


async def entries_of(database: Database, action: str) -> list[AuditEntry]:
    """What the system did of this kind."""
    by_system = AuditEntry.actor_kind == ActorKind.SYSTEM
    async with database.reading() as session:
        found = await session.scalars(
            select(AuditEntry).where(by_system, AuditEntry.action == action)
        )
        return list(found)


class TestCheckBooks:
    async def test_changed_entry_is_named(
        self, empty_database: Database, empty_settings: Settings
    ) -> None:
        await load(empty_database, empty_settings)
        mccs("check-books", settings=empty_settings)  # seals it
        async with as_superuser(empty_settings) as connection:
            id_ = await connection.fetchval("UPDATE audit_entries SET action = 'x' RETURNING id")

        result = mccs("check-books", settings=empty_settings)

        assert result.returncode == 1
        assert f"{CHANGED}: entry {id_} (number 1, x): " in result.stdout
        assert "The audit trail cannot be trusted." in result.stderr

    async def test_seal_that_it_printed_is_found_again(
        self, empty_database: Database, empty_settings: Settings
    ) -> None:
        await load(empty_database, empty_settings)
        printed = mccs("check-books", settings=empty_settings).stdout
        (seal,) = [
            line.rsplit(" ", 1)[1] for line in printed.splitlines() if line.startswith("Seal of")
        ]

        assert mccs("check-books", "--seal", seal, settings=empty_settings).returncode == 0
        other = mccs("check-books", "--seal", seal[::-1], settings=empty_settings)
        assert other.returncode == 1
        assert NOT_IN_CHAIN in other.stdout

    @pytest.mark.parametrize("seal", ["", "abc", "xy" * 32, "00" * 31])
    def test_what_is_no_seal_is_said(self, seal: str) -> None:
        result = mccs("check-books", "--seal", seal)

        assert result.returncode == 2
        assert "A seal has 64 digits" in result.stderr


class TestExport:
    async def test_file_has_every_entry(
        self, empty_database: Database, empty_settings: Settings, tmp_path: Path
    ) -> None:
        await load(empty_database, empty_settings)
        file = tmp_path / "audit.csv"

        result = mccs("export-audit", "--file", str(file), settings=empty_settings)

        assert result.returncode == 0, result.stderr
        head, row = csv.reader(file.read_text().splitlines())
        assert head == list(COLUMNS)
        assert row[COLUMNS.index("action")] == "seed"
        assert "Exported 1 audit entries." in result.stderr
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert not file.with_name("audit.csv.part").exists()

    async def test_time_bounds_it(self, empty_database: Database, empty_settings: Settings) -> None:
        await load(empty_database, empty_settings)

        past = mccs("export-audit", "--to", "2020-01-01", settings=empty_settings)
        since = mccs("export-audit", "--from", "2020-01-01T00:00Z", settings=empty_settings)

        assert "seed" not in past.stdout
        assert ",seed,DONE," in since.stdout

    def test_time_that_is_none_is_said(self) -> None:
        result = mccs("export-audit", "--from", "yesterday")

        assert result.returncode == 2
        assert "yesterday is no time" in result.stderr

    async def test_folder_that_is_not_there_is_said(
        self, empty_settings: Settings, tmp_path: Path
    ) -> None:
        file = tmp_path / "nowhere" / "audit.csv"

        result = mccs("export-audit", "--file", str(file), settings=empty_settings)

        assert result.returncode == 1
        assert "No such file or directory" in result.stderr
        assert "Traceback" not in result.stderr


class TestTraces:
    async def test_seed_is_one_entry(
        self, empty_database: Database, empty_settings: Settings
    ) -> None:
        mccs("seed", settings=empty_settings)

        (entry,) = await entries_of(empty_database, "seed")
        assert _reason(entry).startswith("Eskerford: ")

    async def test_large_seed_is_one_entry(
        self, empty_database: Database, empty_settings: Settings
    ) -> None:
        mccs("seed", "--entities", "12", settings=empty_settings)

        (entry,) = await entries_of(empty_database, "seed")
        assert _reason(entry).startswith("12 entities")

    async def test_rotated_key_leaves_an_entry_without_the_key(
        self, empty_database: Database, empty_settings: Settings
    ) -> None:
        mccs("rotate-keys", settings=empty_settings)

        (entry,) = await entries_of(empty_database, "rotate-keys")
        assert entry.details
        (change,) = entry.details["changes"]
        assert change["fields"]["privateKey"] == [None, "(not shown)"]

    async def test_reset_second_factor_names_the_user(
        self, empty_database: Database, empty_settings: Settings
    ) -> None:
        member = await make_member(empty_database)
        await enrol(empty_database, member, seal=Seal(""), at=datetime.now(UTC))

        mccs("reset-second-factor", member.email, settings=empty_settings)

        (entry,) = await entries_of(empty_database, "reset-second-factor")
        assert member.user_id in entry.subjects


def _reason(entry: AuditEntry) -> str:
    assert entry.details
    reason: str = entry.details["reason"]
    return reason
