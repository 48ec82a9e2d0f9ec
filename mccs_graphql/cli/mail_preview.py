"""``mccs mail-preview``: see what each mail looks like."""

from pathlib import Path

import click

from mccs_graphql.cli.serve import plainly
from mccs_graphql.mails.samples import SAMPLES
from mccs_graphql.mails.wording import put_into_words
from mccs_graphql.mails.writing import house_of
from mccs_graphql.settings import Language, Settings


@click.command("mail-preview")
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), required=True, help="Where to."
)
def command(folder: Path) -> None:
    """Write each kind of mail into a folder, in each language, as HTML and as text."""
    with plainly():
        settings = Settings()
    folder.mkdir(parents=True, exist_ok=True)
    house = house_of(settings)
    for kind, facts in SAMPLES.items():
        for language in Language:
            words = put_into_words(kind, facts, language=language, house=house)
            for ending, said in (("html", words.html), ("txt", words.text)):
                (folder / f"{kind}.{language}.{ending}").write_text(said, encoding="utf-8")
    click.echo(f"{len(SAMPLES)} kinds of mails are in {folder}")
