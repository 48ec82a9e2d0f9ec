"""A statement as a PDF file."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from io import BytesIO
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from mccs_graphql.papers.statement import MARK, PACKAGE, Paper, Row

FONT, SIZE, SMALL, LARGE = "DejaVuSans", 8.0, 6.5, 14.0
LEADING = 1.35
WIDTH, HEIGHT = A4
MARGIN = 15 * mm
DATE_X, TEXT_X = MARGIN, MARGIN + 36 * mm
TEXT_WIDTH = 72 * mm
AMOUNTS_X = (WIDTH - MARGIN - 46 * mm, WIDTH - MARGIN - 23 * mm, WIDTH - MARGIN)
"""Where the columns of amounts end."""
AMOUNT_WIDTH = 22 * mm
GAP = 1.5 * mm
RIGHT_TO_LEFT = {"R", "AL"}
"""Such letters would stand in the wrong order, and unjoined."""


def to_pdf(paper: Paper) -> bytes:
    """The file; the same statement is the same file. Takes time: not for the event loop."""
    return _Writer(paper).written()


@dataclass(frozen=True)
class Part:
    """Text in one size, which goes on in further lines."""

    text: str
    size: float = SIZE


class _Writer:
    """Puts a paper on pages, from top to bottom."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._file = BytesIO()
        self._letters = _letters()
        self._missing = False
        self._canvas = Canvas(self._file, pagesize=A4, invariant=1, lang=paper.language.value)
        self._y = HEIGHT - MARGIN

    def written(self) -> bytes:
        words = self._paper.words
        self._canvas.setAuthor(self._shown(self._paper.house))
        self._canvas.setCreator("mccs")
        self._canvas.setTitle(self._shown(f"{words.title}: {self._paper.entity}"))
        self._head()
        self._columns()
        self._row("", [Part(words.opening)], ("", "", self._paper.opening))
        for row in self._paper.rows:
            self._row(row.moment, list(_parts(row)), (row.received, row.paid, row.balance))
        if not self._paper.rows:
            self._row("", [Part(words.nothing)], ("", "", ""))
        self._row("", [Part(words.totals)], (self._paper.received, self._paper.paid, ""))
        self._row("", [Part(words.closing)], ("", "", self._paper.closing))
        if self._missing:
            self._row("", [Part(words.missing, SMALL)], ("", "", ""))
        self._end_page()
        self._canvas.save()
        return self._file.getvalue()

    def _head(self) -> None:
        words, width = self._paper.words, WIDTH - 2 * MARGIN
        for part in (
            Part(self._paper.house),
            Part(words.title, LARGE),
            Part(self._paper.entity, SIZE + 2),
            *(Part(text) for text in (words.account, words.period, words.unit_note)),
        ):
            self._y -= part.size - SIZE
            for line in self._wrapped(part, width):
                self._say(DATE_X, line, part.size)
        self._y -= 2 * GAP

    def _columns(self) -> None:
        words = self._paper.words
        self._canvas.setFont(FONT, SMALL)
        self._canvas.drawString(DATE_X, self._y, words.date)
        self._canvas.drawString(TEXT_X, self._y, words.text)
        for x, text in zip(AMOUNTS_X, (words.received, words.paid, words.balance), strict=True):
            self._canvas.drawRightString(x, self._y, text)
        self._y -= GAP
        self._rule()
        self._y -= SIZE + GAP

    def _row(self, date: str, parts: list[Part], amounts: tuple[str, str, str]) -> None:
        """A row, on the next page if there is no room for it."""
        lines = [(line, part.size) for part in parts for line in self._wrapped(part, TEXT_WIDTH)]
        if self._y - sum(size * LEADING for _, size in lines) < MARGIN + SIZE:
            self._end_page()
            self._y = HEIGHT - MARGIN
            self._columns()
        self._canvas.setFont(FONT, SIZE)
        self._canvas.drawString(DATE_X, self._y, self._shown(date))
        for x, amount in zip(AMOUNTS_X, amounts, strict=True):
            shown = self._shown(amount)
            self._canvas.setFont(FONT, fitting_size(shown))
            self._canvas.drawRightString(x, self._y, shown)
        for line, size in lines:
            self._say(TEXT_X, line, size)
        self._y += SIZE - GAP
        self._rule()
        self._y -= SIZE + GAP

    def _say(self, x: float, line: str, size: float) -> None:
        self._canvas.setFont(FONT, size)
        self._canvas.drawString(x, self._y, line)
        self._y -= size * LEADING

    def _rule(self) -> None:
        self._canvas.setLineWidth(0.3)
        self._canvas.line(MARGIN, self._y, WIDTH - MARGIN, self._y)

    def _end_page(self) -> None:
        self._canvas.setFont(FONT, SMALL)
        number = str(self._canvas.getPageNumber())
        self._canvas.drawRightString(WIDTH - MARGIN, MARGIN - SIZE, number)
        self._canvas.showPage()

    def _wrapped(self, part: Part, width: float) -> Iterator[str]:
        """Lines no wider than this: between words, and within those that are too long."""
        line = ""
        for word in self._shown(part.text).split():
            longer = f"{line} {word}" if line else word
            if _width(longer, part.size) <= width:
                line = longer
                continue
            if line:
                yield line
            *whole, line = _pieces(word, part.size, width)
            yield from whole
        if line:
            yield line

    def _shown(self, text: str) -> str:
        """What the font can show; what it cannot is marked."""
        shown = "".join(map(self._letter, unicodedata.normalize("NFC", text)))
        self._missing = self._missing or MARK in shown
        return shown

    def _letter(self, letter: str) -> str:
        if letter.isspace():
            return " "
        known = ord(letter) in self._letters
        return letter if known and unicodedata.bidirectional(letter) not in RIGHT_TO_LEFT else MARK


def fitting_size(amount: str) -> float:
    """The size in which an amount stays in its column: the largest ones are in small figures."""
    width = _width(amount, SIZE)
    return SIZE if width <= AMOUNT_WIDTH else SIZE * float(AMOUNT_WIDTH) / width


def _parts(row: Row) -> Iterator[Part]:
    yield Part(row.counterparty)
    if row.description.strip():
        yield Part(row.description)
    yield Part(row.reference, SMALL)


def _pieces(word: str, size: float, width: float) -> Iterator[str]:
    """A word cut where it reaches the width."""
    piece = ""
    for letter in word:
        if piece and _width(piece + letter, size) > width:
            yield piece
            piece = ""
        piece += letter
    yield piece


def _width(text: str, size: float) -> float:
    found: float = pdfmetrics.stringWidth(text, FONT, size)
    return found


@cache
def _letters() -> Any:
    """The letters that the font has, by their numbers; loads it."""
    with as_file(files(PACKAGE) / "fonts" / f"{FONT}.ttf") as path:
        font = TTFont(FONT, str(path))
        pdfmetrics.registerFont(font)
    return font.face.charToGlyph
