"""``mccs check-books``: prove that the books balance, and that the audit trail is whole."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import click

from mccs_graphql.cli.database import up_to_date
from mccs_graphql.cli.progress import ProgressLine
from mccs_graphql.db.engine import Database
from mccs_graphql.domain.audit.proof import Progress
from mccs_graphql.domain.audit.proving import Proof, prove
from mccs_graphql.domain.audit.sealing import FIRST_SEAL, seal_all
from mccs_graphql.domain.ledger.books import Difference
from mccs_graphql.settings import Settings

NO_TIMEOUT = 0


class Seal(click.ParamType[bytes]):
    """A seal as the command itself prints it."""

    name = "HEX"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> bytes:
        try:
            seal = bytes.fromhex(str(value))
        except ValueError:
            seal = b""
        if len(seal) != len(FIRST_SEAL):
            self.fail(f"A seal has {2 * len(FIRST_SEAL)} digits of 0-9 and a-f.", param, ctx)
        return seal


@click.command("check-books")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the data is kept [.mccs].")
@click.option("--seal", "kept", type=Seal(), help="See whether the trail has this earlier seal.")
def command(folder: Path | None, kept: bytes | None) -> None:
    """Recompute everything from the postings, and follow the seals of the audit trail.

    Exits with 1 if anything differs. The last line but one is the seal of the newest audit entry:
    keep it elsewhere, and give it as --seal some day.
    """
    with up_to_date(folder) as settings:
        finding = find(settings, progress=_say, counting=ProgressLine(), kept=kept)
        proof = asyncio.run(finding)
    for difference in proof.differences:
        click.echo(_line(difference))
    click.echo(
        f"Looked at {proof.books.accounts} accounts, {proof.books.transfers} transfers, "
        f"{proof.books.postings} postings and {proof.trail.entries} audit entries."
    )
    click.echo(f"Seal of the audit trail: {proof.trail.seal.hex()}")
    if not proof.holds:
        raise click.ClickException(_outcome(proof))
    click.echo("Books balance.")


async def find(
    settings: Settings,
    *,
    progress: Callable[[str], None],
    counting: Progress = lambda _what, _done, _of: None,
    kept: bytes | None = None,
) -> Proof:
    """Prove the database that the settings name, after sealing what no server has sealed."""
    patient = settings.model_copy(update={"statement_timeout_ms": NO_TIMEOUT})
    database = Database(patient)
    try:
        await seal_all(database)
        return await prove(database, progress=progress, counting=counting, kept=kept)
    finally:
        await database.close()


def _say(check: str) -> None:
    click.echo(f"  looking for: {check}", err=True)


def _line(difference: Difference) -> str:
    return (
        f"{difference.what}: {difference.subject}: expected {difference.expected}, "
        f"found {difference.found}"
    )


def _outcome(proof: Proof) -> str:
    if proof.books.balanced:
        return "The audit trail cannot be trusted."
    return "The books do not balance."
