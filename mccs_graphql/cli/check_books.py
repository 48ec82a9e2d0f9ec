"""``mccs check-books``: prove that the books balance."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import click

from mccs_graphql.cli.database import up_to_date
from mccs_graphql.db.engine import Database
from mccs_graphql.domain.ledger.books import Difference, Findings, check_books
from mccs_graphql.settings import Settings

NO_TIMEOUT = 0


@click.command("check-books")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the data is kept [.mccs].")
def command(folder: Path | None) -> None:
    """Recompute everything from the postings; exit with 1 if anything differs."""
    with up_to_date(folder) as settings:
        findings = asyncio.run(find(settings, progress=_say))
    for difference in findings.differences:
        click.echo(_line(difference))
    click.echo(
        f"Looked at {findings.accounts} accounts, {findings.transfers} transfers and "
        f"{findings.postings} postings."
    )
    if not findings.balanced:
        raise click.ClickException("The books do not balance.")
    click.echo("Books balance.")


async def find(settings: Settings, *, progress: Callable[[str], None]) -> Findings:
    """Check the books of the database that the settings name."""
    patient = settings.model_copy(update={"statement_timeout_ms": NO_TIMEOUT})
    database = Database(patient)
    try:
        async with database.snapshot() as session:
            return await check_books(session, progress=progress)
    finally:
        await database.close()


def _say(check: str) -> None:
    click.echo(f"  looking for: {check}", err=True)


def _line(difference: Difference) -> str:
    return (
        f"{difference.what}: {difference.subject}: expected {difference.expected}, "
        f"found {difference.found}"
    )
