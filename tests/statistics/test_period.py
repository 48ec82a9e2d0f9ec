"""Which periods can be measured."""

from datetime import UTC, datetime, timedelta

import pytest

from mccs_graphql.domain.errors import InvalidInput
from mccs_graphql.domain.statistics.period import Period, require_measurable

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (NOW, NOW, [(("to",), "NOT_AFTER_FROM")]),
        (NOW, NOW - SECOND, [(("to",), "NOT_AFTER_FROM")]),
        (NOW - SECOND, NOW + SECOND, [(("to",), "IN_FUTURE")]),
        (datetime(2024, 6, 30, 23, 59, tzinfo=UTC), NOW, [(("from",), "TOO_LONG")]),
        (
            datetime.min.replace(tzinfo=UTC),
            datetime.max.replace(tzinfo=UTC),
            [(("from",), "TOO_LONG"), (("to",), "IN_FUTURE")],
        ),
    ],
    ids=["empty", "backwards", "future", "25 months", "all time"],
)
def test_what_cannot_be_measured_is_refused(
    since: datetime, until: datetime, expected: list[tuple[tuple[str, ...], str]]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        require_measurable(Period(since, until), now=NOW)

    assert [(problem.path, problem.code) for problem in refused.value.problems] == expected


def test_two_years_up_to_now_can_be_measured() -> None:
    require_measurable(Period(datetime(2024, 7, 1, tzinfo=UTC), NOW), now=NOW)


def test_month_that_begins_when_the_period_ends_has_no_part_in_it() -> None:
    first = datetime(2025, 12, 1, tzinfo=UTC)
    period = Period(first, datetime(2026, 2, 1, tzinfo=UTC))

    assert period.months == [first, datetime(2026, 1, 1, tzinfo=UTC)]
