"""``mccs mails``: see how far mails have come, and have those that failed tried again."""

import asyncio
from pathlib import Path
from uuid import UUID

import click
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.cli.database import up_to_date
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Mail, MailState
from mccs_graphql.db.queries import mails as queries
from mccs_graphql.db.queries.keyset import Window
from mccs_graphql.db.queries.mail_search import MailFilter, page_of_mails
from mccs_graphql.domain.mails import retrying
from mccs_graphql.settings import Settings

LISTED_MAX = 100
ALL = "all"


class MailId(click.ParamType[UUID | str]):
    """The id of a mail, or all of them."""

    name = "id"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> UUID | str:
        """What was named."""
        if value == ALL:
            return value
        try:
            return UUID(str(value))
        except ValueError:
            self.fail(f"{value} is neither the id of a mail nor `{ALL}`", param, ctx)


@click.command("mails")
@click.option("--dead", is_flag=True, help="List those that were given up, the newest first.")
@click.option("--retry", type=MailId(), help="Try one that was given up again; or `all`.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the data is kept [.mccs].")
def command(folder: Path | None, retry: UUID | str | None, *, dead: bool) -> None:
    """Count the mails of the outbox by their state."""
    with up_to_date(folder) as settings:
        asyncio.run(_work(settings, retry=retry, dead=dead))


async def _work(settings: Settings, *, retry: UUID | str | None, dead: bool) -> None:
    database = Database(settings)
    try:
        if retry is not None:
            await _retry(database, retry)
        elif dead:
            await _list_dead(database)
        else:
            await _count(database)
    finally:
        await database.close()


async def _retry(database: Database, which: UUID | str) -> None:
    async with database.writing() as session:
        if isinstance(which, UUID):
            retried = await _retry_one(session, which)
        else:
            retried = await retrying.retry_all(session)
    click.echo(f"{retried} to be tried again")


async def _retry_one(session: AsyncSession, id_: UUID) -> int:
    done = await retrying.retry(session, [id_])
    if not isinstance(done[id_], Mail):
        raise click.ClickException("No mail of this id was given up.")
    return 1


async def _list_dead(database: Database) -> None:
    async with database.reading() as session:
        dead = await page_of_mails(session, MailFilter(), Window(LISTED_MAX))
    for mail in dead.rows:
        click.echo(_line(mail))
    if not dead.rows:
        click.echo("None was given up.")


def _line(mail: Mail) -> str:
    tries = f"{mail.attempts} attempts"
    return f"{mail.id}  {mail.created_at:%Y-%m-%d %H:%M}  {mail.kind}  {tries}  {mail.error}"


async def _count(database: Database) -> None:
    async with database.reading() as session:
        counts = await queries.count_by_state(session)
    for state in MailState:
        click.echo(f"{state:8} {counts.get(state, 0)}")
