"""What the documentation shows is what happens."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, build_schema, get_variable_values, parse, validate

from mccs_graphql.app import create_app
from mccs_graphql.cli import COMMANDS
from mccs_graphql.communities.sample import SAMPLE_LOGINS, load_when_empty
from mccs_graphql.domain.ledger.refusals import TransferCancelledBySystem
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.resolvers.test_precedence import PUBLISHED

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SCHEMA = build_schema((ROOT / "schema.graphql").read_text())
BLOCKS = re.compile(r"```graphql\n(.*?)```(?:[^`]*?```json\n(.*?)```)?", re.DOTALL)


@dataclass(frozen=True)
class Example:
    """A document of a page, and the JSON block that follows it, if any."""

    page: Path
    document: str
    json: str


def examples(*pages: Path) -> Iterator[Example]:
    """The examples of these pages, in order."""
    for page in pages:
        for found in BLOCKS.finditer(page.read_text()):
            yield Example(page, found[1], found[2] or "")


@pytest.mark.parametrize("example", list(examples(*PAGES)), ids=lambda example: example.page.name)
def test_every_example_is_valid(example: Example) -> None:
    assert validate(SCHEMA, parse(example.document)) == []


WITH_VARIABLES = [
    example for example in examples(*PAGES) if example.json and "$" in example.document
]


@pytest.mark.parametrize("example", WITH_VARIABLES, ids=lambda example: example.page.name)
def test_variables_of_an_example_fit_its_document(example: Example) -> None:
    (operation,) = parse(example.document).definitions
    assert isinstance(operation, OperationDefinitionNode)

    values = get_variable_values(
        SCHEMA, operation.variable_definitions or (), json.loads(example.json)
    )

    assert not isinstance(values, list), values


async def test_readme_shows_what_the_sample_community_answers(empty_settings: Settings) -> None:
    await load_when_empty(empty_settings)
    app = create_app(empty_settings)
    token = None
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as graphql:
        for example in examples(ROOT / "README.md"):
            data = await graphql(example.document, by=token)
            if example.json:
                assert data == json.loads(example.json)
            token = token or data["logIn"]["token"]


def test_readme_logs_in_as_a_member_of_the_sample_community() -> None:
    email, password = SAMPLE_LOGINS[0]

    assert f'email: "{email}", password: "{password}"' in (ROOT / "README.md").read_text()


def test_refusals_are_listed_in_their_order() -> None:
    page = (ROOT / "docs" / "integrators.md").read_text()

    assert re.findall(r"^\| \d+ \| `(\w+)`", page, re.MULTILINE) == PUBLISHED
    assert f"`{TransferCancelledBySystem.code}`" in page


def test_every_setting_is_described_with_its_default() -> None:
    rows = [
        line
        for line in (ROOT / "docs" / "operations.md").read_text().splitlines()
        if line.startswith("| `")
    ]
    for name, field in Settings.model_fields.items():
        variable = str(field.validation_alias or f"MCCS_{name.upper()}")
        (row,) = [row for row in rows if f"`{variable}`" in row]
        default = str(field.default).removesuffix(".0")
        assert default.lower() in row.lower(), (variable, default)


def test_every_command_is_mentioned() -> None:
    page = "".join(path.read_text() for path in [*PAGES, ROOT / "CONTRIBUTING.md"])

    for name in COMMANDS:
        assert f"mccs {name}" in page or f"make {name}" in page, name
