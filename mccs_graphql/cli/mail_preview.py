"""``mccs mail-preview``: see what each mail looks like."""

from collections.abc import Iterator
from pathlib import Path

import click

from mccs_graphql.cli.serve import plainly
from mccs_graphql.domain.notices.kinds import is_optional
from mccs_graphql.mails.pictures import PicturesNeedMore, draw
from mccs_graphql.mails.samples import SAMPLES
from mccs_graphql.mails.wording import Words, put_into_words
from mccs_graphql.mails.writing import house_of
from mccs_graphql.settings import Language, Settings


@click.command("mail-preview")
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), required=True, help="Where to."
)
@click.option("--pictures", is_flag=True, help="As pictures instead, as wide as a telephone.")
def command(folder: Path, *, pictures: bool) -> None:
    """Write each kind of mail into a folder, in each language, as HTML and as text."""
    with plainly():
        settings = Settings()
    folder.mkdir(parents=True, exist_ok=True)
    for name, words in sample_mails(settings):
        if pictures:
            _draw(words, folder / f"{name}.png")
        else:
            (folder / f"{name}.html").write_text(words.html, encoding="utf-8")
            (folder / f"{name}.txt").write_text(words.text, encoding="utf-8")
    click.echo(f"{len(SAMPLES)} kinds of mails are in {folder}")


def sample_mails(settings: Settings) -> Iterator[tuple[str, Words]]:
    """Each kind in each language, with the name of both."""
    house = house_of(settings)
    for kind, facts in SAMPLES.items():
        link = f"{settings.unsubscribe_url}?token=..." if is_optional(kind) else None
        for language in Language:
            words = put_into_words(kind, facts, language=language, house=house, unsubscribe=link)
            yield f"{kind}.{language}", words


def _draw(words: Words, path: Path) -> None:
    try:
        draw(words.html, path)
    except PicturesNeedMore as error:
        raise click.ClickException(str(error)) from None
