"""Which texts are API tokens: slips are found without asking the database."""

import re

import pytest

from mccs_graphql.domain.identity.api_token_text import claims_to_be_one, hash_of, new_text

GOOD = "mccs_" + "A" * 43 + "DCtZhg"
PUBLISHED = re.compile(r"mccs_[A-Za-z0-9_-]{49}")


def with_another_letter(text: str, at: int) -> str:
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


@pytest.mark.parametrize(
    "text",
    [
        *("", "mccs_", "mccs_" + "A" * 49, GOOD[:-1], GOOD + "A", GOOD + "\n", f" {GOOD}"),
        *(GOOD.upper(), GOOD.replace("mccs", "mcss"), GOOD[:-1] + "=", GOOD[:20]),
        *(GOOD.replace("A", "\N{CYRILLIC CAPITAL LETTER A}"), GOOD[:-1] + "\N{EAR OF RICE}"),
        "mccs_" + "x" * 100_000,
    ],
    ids=lambda text: ascii(text)[:60],
)
def test_what_is_cut_off_longer_or_other_is_none(text: str) -> None:
    assert hash_of(text) is None


@pytest.mark.parametrize("at", range(len("mccs_"), len(GOOD)))
def test_wrong_letter_is_found_wherever_it_stands(at: int) -> None:
    assert hash_of(with_another_letter(GOOD, at)) is None


def test_two_letters_that_change_places_are_found() -> None:
    text = new_text()
    places = [n for n in range(5, 53) if text[n] != text[n + 1]]

    assert all(hash_of(text[:n] + text[n + 1] + text[n] + text[n + 2 :]) is None for n in places)


def test_new_ones_are_all_different_and_of_the_published_pattern() -> None:
    texts = {new_text() for _ in range(100)}

    assert len({hash_of(text) for text in texts} - {None}) == len(texts) == 100
    assert all(claims_to_be_one(text) and PUBLISHED.fullmatch(text) for text in texts)


def test_check_is_the_published_one() -> None:
    assert hash_of(GOOD) is not None
