"""Scalars take one form only, and refuse every other with a code."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from graphql import GraphQLError, parse_value
from hypothesis import given
from hypothesis import strategies as st
from strawberry.types.scalar import ScalarDefinition

from mccs_graphql.domain.money import Money
from mccs_graphql.schema.scalars import scalar_map

SCALARS = scalar_map(unit_scale=2)
DECIMAL, DATE_TIME, UUID_ = SCALARS[Money], SCALARS[datetime], SCALARS[UUID]
NO_TEXT = [None, True, False, 1.5, 1.0, float("nan"), float("inf"), [], ["1"], {}, {"a": 1}, b"1"]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.builds(
    lambda seconds, micros, offset: datetime.fromtimestamp(seconds, offset).replace(
        microsecond=micros
    ),
    st.integers(-60_000_000_000, 250_000_000_000),
    st.integers(0, 999_999),
    offsets,
)
"""From the year 68 to the year 9892."""


def parser(scalar: ScalarDefinition) -> Callable[[object], Any]:
    """Reads a variable."""
    assert scalar.parse_value is not None
    return scalar.parse_value


def read_literal(scalar: ScalarDefinition, literal: str) -> Any:
    """Read what stands in a document."""
    assert scalar.parse_literal is not None
    return scalar.parse_literal(parse_value(literal), None)


def written(scalar: ScalarDefinition, value: object) -> Any:
    """What an answer carries."""
    assert scalar.serialize is not None
    return scalar.serialize(value)


def code_of(read: Callable[..., Any], *value: object) -> object:
    """With which code the value is refused, if it is."""
    try:
        read(*value)
    except GraphQLError as refused:
        return (refused.extensions or {}).get("code")
    return None


def assert_refused(read: Callable[..., Any], *value: object) -> None:
    """A GraphQL error with its code, and no other."""
    assert code_of(read, *value) == "BAD_USER_INPUT"


class TestAnyScalar:
    @pytest.mark.parametrize("scalar", SCALARS.values(), ids=lambda scalar: scalar.name)
    @pytest.mark.parametrize("value", NO_TEXT, ids=repr)
    def test_what_is_no_text_is_refused(self, scalar: ScalarDefinition, value: object) -> None:
        assert_refused(parser(scalar), value)

    @pytest.mark.parametrize("scalar", SCALARS.values(), ids=lambda scalar: scalar.name)
    @pytest.mark.parametrize("literal", ["1.5", "true", "null", "RED", "[1]", "{a: 1}", "1e5"])
    def test_other_kinds_of_literal_are_refused(
        self, scalar: ScalarDefinition, literal: str
    ) -> None:
        assert_refused(read_literal, scalar, literal)

    @given(value=anything)
    def test_any_value_is_read_or_refused(self, value: object) -> None:
        for scalar in SCALARS.values():
            assert code_of(parser(scalar), value) in (None, "BAD_USER_INPUT")


class TestDecimal:
    @pytest.mark.parametrize(
        "value",
        [
            *("", "1.234", "1.000", "NaN", "Infinity", "-Infinity", "1e5", "1E-2", "+1", ".5"),
            *(
                "5.",
                "1,00",
                " 1",
                "1 ",
                "1_000",
                "\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT TWO}",
                "٣",
                "1\0",
                "1" * 16,
                10**15,
                -(10**15),
            ),
            pytest.param(10**5000, id="five thousand digits"),
            pytest.param("9" * 100_000, id="a hundred thousand digits"),
        ],
    )
    def test_anything_but_a_short_decimal_is_refused(self, value: object) -> None:
        assert_refused(parser(DECIMAL), value)

    @pytest.mark.parametrize("literal", ["9" * 16, "-" + "9" * 16, "9" * 5000])
    def test_huge_integer_literal_is_refused(self, literal: str) -> None:
        assert_refused(read_literal, DECIMAL, literal)

    @pytest.mark.parametrize(
        ("value", "amount"), [("12.50", 1250), ("12.5", 1250), (12, 1200), (-3, -300), ("0", 0)]
    )
    def test_strings_and_integers_are_read(self, value: object, amount: int) -> None:
        assert parser(DECIMAL)(value) == amount

    @pytest.mark.parametrize(("literal", "amount"), [('"12.50"', 1250), ("12", 1200), ("-3", -300)])
    def test_literals_are_read_like_variables(self, literal: str, amount: int) -> None:
        assert read_literal(DECIMAL, literal) == amount

    @given(amount=st.integers(-(10**15) + 1, 10**15 - 1))
    def test_what_is_written_reads_the_same(self, amount: int) -> None:
        assert parser(DECIMAL)(written(DECIMAL, amount)) == amount


class TestDateTime:
    @pytest.mark.parametrize(
        "value",
        [
            *("", "now", "2026-01-31", "12:00:00Z", "2026-01-31T12:00:00", "2026-01-31T12:00Z"),
            *("2026-01-31 12:00:00Z", "2026-1-31T12:00:00Z", "20260131T120000Z", 1_769_860_800),
            *("2026-01-31T12:00:00+01", "2026-01-31T12:00:00+0100", "2026-W05-6T12:00:00Z"),
            *(
                "\N{FULLWIDTH DIGIT TWO}026-01-31T12:00:00Z",
                "\u0662\u0660\u0662\u0666-01-31T12:00:00Z",
                "2026-01-31T12:00:00Z\n",
            ),
            *("2026-01-31T12:00:00.1234567Z", "+12026-01-31T12:00:00Z", "2026-01-31T12:00:00Z\0"),
        ],
    )
    def test_other_forms_are_refused(self, value: object) -> None:
        assert_refused(parser(DATE_TIME), value)

    @pytest.mark.parametrize(
        "value",
        [
            *("2026-02-30T12:00:00Z", "2025-02-29T12:00:00Z", "2026-13-01T12:00:00Z"),
            *("0000-01-01T00:00:00Z", "2026-01-31T25:00:00Z", "2026-01-31T12:60:00Z"),
            *("2026-01-31T12:00:61Z", "2026-01-31T12:00:00+24:00", "2026-01-31T12:00:00+99:99"),
            *("2026-01-31T12:00:00+00:60", "2026-01-31T12:00:00-01:99"),
            *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
        ],
    )
    def test_impossible_moments_are_refused(self, value: str) -> None:
        assert_refused(parser(DATE_TIME), value)

    @pytest.mark.parametrize(
        "value",
        ["2026-01-31T12:00:00Z", "2026-01-31t12:00:00z", "2026-01-31T14:30:00.000+02:30"],
    )
    def test_moments_are_the_same_whatever_their_offset(self, value: str) -> None:
        assert parser(DATE_TIME)(value) == datetime(2026, 1, 31, 12, tzinfo=UTC)
        assert read_literal(DATE_TIME, f'"{value}"') == datetime(2026, 1, 31, 12, tzinfo=UTC)

    def test_answers_are_in_utc(self) -> None:
        there = datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=2)))
        assert written(DATE_TIME, there) == "2026-01-31T10:00:00Z"

    @given(moment=moments)
    def test_what_is_written_reads_the_same(self, moment: datetime) -> None:
        assert parser(DATE_TIME)(written(DATE_TIME, moment)) == moment


class TestUuid:
    @pytest.mark.parametrize(
        "value",
        [
            *("", "x", "0190163d8694739baea5966c26f8ad91", 5),
            *("{0190163d-8694-739b-aea5-966c26f8ad91}", "0190163d-8694-739b-aea5-966c26f8ad9"),
            *(
                "urn:uuid:0190163d-8694-739b-aea5-966c26f8ad91",
                "0190163g-8694-739b-aea5-96c26f8ad9",
            ),
            *(
                "\N{FULLWIDTH DIGIT ZERO}190163d-8694-739b-aea5-966c26f8ad91",
                "0190163d-8694-739b-aea5-966c26f8ad91\n",
            ),
        ],
    )
    def test_other_forms_are_refused(self, value: object) -> None:
        assert_refused(parser(UUID_), value)

    @given(value=st.uuids())
    def test_what_is_written_reads_the_same(self, value: UUID) -> None:
        assert parser(UUID_)(written(UUID_, value)) == value
        assert parser(UUID_)(str(value).upper()) == value
