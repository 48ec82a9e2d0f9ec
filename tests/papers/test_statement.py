"""Statements on paper: every letter is shown or marked, and all is said in each language."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from pypdf import PdfReader
from reportlab.pdfbase.pdfmetrics import stringWidth

import mccs_graphql.papers
from mccs_graphql.db.models.transfer import AMOUNT_MAX
from mccs_graphql.db.queries.standings import Standing, Stretch
from mccs_graphql.domain.ledger.statements import PRINTED_MAX, Line, Statement
from mccs_graphql.mails.wording import SOURCE, House
from mccs_graphql.papers.page import to_html
from mccs_graphql.papers.pdf import AMOUNT_WIDTH, FONT, SIZE, fitting_size, to_pdf
from mccs_graphql.papers.statement import MARK, Paper, write_out
from mccs_graphql.settings import Language

HERE = Path(mccs_graphql.papers.__file__).parent
HOUSE = House(name="Eskerford Exchange", public_url="https://x.example", unit="hours", unit_scale=2)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TRANSLATED = [language for language in Language if language is not SOURCE]
OPTIONS = {"newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true"}
LONGEST_NAME, LONGEST_WORD = "W" * 100, "m" * 500


def paper(
    *counterparties: str, language: Language = SOURCE, entity: str = "The Mill", said: str = "Flour"
) -> Paper:
    """A statement with a line of 10.00 in for each counterparty, a minute after the other."""
    lines = [
        Line(
            number=number,
            posted_at=BEGIN + timedelta(minutes=number),
            transfer_id=UUID(int=number),
            entity=entity,
            counterparty=counterparty,
            description=said,
            amount=1000,
            balance=1000 * number,
        )
        for number, counterparty in enumerate(counterparties, start=1)
    ]
    closing = Standing(BEGIN + timedelta(days=31), len(lines), 1000 * len(lines))
    stretch = Stretch(UUID(int=7), Standing(BEGIN, 0, 0), closing)
    statement = Statement(entity, "1234567890123452", stretch)
    return write_out(statement, lines, language=language, house=HOUSE)


def text_of(file: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(file)).pages)


def in_templates() -> set[str]:
    found = extract_from_dir(
        HERE / "templates", method_map=[("**", "jinja2")], options_map={"**": OPTIONS}
    )
    return {str(message) for _, _, message, _, _ in found}


def catalog(language: Language) -> Catalog:
    path = HERE / "catalogs" / f"{language}.po"
    return read_po(BytesIO(path.read_bytes()), locale=language.value, abort_invalid=True)


@pytest.mark.parametrize("language", TRANSLATED)
def test_catalog_has_every_text_and_no_other(language: Language) -> None:
    translated = {str(message.id) for message in catalog(language) if message.id}

    assert translated == in_templates()


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_text_is_left_untranslated_or_unsure(language: Language) -> None:
    for message in catalog(language):
        if message.id:
            assert message.string not in {"", message.id}
            assert not message.fuzzy
            assert not list(message.check()), message.id


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.EN, ["Statement of account", "1,234,560.00", "Jan 1, 2026", "in hours"]),
        (Language.DE, ["Kontoauszug", "1.234.560,00", "01.01.2026", "in hours"]),
    ],
)
def test_figures_are_written_as_its_readers_do(language: Language, said: list[str]) -> None:
    made = paper("Ben", language=language)
    amount = next(text for text in said if "234" in text)
    large = made.__class__(**vars(made) | {"closing": amount})

    for text in said:
        assert text in to_html(large)
        assert text in text_of(to_pdf(large))


@pytest.mark.parametrize(
    "write", [to_html, lambda made: text_of(to_pdf(made))], ids=["html", "pdf"]
)
def test_empty_statement_says_so(write: object) -> None:
    assert callable(write)

    assert "No transfers in this period." in write(paper())


@pytest.mark.parametrize("name", ["Łódź & Söhne", "Αθήνα", "Мельница", "Thảo Nguyên"])
def test_letters_of_the_font_are_in_the_file(name: str) -> None:
    text = text_of(to_pdf(paper(name)))

    assert name in text
    assert MARK not in text


@pytest.mark.parametrize("name", ["水車小屋", "טחנה", "🍞 Bread", "मिल"])
def test_letters_the_file_cannot_show_are_marked_and_the_page_has_them(name: str) -> None:
    made = paper(name)

    text = text_of(to_pdf(made))

    assert MARK in text
    assert "stands for a letter" in text
    assert name in to_html(made)


@pytest.mark.parametrize("name", [LONGEST_NAME, "W " * 50, "\N{COMBINING ACUTE ACCENT}" * 100])
def test_longest_texts_stay_in_their_column(name: str) -> None:
    made = paper(*[name] * 30, entity=name, said=LONGEST_WORD)

    file = to_pdf(made)

    assert text_of(file).count("300.00") == 3


def test_as_many_lines_as_are_printed_are_all_there() -> None:
    file = to_pdf(paper(*(f"Member {number}" for number in range(PRINTED_MAX))))

    assert f"Member {PRINTED_MAX - 1}" in PdfReader(BytesIO(file)).pages[-1].extract_text()
    assert len(file) < 2_000_000


def test_largest_amount_stays_in_its_column() -> None:
    largest = f"-{AMOUNT_MAX:,}.00"
    to_pdf(paper())  # loads the font

    size = fitting_size(largest)

    assert stringWidth(largest, FONT, size) == pytest.approx(AMOUNT_WIDTH)
    assert fitting_size("-1,234.56") == SIZE


def test_same_statement_is_the_same_file() -> None:
    assert to_pdf(paper("Ben")) == to_pdf(paper("Ben"))


def test_page_loads_nothing() -> None:
    page = to_html(paper("Ben"))

    for loads in ("<img", "<link", "<script", "url(", "src=", "@import"):
        assert loads not in page
