"""``mccs rotate-keys``: sign access tokens with a new key, under what is now the secret."""

import asyncio
from pathlib import Path

import click

from mccs_graphql.cli.database import up_to_date
from mccs_graphql.db.engine import Database
from mccs_graphql.domain.audit.trail import SYSTEM, Deed, audited
from mccs_graphql.domain.identity import keys, second_factor
from mccs_graphql.domain.identity.sealing import Seal
from mccs_graphql.domain.webhooks import signing
from mccs_graphql.settings import Settings

LOST = """\
Nothing was changed: the second factors of these users are sealed with another secret. Name it in
MCCS_FORMER_SECRET, or remove them with `mccs reset-second-factor`: {}"""

LOST_WEBHOOKS = """\
The secrets of {} webhooks are sealed with another secret: they are not called until their owners
rotate them."""


@click.command("rotate-keys")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the data is kept [.mccs].")
def command(folder: Path | None) -> None:
    """Make a new key; tokens signed with the old ones stay good until they expire.

    The new key is sealed with MCCS_SECRET if that is set, and so is what second factors are proved
    by and webhooks are signed with; MCCS_FORMER_SECRET opens what another secret has sealed. Nobody
    is logged out.
    """
    with up_to_date(folder) as settings:
        kid = asyncio.run(rotate(settings))
    click.echo(f"Signing with {kid}; running servers follow within a minute.")


async def rotate(settings: Settings) -> str:
    """The new key's name."""
    database = Database(settings)
    seal, former = (
        Seal(secret.get_secret_value()) for secret in (settings.secret, settings.former_secret)
    )
    try:
        async with audited(database, Deed("rotate-keys", SYSTEM)) as session:
            kid = await keys.rotate(session, seal=seal, lifetime=settings.signed_life)
            if lost := await second_factor.seal_again(session, seal=seal, former=former):
                raise click.ClickException(LOST.format(", ".join(lost)))
            if count := await signing.seal_again(session, seal=seal, former=former):
                click.echo(LOST_WEBHOOKS.format(count))
            return kid
    finally:
        await database.close()
