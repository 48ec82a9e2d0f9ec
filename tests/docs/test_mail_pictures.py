"""The pictures of mails in the documentation show the mails there are."""

from pathlib import Path

import pytest
from PIL import Image

from mccs_graphql.cli.mail_preview import sample_mails
from mccs_graphql.mails.pictures import SOURCE, WIDTH, digest_of, draw
from mccs_graphql.mails.wording import Words
from mccs_graphql.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "mail-pictures.md").read_text()
DRAWN_WITH = Settings(
    _env_file=None,
    public_url="https://app.example.org",
    mail_from="Riverside Credit <mccs@example.org>",
)
"""As `make mail-pictures` has it."""
MAILS = dict(sample_mails(DRAWN_WITH))


@pytest.mark.parametrize("name", MAILS)
def test_picture_is_of_the_mail_as_it_is(name: str) -> None:
    assert f"(pictures/mails/{name}.png)" in PAGE
    with Image.open(DOCS / "pictures" / "mails" / f"{name}.png") as picture:
        assert picture.info[SOURCE] == digest_of(MAILS[name].html), "run `make mail-pictures`"


def test_picture_is_as_wide_as_a_telephone_and_as_long_as_the_mail(tmp_path: Path) -> None:
    short, long = (tmp_path / name for name in ("short.png", "long.png"))
    words: Words = MAILS["contact.en"]
    draw(words.html, short)
    draw(words.html.replace("</h1>", "</h1>" + "<p>More.</p>" * 20), long)

    with Image.open(short) as one, Image.open(long) as another:
        assert one.width == another.width == WIDTH
        assert one.height + 20 * 17 < another.height
