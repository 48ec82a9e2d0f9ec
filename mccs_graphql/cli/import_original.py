"""``mccs import-original``: a community of the original system, from its own seed files."""

import asyncio
from pathlib import Path

import click

from mccs_graphql.cli.database import up_to_date
from mccs_graphql.communities.original import (
    Outcome,
    Overtaken,
    Report,
    Unreadable,
    import_original,
)
from mccs_graphql.db.engine import Database
from mccs_graphql.settings import Settings

EXIT_REFUSED, EXIT_UNREADABLE = 1, 2


@click.command("import-original")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--skip-refused", is_flag=True, help="Leave refused records out, take the others.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the data is kept [.mccs].")
def command(directory: Path, *, skip_refused: bool, folder: Path | None) -> None:
    """Import the seed files of the original system in DIRECTORY, whole or not at all.

    Both shapes are read: that of mccs-alpha-api (entity.json …) and that of the prototype
    (business.json …). A record that breaks a rule keeps everything out, unless --skip-refused is
    given. Users who are in the database already are left as they are, so a second run changes
    nothing. The exit code is 1 if records were refused, so that nothing was written, and 2 if a
    file could not be read.
    """
    with up_to_date(folder) as settings:
        report = asyncio.run(_imported(settings, directory, skip_refused=skip_refused))
    for line in report.lines():
        click.echo(line)
    if report.outcome is Outcome.REFUSED:
        raise click.exceptions.Exit(EXIT_REFUSED)


async def _imported(settings: Settings, directory: Path, *, skip_refused: bool) -> Report:
    database = Database(settings)
    try:
        return await import_original(
            database, settings, directory, skip_refused=skip_refused, progress=click.echo
        )
    except Unreadable as error:
        click.echo(f"Nothing was written. {error}", err=True)
        raise click.exceptions.Exit(EXIT_UNREADABLE) from error
    except Overtaken as error:
        raise click.ClickException(str(error)) from error
    finally:
        await database.close()
