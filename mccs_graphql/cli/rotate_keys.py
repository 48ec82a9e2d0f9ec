"""``mccs rotate-keys``: sign access tokens with a new key."""

import asyncio
from pathlib import Path

import click

from mccs_graphql.cli.database import up_to_date
from mccs_graphql.db.engine import Database
from mccs_graphql.domain.identity import keys
from mccs_graphql.domain.identity.sealing import Seal
from mccs_graphql.settings import Settings


@click.command("rotate-keys")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the data is kept [.mccs].")
def command(folder: Path | None) -> None:
    """Make a new key; tokens signed with the old ones stay good until they expire.

    The new key is sealed with MCCS_SECRET if that is set. Nobody is logged out.
    """
    with up_to_date(folder) as settings:
        kid = asyncio.run(rotate(settings))
    click.echo(f"Signing with {kid}; running servers follow within a minute.")


async def rotate(settings: Settings) -> str:
    """The new key's name."""
    database = Database(settings)
    seal, lifetime = Seal(settings.secret.get_secret_value()), settings.access_token_life
    try:
        async with database.writing() as session:
            return await keys.rotate(session, seal=seal, lifetime=lifetime)
    finally:
        await database.close()
