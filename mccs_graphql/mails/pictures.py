"""Mails as a telephone shows them."""

from hashlib import sha256
from io import BytesIO
from pathlib import Path

WIDTH = 375
"""Of a telephone's screen, in the pixels of web pages."""
COLOURS = 32
"""Enough for dark text on light ground; a fifth of the bytes."""


class PicturesNeedMore(Exception):
    """What draws them is large, and so it is not installed with the rest."""

    def __init__(self) -> None:
        super().__init__("Pictures need two more packages: `pip install pillow plutoprint` first.")


SOURCE = "Source"
"""The note in a picture that says what it was drawn from."""


def digest_of(html: str) -> str:
    """What tells a picture of this mail from one of another."""
    return sha256(html.encode()).hexdigest()


def draw(html: str, path: Path) -> None:
    """Draw a mail, as long as it is, into a PNG file. Raises PicturesNeedMore."""
    try:
        import plutoprint  # noqa: PLC0415 - only those who draw need them
        from PIL import Image, PngImagePlugin  # noqa: PLC0415
    except ImportError:
        raise PicturesNeedMore from None
    page = plutoprint.PageSize(WIDTH * plutoprint.UNITS_PX, WIDTH * plutoprint.UNITS_PX)
    book = plutoprint.Book(page, plutoprint.PAGE_MARGINS_NONE, plutoprint.MEDIA_TYPE_SCREEN)
    book.load_html(html)
    drawn = BytesIO()
    book.write_to_png_stream(drawn, WIDTH, -1)
    notes = PngImagePlugin.PngInfo()
    notes.add_text(SOURCE, digest_of(html))
    picture = Image.open(drawn).convert("RGB").quantize(COLOURS)
    picture.save(path, optimize=True, pnginfo=notes)
