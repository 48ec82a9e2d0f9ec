"""``mccs mailbox``: read the mails that stayed on this machine."""

from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from pathlib import Path

import click

from mccs_graphql.adapters.mailbox import Mailbox, read
from mccs_graphql.cli.serve import mailbox_in, plainly
from mccs_graphql.embedded import default_folder
from mccs_graphql.settings import Settings

SHOWN_HEADERS = ("From", "To", "Subject", "Date")
LISTED_MAX = 50


@click.command("mailbox")
@click.argument("number", type=click.IntRange(1), required=False)
@click.option("--html", is_flag=True, help="Print its HTML instead of its text.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the data is kept [.mccs].")
def command(number: int | None, folder: Path | None, *, html: bool) -> None:
    """List the mails that stayed here, the newest first; with NUMBER, show that one.

    Mails stay here when `mccs serve` has a PostgreSQL of its own and MCCS_SMTP_URL is not set, or
    where MCCS_MAILBOX names a folder. The newest is number 1.
    """
    with plainly():
        settings = Settings()
    kept = Path(settings.mailbox) if settings.mailbox else mailbox_in(folder or default_folder())
    paths = Mailbox(kept).paths()
    if number is None:
        _list(kept, paths[:LISTED_MAX])
    elif number > len(paths):
        raise click.ClickException(f"There are {len(paths)} mails in {kept}")
    else:
        _show(read(paths[number - 1]), html=html)


def _list(kept: Path, paths: Sequence[Path]) -> None:
    if not paths:
        click.echo(f"No mail in {kept}")
    for number, path in enumerate(paths, start=1):
        message = read(path)
        click.echo(f"{number:3}  {path.stem[:15]}  {message['To']}  {message['Subject']}")


def _show(message: EmailMessage, *, html: bool) -> None:
    if html:
        click.echo(_part(message, "html"))
        return
    for line in _headers(message):
        click.echo(line)
    click.echo(f"\n{_part(message, 'plain')}")


def _headers(message: EmailMessage) -> Iterator[str]:
    return (f"{name}: {message[name]}" for name in SHOWN_HEADERS)


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    return _harmless(str(body.get_content())) if body else ""


def _harmless(said: str) -> str:
    """What strangers wrote gives no commands to the terminal."""
    lines = said.splitlines()
    return "\n".join("".join(x if x.isprintable() else " " for x in line) for line in lines)
