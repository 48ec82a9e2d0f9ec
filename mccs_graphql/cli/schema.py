"""``mccs schema``: the schema as text, and whether the reviewed files still say the same."""

import difflib
from pathlib import Path

import click

from mccs_graphql.endpoint.access_table import print_access
from mccs_graphql.endpoint.schema import print_schema
from mccs_graphql.settings import Settings

SCHEMA = Path("schema.graphql")
ACCESS = Path("docs/access.md")


@click.command("schema")
@click.option("--write", is_flag=True, help=f"Write it to {SCHEMA}, and who may what to {ACCESS}.")
@click.option("--check", is_flag=True, help="Fail if these files say something else.")
def command(*, write: bool, check: bool) -> None:
    """Print the GraphQL schema."""
    printed = print_schema(Settings())
    files = {SCHEMA: printed, ACCESS: print_access(printed)}
    if write:
        for file, text in files.items():
            file.write_text(text)
    elif check:
        for file, text in files.items():
            _check(file, text)
    else:
        click.echo(printed, nl=False)


def _check(file: Path, printed: str) -> None:
    kept = file.read_text() if file.exists() else ""
    if kept != printed:
        lines = difflib.unified_diff(
            kept.splitlines(), printed.splitlines(), str(file), "the code", lineterm="", n=1
        )
        click.echo("\n".join(lines))
        raise click.ClickException(f"{file} is not what the code says; run `make schema`.")
