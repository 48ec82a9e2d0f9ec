"""``mccs seed``: an invented community, small or large, for an empty database."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click

from mccs_graphql.cli.database import up_to_date
from mccs_graphql.cli.progress import ProgressLine
from mccs_graphql.communities import large, sample
from mccs_graphql.communities.empty import CommunityNotEmpty
from mccs_graphql.db.engine import Database
from mccs_graphql.settings import Settings

T = TypeVar("T")

NOTHING_KEPT = "Stopped. Nothing was kept: the database is empty, as before."
EVERYTHING_KEPT = (
    "Stopped. The community is whole; until PostgreSQL has gathered statistics by itself, "
    "searches may be slow."
)


@click.command("seed")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the data is kept [.mccs].")
@click.option(
    "--entities",
    type=click.IntRange(1, large.ENTITIES_MAX),
    help="So many invented members instead of the town's; takes minutes for a million.",
)
def command(folder: Path | None, entities: int | None) -> None:
    """Load the sample community, an invented town, into an empty database."""
    with up_to_date(folder) as settings:
        if entities is None:
            _load_town(settings)
        else:
            _load_large(settings, entities)


def _load_town(settings: Settings) -> None:
    click.echo(_run(_loaded(settings), stopped=NOTHING_KEPT))
    for email, password in sample.SAMPLE_LOGINS:
        click.echo(f"Sample login: {email} / {password}")
    for email, password, role in sample.SAMPLE_ADMINS:
        click.echo(f"Sample admin ({role}): {email} / {password}")


def _load_large(settings: Settings, entities: int) -> None:
    progress = ProgressLine()
    loading = large.load_large(settings, entities=entities, progress=progress)
    summary = _run(loading, stopped=NOTHING_KEPT)
    _run(large.tidy(settings, progress=progress), stopped=EVERYTHING_KEPT)
    click.echo(summary)
    for email, password in summary.logins:
        click.echo(f"Sample login: {email} / {password}")


async def _loaded(settings: Settings) -> sample.Summary:
    database = Database(settings)
    try:
        return await sample.load(database, settings)
    finally:
        await database.close()


def _run(loading: Coroutine[Any, Any, T], *, stopped: str) -> T:
    """Its result; what ends it early is a sentence."""
    try:
        return asyncio.run(loading)
    except CommunityNotEmpty as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt as error:
        click.echo(err=True)  # the line that was written over ends here
        raise click.ClickException(stopped) from error
