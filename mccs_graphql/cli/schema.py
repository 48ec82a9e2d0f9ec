"""``mccs schema``: the schema as text, and whether the reviewed file still says the same."""

import difflib
from pathlib import Path

import click

from mccs_graphql.endpoint.schema import print_schema
from mccs_graphql.settings import Settings

FILE = Path("schema.graphql")


@click.command("schema")
@click.option("--write", is_flag=True, help=f"Write it to {FILE}.")
@click.option("--check", is_flag=True, help=f"Fail if {FILE} says something else.")
def command(*, write: bool, check: bool) -> None:
    """Print the GraphQL schema."""
    printed = print_schema(Settings())
    if write:
        FILE.write_text(printed)
    elif check:
        _check(printed)
    else:
        click.echo(printed, nl=False)


def _check(printed: str) -> None:
    kept = FILE.read_text() if FILE.exists() else ""
    if kept != printed:
        lines = difflib.unified_diff(
            kept.splitlines(), printed.splitlines(), str(FILE), "the code", lineterm="", n=1
        )
        click.echo("\n".join(lines))
        raise click.ClickException(f"{FILE} is not what the code says; run `make schema`.")
