"""Every mail has words in every language."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import UndefinedError

import mccs_graphql.mails
from mccs_graphql.db.models import EntityStatus, MailKind
from mccs_graphql.domain.mails.contents import READERS
from mccs_graphql.mails.samples import SAMPLES
from mccs_graphql.mails.wording import SOURCE, Amounts, House, Words, put_into_words
from mccs_graphql.settings import Language

HERE = Path(mccs_graphql.mails.__file__).parent
HOUSE = House(
    name="Eskerford Exchange",
    public_url="https://app.mccs.example",
    unit="credits",
    unit_scale=2,
)
TRANSLATED = [language for language in Language if language is not SOURCE]
OPTIONS = {"newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true"}


def words(kind: MailKind, language: Language, **facts: object) -> Words:
    return put_into_words(kind, {**SAMPLES[kind], **facts}, language=language, house=HOUSE)


def in_templates() -> set[str]:
    """The texts that the templates have translated."""
    found = extract_from_dir(
        HERE / "templates", method_map=[("**", "jinja2")], options_map={"**": OPTIONS}
    )
    return {str(message) for _, _, message, _, _ in found}


def catalog(language: Language) -> Catalog:
    path = HERE / "catalogs" / f"{language}.po"
    return read_po(BytesIO(path.read_bytes()), locale=language.value, abort_invalid=True)


@pytest.mark.parametrize("kind", MailKind)
def test_nothing_that_a_kind_needs_is_missing(kind: MailKind) -> None:
    has = {
        "a reader": kind in READERS,
        "a sample": kind in SAMPLES,
        "a template": (HERE / "templates" / f"{kind}.jinja").is_file(),
    }

    assert [name for name, there in has.items() if not there] == []


def test_no_mail_is_of_a_kind_that_is_gone() -> None:
    assert set(READERS) | set(SAMPLES) <= set(MailKind)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("status", EntityStatus)
def test_every_status_has_a_name(status: EntityStatus, language: Language) -> None:
    assert words(MailKind.ENTITY_STATUS, language, before=status, status=status).subject


@pytest.mark.parametrize(
    ("language", "scale", "said"),
    [
        (Language.EN, 2, "1,250.00 credits"),
        (Language.DE, 2, "1.250,00 credits"),
        (Language.EN, 0, "125,000 credits"),
        (Language.EN, 4, "12.5000 credits"),
    ],
    ids=["en", "de", "whole", "fine"],
)
def test_amount_is_in_the_unit_of_the_community(language: Language, scale: int, said: str) -> None:
    house = replace(HOUSE, unit_scale=scale)

    assert Amounts(language, house)(125_000) == said


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", MailKind)
def test_every_kind_is_worded_in_every_language(kind: MailKind, language: Language) -> None:
    said = words(kind, language)

    assert said.subject
    assert said.html.count("<h1") == 1
    assert f'<html lang="{language}">' in said.html
    assert "https://app.mccs.example/" in said.text
    assert "Eskerford Exchange" in said.text
    assert "<" not in said.text


@pytest.mark.parametrize("kind", MailKind)
def test_no_mail_loads_anything_from_elsewhere(kind: MailKind) -> None:
    html = words(kind, SOURCE).html

    for loads in ("<img", "<link", "<script", "url(", "src="):
        assert loads not in html


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


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("kind", MailKind)
def test_translation_differs_from_the_source(kind: MailKind, language: Language) -> None:
    assert words(kind, language).subject != words(kind, SOURCE).subject


def test_fact_that_is_missing_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        put_into_words(MailKind.CONTACT, {}, language=SOURCE, house=HOUSE)


def test_subject_is_one_line_of_bounded_length() -> None:
    subject = words(MailKind.CONTACT, SOURCE, sender_name="Ana\r\nBcc: \x00eve" + "x" * 500).subject

    assert subject.isprintable()
    assert subject.startswith("Ana Bcc: eve")
    assert len(subject) == 150


def test_percent_signs_in_names_are_kept() -> None:
    assert "100 %(house)s" in words(MailKind.CONTACT, SOURCE, sender_name="100 %(house)s").html
