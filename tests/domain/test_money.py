"""Amounts go in and out without losing or gaining anything."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mccs_graphql.domain.money import Money, format_money, parse_money, to_money

scales = st.integers(0, 6)
amounts = st.integers(-(10**15) + 1, 10**15 - 1).map(Money)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "-", "+1", "--1", ".5", "5.", "1.", "1,5", "1_000", "1 000", " 1", "1 ", "1\n"),
        *("NaN", "nan", "Infinity", "-Infinity", "inf", "1e5", "1E5", "1e-2", "0x10", "1.2.3"),
        *(
            "\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT TWO}",
            "٣",
            "१",
            "1.٣",
            "²",
            "½",
            "一",
            "1\0",
            "\ud800",
        ),
    ],
)
def test_what_is_no_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a decimal number"):
        parse_money(text, scale=2)


@given(scale=scales, more=st.integers(1, 5), whole=st.integers(0, 999))
def test_more_decimals_than_the_unit_has_are_refused(scale: int, more: int, whole: int) -> None:
    text = f"{whole}." + "0" * (scale + more)
    with pytest.raises(ValueError, match=f"more than {scale} decimals"):
        parse_money(text, scale=scale)


@pytest.mark.parametrize("text", ["1" * 16, "-" + "9" * 16, "0" * 16, "9" * 10_000])
def test_more_digits_than_the_books_hold_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="more than 15 digits"):
        parse_money(text, scale=2)


@given(text=st.text(st.sampled_from("0123456789.-+eE ٣１_,")), scale=scales)
def test_any_text_is_parsed_exactly_or_refused(text: str, scale: int) -> None:
    try:
        parsed = parse_money(text, scale=scale)
    except ValueError:
        return
    assert Decimal(parsed).scaleb(-scale) == Decimal(text)


@pytest.mark.parametrize("amount", [Decimal("0.001"), Decimal("NaN"), Decimal("Infinity")])
def test_setting_with_a_rest_is_refused(amount: Decimal) -> None:
    with pytest.raises(ValueError, match=r"is not a decimal number|more than 2 decimals"):
        to_money(amount, scale=2)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("12.5", 1250), ("12.50", 1250), ("0", 0), ("-0.00", 0), ("-0.01", -1), ("007", 700)],
)
def test_decimals_that_are_not_written_count_as_zero(text: str, amount: int) -> None:
    assert parse_money(text, scale=2) == amount


@pytest.mark.parametrize(
    ("amount", "scale", "text"),
    [(1250, 2, "12.50"), (0, 2, "0.00"), (-1, 2, "-0.01"), (5, 0, "5"), (1, 6, "0.000001")],
)
def test_all_decimals_are_written(amount: int, scale: int, text: str) -> None:
    assert format_money(Money(amount), scale=scale) == text


@given(amount=amounts, scale=scales)
def test_what_is_written_reads_the_same(amount: Money, scale: int) -> None:
    assert parse_money(format_money(amount, scale=scale), scale=scale) == amount


@given(amount=st.decimals(-(10**9), 10**9, places=2))
def test_settings_become_the_smallest_unit(amount: Decimal) -> None:
    assert to_money(amount, scale=2) == amount * 100


def test_setting_with_an_exponent_is_read() -> None:
    assert to_money(Decimal("1E+3"), scale=2) == 100_000
