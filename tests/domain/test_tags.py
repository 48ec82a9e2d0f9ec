"""The one form of a tag."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mccs_graphql.domain.directory.tags import normal_tag, parse_tag


@pytest.mark.parametrize("text", ["", "   ", "---", "!?", "\N{COMBINING ACUTE ACCENT}", "🍞"])
def test_text_without_letter_or_digit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no letter or digit"):
        parse_tag(text)


def test_more_than_fifty_characters_are_refused() -> None:
    with pytest.raises(ValueError, match="51 characters, more than 50"):
        parse_tag("a" * 51)


def test_length_counts_after_normalising() -> None:
    assert parse_tag("  " + "é" * 50 + " !! ") == "é" * 50


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("Café", "café"),
        ("Cafe\N{COMBINING ACUTE ACCENT}", "café"),
        ("3D printing", "3d-printing"),
        ("木工", "木工"),
        ("हिन्दी पाठ", "हिन्दी-पाठ"),
        ("123", "123"),
        ("organic_fruit  and\tveg", "organic-fruit-and-veg"),
        ("--home--made--", "home-made"),
        ("home \N{EN DASH} made", "home-made"),
        ("no\N{NO-BREAK SPACE}break", "no-break"),
        ("Bob's (best) bread!", "bobs-best-bread"),
        ("\N{FULLWIDTH LATIN CAPITAL LETTER A}\N{LATIN SMALL LIGATURE FI}", "afi"),
    ],
)
def test_tag_keeps_letters_marks_and_digits_of_any_script(text: str, tag: str) -> None:
    assert parse_tag(text) == tag


@given(st.text(st.characters()))
def test_form_of_a_form_is_itself(text: str) -> None:
    assert normal_tag(normal_tag(text)) == normal_tag(text)


@given(st.text())
def test_composition_does_not_matter(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)

    assert normal_tag(decomposed) == normal_tag(text)
