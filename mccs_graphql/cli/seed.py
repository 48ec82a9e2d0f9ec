"""``mccs seed``: the sample community, for an empty database."""

import asyncio
from pathlib import Path

import click

from mccs_graphql.cli.database import up_to_date
from mccs_graphql.communities.empty import CommunityNotEmpty
from mccs_graphql.communities.sample import SAMPLE_ADMINS, SAMPLE_LOGINS, Summary, load
from mccs_graphql.db.engine import Database
from mccs_graphql.settings import Settings


@click.command("seed")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the data is kept [.mccs].")
def command(folder: Path | None) -> None:
    """Load the sample community, an invented town, into an empty database."""
    with up_to_date(folder) as settings:
        click.echo(asyncio.run(_loaded(settings)))
    for email, password in SAMPLE_LOGINS:
        click.echo(f"Sample login: {email} / {password}")
    for email, password in SAMPLE_ADMINS:
        click.echo(f"Sample admin: {email} / {password}")


async def _loaded(settings: Settings) -> Summary:
    database = Database(settings)
    try:
        return await load(database, settings)
    except CommunityNotEmpty as error:
        raise click.ClickException(str(error)) from error
    finally:
        await database.close()
