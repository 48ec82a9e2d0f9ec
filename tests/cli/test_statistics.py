"""The figures on the command line."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.settings import Settings
from tests.cli.test_commands import mccs
from tests.statistics.ledger import Ledger, on, open_ledger

SPRING = ("--from", "2026-03-01", "--to", "2026-05-01")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
async def ledger(empty_database: Database) -> Ledger:
    """Five have paid each other in March."""
    ledger = await open_ledger(empty_database)
    town = await ledger.members(5)
    await ledger.ring(town, 1_000, on(3, 5))
    return ledger


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        (("--from", "2026-05-01", "--to", "2026-03-01"), "--to: It has to be later"),
        (("--to", "2999-01-01"), "--to: Only what has passed"),
        (("--from", "2020-01-01"), "--from: A period touches at most 24 months."),
    ],
    ids=["backwards", "future", "long"],
)
async def test_period_that_cannot_be_measured_is_refused(
    empty_settings: Settings, asked: tuple[str, ...], refusal: str
) -> None:
    result = mccs("statistics", *asked, settings=empty_settings)

    assert result.returncode == 2
    assert refusal in result.stderr


async def test_table_says_what_is_kept_back(ledger: Ledger, empty_settings: Settings) -> None:
    result = mccs("statistics", *SPRING, settings=empty_settings)

    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines[0] == ("The community in figures, 2026-03-01 00:00 UTC to 2026-05-01 00:00 UTC"), (
        result.stderr
    )
    assert {
        "tradingAccepted 5",
        "Turnover, credits 50.00",
        "2026-03 50.00",
        "2026-04 0.00",
        "Velocity, times a year -",
        "Part of the ten that were paid most kept back",
        "Proposal to decision, median 1:00:00",
        "Kept back: what would tell of fewer than 5 entities.",
    } <= set(lines)


async def test_json_has_the_names_of_the_api(ledger: Ledger, empty_settings: Settings) -> None:
    result = mccs("statistics", *SPRING, "--json", settings=empty_settings)

    found = json.loads(result.stdout)
    schema = (Path(__file__).parents[2] / "schema.graphql").read_text()
    type_ = schema.partition("type CommunityStatistics ")[2].partition("\n}")[0]
    assert all(f"\n  {name}: " in type_ for name in found)
    assert (found["turnover"], found["suppressed"]) == ("50.00", ["TOP_TEN_TURNOVER_SHARE"])
    assert found["timeToDecision"] == {"median": 3600, "p90": 3600}


async def test_picture_has_a_bar_for_each_month_and_status(
    ledger: Ledger, empty_settings: Settings, tmp_path: Path
) -> None:
    town = await ledger.members(2)
    await ledger.pay(town[0], town[1], 500, on(4, 5))
    file = tmp_path / "p.svg"

    result = mccs("statistics", *SPRING, "--svg", str(file), settings=empty_settings)

    assert result.returncode == 0, result.stderr
    picture = ET.parse(file)  # noqa: S314 - our own
    titles = [title.text for title in picture.iterfind(f".//{SVG}g/{SVG}title")]
    assert titles == ["2026-03: kept back", "2026-04: kept back"]
    texts = {text.text for text in picture.iterfind(f".//{SVG}text")}
    assert {"tradingAccepted", "7", "Turnover by month, credits"} <= texts


async def test_picture_that_cannot_be_written_is_a_sentence(
    empty_settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "nowhere" / "p.svg"

    result = mccs("statistics", "--svg", str(file), settings=empty_settings)

    assert result.returncode == 1
    assert result.stderr.endswith(f"Error: {file}: No such file or directory\n")
