"""``mccs export-audit``: the audit trail as a table for spreadsheets."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

from mccs_graphql.cli.check_books import NO_TIMEOUT
from mccs_graphql.cli.database import up_to_date
from mccs_graphql.cli.progress import ProgressLine
from mccs_graphql.db.engine import Database
from mccs_graphql.db.queries.audit_search import (
    AuditFilter,
    batches_of_entries,
    count_all_entries,
)
from mccs_graphql.domain.audit.export import head, lines
from mccs_graphql.settings import Settings

OWN_FILE = 0o600
"""It holds addresses and what members have kept to themselves."""


class Moment(click.ParamType[datetime]):
    """A day, or a moment with its offset; without one in UTC."""

    name = "TIME"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is no time such as 2026-01-31 or 2026-01-31T12:00Z.", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.command("export-audit")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the data is kept [.mccs].")
@click.option("--from", "since", type=Moment(), help="Only what was done at this time or later.")
@click.option("--to", "until", type=Moment(), help="Only what was done before this time.")
@click.option("--file", type=click.Path(path_type=Path, dir_okay=False), help="[standard output]")
def command(
    folder: Path | None, since: datetime | None, until: datetime | None, file: Path | None
) -> None:
    """Write the audit trail as CSV, the oldest entry first, a line for each field that changed.

    Ctrl-C stops it at any time; a file is there only once it is whole.
    """
    wanted = AuditFilter(since=since, until=until)
    with up_to_date(folder) as settings:
        try:
            written = _to_file(settings, wanted, file) if file else _to_stdout(settings, wanted)
        except KeyboardInterrupt:
            click.echo(err=True)  # the line that was written over ends here
            raise click.ClickException("Stopped; the export is not whole.") from None
        except OSError as error:
            raise click.ClickException(f"{file or 'The output'}: {error.strerror}") from error
    click.echo(f"Exported {written} audit entries.", err=True)


def _to_stdout(settings: Settings, wanted: AuditFilter) -> int:
    return asyncio.run(_export(settings, wanted, sys.stdout))


def _to_file(settings: Settings, wanted: AuditFilter, file: Path) -> int:
    part = file.with_name(f"{file.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWN_FILE)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as opened:
            written = asyncio.run(_export(settings, wanted, opened))
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return written


async def _export(settings: Settings, wanted: AuditFilter, out: TextIO) -> int:
    """How many entries were written."""
    progress, written = ProgressLine(), 0
    database = Database(settings.model_copy(update={"statement_timeout_ms": NO_TIMEOUT}))
    try:
        async with database.reading() as session:
            total = await count_all_entries(session, wanted)
        out.write(head())
        async for entries in batches_of_entries(database, wanted):
            out.write(lines(entries))
            written += len(entries)
            progress("Exporting entries", written, max(written, total))
    finally:
        await database.close()
    return written
