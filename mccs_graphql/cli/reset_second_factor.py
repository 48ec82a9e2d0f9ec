"""``mccs reset-second-factor``: for one who has lost the app and the recovery codes."""

import asyncio
from pathlib import Path

import click

from mccs_graphql.cli.database import up_to_date
from mccs_graphql.db.engine import Database
from mccs_graphql.domain.audit.trail import SYSTEM, Deed, audited
from mccs_graphql.domain.identity import enrolment
from mccs_graphql.settings import Settings


@click.command("reset-second-factor")
@click.argument("email")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the data is kept [.mccs].")
def command(email: str, folder: Path | None) -> None:
    """Remove the second factor of the user with this address, and end the user's sessions.

    Be sure who asks: after it the password alone is enough to log in as this user.
    """
    with up_to_date(folder) as settings:
        found = asyncio.run(reset(settings, email))
    if found is None:
        raise click.ClickException(f"No user has the address {email}.")
    click.echo(outcome(email, found))


async def reset(settings: Settings, email: str) -> enrolment.Reset | None:
    """What was there; None if nobody has the address."""
    database = Database(settings)
    try:
        async with audited(database, Deed("reset-second-factor", SYSTEM)) as session:
            return await enrolment.reset(session, email)
    finally:
        await database.close()


def outcome(email: str, found: enrolment.Reset) -> str:
    """What was done, in a sentence."""
    if not found.had_one:
        return f"{email} has no second factor; nothing was changed."
    return (
        f"{email} logs in with the password alone from now on; sessions ended: "
        f"{found.ended_sessions}."
    )
