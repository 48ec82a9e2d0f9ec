"""The log: what stands on a line, and what never does."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest

from mccs_graphql.adapters.log_lines import JsonLines, Lines, tell
from mccs_graphql.reference import begin_reference
from tests.clients import GraphQLClient
from tests.factories import MakeMember

DETAIL = "duplicate key\nDETAIL:  Key (email)=(ana@example.com\nx) already exists.\n[SQL: INSERT]"
log = logging.getLogger("tests.lines")


@pytest.fixture(params=[JsonLines("web-1"), Lines()], ids=["json", "text"])
def lines(request: pytest.FixtureRequest) -> Iterator[StringIO]:
    """What is logged, in either form."""
    yield from _written(request.param)


@pytest.fixture
def json_lines() -> Iterator[StringIO]:
    """What is logged, as JSON."""
    yield from _written(JsonLines("web-1"))


def _written(formatter: logging.Formatter) -> Iterator[StringIO]:
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def test_values_of_rows_are_left_out(lines: StringIO) -> None:
    log.error("Failed: %s", DETAIL, exc_info=ValueError(DETAIL))
    assert "ana@" not in lines.getvalue()
    assert "duplicate key" in lines.getvalue()


def test_event_is_one_object_on_one_line(json_lines: StringIO) -> None:
    reference = begin_reference()
    log.error("also\nhere", exc_info=ValueError("two\nlines"))
    (line,) = json_lines.getvalue().splitlines()
    found = json.loads(line)
    assert found["exception"].startswith("ValueError: two\nlines")
    assert (found["level"], found["logger"], found["message"], found["process"]) == (
        *("ERROR", "tests.lines", "also\nhere", "web-1"),
    )
    assert found["request"] == reference
    assert found["time"].endswith("+00:00")


def test_half_a_character_is_no_reason_to_say_nothing() -> None:
    record = log.makeRecord(log.name, logging.ERROR, "", 0, "half: \ud800", (), None)
    assert json.loads(JsonLines("web-1").format(record))["message"] == "half: \ud800"


def test_facts_hide_nothing(json_lines: StringIO) -> None:
    tell(log, logging.INFO, "said", {"message": "other", "outcome": "ok"})
    found = json.loads(json_lines.getvalue())
    assert (found["message"], found["outcome"]) == ("said", "ok")


def told(lines: StringIO) -> list[dict[str, Any]]:
    """What was said of operations."""
    found = [json.loads(line) for line in lines.getvalue().splitlines()]
    return [each for each in found if each["logger"].endswith("sightings")]


async def test_query_that_goes_well_is_not_worth_a_line(
    graphql: GraphQLClient, make: MakeMember, json_lines: StringIO
) -> None:
    await graphql("{ viewer { email } }", by=await make())
    await graphql.send("{ entity(id: 1) { nothing } }")

    (line,) = told(json_lines)
    assert (line["type"], line["outcome"], line["level"]) == ("none", "refused", "INFO")


async def test_operation_leaves_one_line(
    graphql: GraphQLClient, make: MakeMember, json_lines: StringIO, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "mccs_graphql.endpoint.sightings")
    ana = await make()
    answer = await graphql.send(
        "query Secret($id: ID!) { entity(id: $id) { id } viewer { email } }", by=ana, id=ana.id
    )
    (line,) = told(json_lines)
    assert line["request"] == answer["extensions"]["request"]
    assert line["operation"] == ["entity", "viewer"]
    assert (line["type"], line["outcome"], line["level"]) == ("query", "ok", "DEBUG")
    assert line["user"] == str(ana.user_id)
    assert line["milliseconds"] > 0
    said = json_lines.getvalue()
    assert "Secret" not in said
    assert ana.id not in said
    assert ana.token not in said
