"""``mccs migrate``: bring the database to the newest schema."""

from pathlib import Path

import click

from mccs_graphql.cli.database import up_to_date


@click.command("migrate")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the data is kept [.mccs].")
def command(folder: Path | None) -> None:
    """Run the missing migrations. `serve` does so by itself."""
    with up_to_date(folder):
        click.echo("The database is up to date.")
