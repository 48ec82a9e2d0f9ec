"""Account numbers catch the mistakes people make when they type one."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mccs_graphql.domain.ledger.account_numbers import is_account_number, new_account_number

numbers = st.builds(new_account_number)
places = st.integers(0, 15)
ZEROS = "\N{FULLWIDTH DIGIT ZERO}\N{ARABIC-INDIC DIGIT ZERO}\N{DEVANAGARI DIGIT ZERO}"


@given(number=numbers, place=places, digit=st.sampled_from("0123456789"))
def test_one_wrong_digit_is_caught(number: str, place: int, digit: str) -> None:
    assume(number[place] != digit)
    assert not is_account_number(number[:place] + digit + number[place + 1 :])


@given(number=numbers, place=st.integers(0, 14))
def test_two_neighbours_swapped_are_caught_but_for_0_and_9(number: str, place: int) -> None:
    first, second = number[place], number[place + 1]
    assume(first != second)
    swapped = number[:place] + second + first + number[place + 2 :]
    assert is_account_number(swapped) == ({first, second} == {"0", "9"})


@given(number=numbers, place=places)
def test_digit_left_out_or_doubled_is_caught(number: str, place: int) -> None:
    assert not is_account_number(number[:place] + number[place + 1 :])
    assert not is_account_number(number[:place] + number[place] + number[place:])


@given(number=numbers, place=places, zero=st.sampled_from(ZEROS))
def test_digits_of_other_scripts_are_refused(number: str, place: int, zero: str) -> None:
    foreign = chr(ord(zero) + int(number[place]))
    assert not is_account_number(number[:place] + foreign + number[place + 1 :])


@pytest.mark.parametrize("text", ["", "0", " 000000000000000", "000000000000000\n", "-" * 16])
def test_what_is_not_sixteen_digits_is_refused(text: str) -> None:
    assert not is_account_number(text)


@given(text=st.text())
def test_any_text_is_judged(text: str) -> None:
    assert is_account_number(text) in (True, False)


@pytest.mark.parametrize("number", ["4111111111111111", "5500005555555559", "0000000000000000"])
def test_right_check_digit_is_accepted(number: str) -> None:
    assert is_account_number(number)


@given(number=numbers)
def test_new_numbers_are_right(number: str) -> None:
    assert is_account_number(number)


def test_new_numbers_differ() -> None:
    assert len({new_account_number() for _ in range(1000)}) == 1000
