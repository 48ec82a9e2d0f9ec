"""How many attacks there are."""

from pathlib import Path

import pytest

ATTACKS_MIN = 200
FILES = {path.name for path in Path(__file__).parent.glob("test_*.py")}


def test_there_are_at_least_two_hundred_attacks(request: pytest.FixtureRequest) -> None:
    here = [item for item in request.session.items if item.path.parent == Path(__file__).parent]
    if {item.path.name for item in here} != FILES or request.config.getoption("keyword"):
        pytest.skip("only some of the attacks are run")
    attacks = [item for item in here if "attacked" in getattr(item, "fixturenames", ())]
    assert len(attacks) >= ATTACKS_MIN
