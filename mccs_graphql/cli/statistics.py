"""``mccs statistics``: the community in figures that can be published."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click

from mccs_graphql.cli.database import up_to_date
from mccs_graphql.cli.export_audit import Moment
from mccs_graphql.cli.statistics_picture import draw
from mccs_graphql.cli.statistics_text import as_json, as_table
from mccs_graphql.db.engine import Database
from mccs_graphql.db.queries.limits import now
from mccs_graphql.domain.errors import InvalidInput
from mccs_graphql.domain.statistics.figures import measure
from mccs_graphql.domain.statistics.period import Period
from mccs_graphql.domain.statistics.values import Statistics
from mccs_graphql.settings import Settings


@click.command("statistics")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the data is kept [.mccs].")
@click.option("--from", "since", type=Moment(), help="The first time that counts [a year before].")
@click.option("--to", "until", type=Moment(), help="The first that does not [now].")
@click.option("--json", "wants_json", is_flag=True, help="Print them as the API answers them.")
@click.option(
    "--svg", type=click.Path(path_type=Path, dir_okay=False), help="Draw a picture as well."
)
def command(
    folder: Path | None,
    since: datetime | None,
    until: datetime | None,
    svg: Path | None,
    *,
    wants_json: bool,
) -> None:
    """Print the community in figures. What would tell of single members is kept back."""
    with up_to_date(folder) as settings:
        found = _found(settings, since, until)
        if svg:
            _write(svg, draw(found, settings))
    click.echo(as_json(found, settings) if wants_json else as_table(found, settings), nl=False)


def _found(settings: Settings, since: datetime | None, until: datetime | None) -> Statistics:
    try:
        return asyncio.run(_measured(settings, since, until))
    except InvalidInput as refused:
        words = (f"--{problem.path[0]}: {problem.message}" for problem in refused.problems)
        raise click.UsageError(" ".join(words)) from refused


async def _measured(
    settings: Settings, since: datetime | None, until: datetime | None
) -> Statistics:
    database = Database(settings)
    try:
        async with database.snapshot() as session:
            end = until or await now(session)
            return await measure(session, Period(since or _year_before(end), end))
    finally:
        await database.close()


def _year_before(end: datetime) -> datetime:
    """The first of a month, eleven months before that of the end, in UTC."""
    year, month = divmod(end.astimezone(UTC).year * 12 + end.astimezone(UTC).month - 12, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)


def _write(file: Path, picture: str) -> None:
    try:
        file.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
