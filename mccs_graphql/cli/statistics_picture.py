"""The figures as a picture: turnover by month, members by status."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from mccs_graphql.cli.statistics_text import KEPT_BACK
from mccs_graphql.domain.money import format_money
from mccs_graphql.domain.statistics.values import Statistics
from mccs_graphql.settings import Settings

WIDTH = 760
"""Of the bars together, in pixels."""
HEIGHT = 180
"""Of the longest bar of a month."""
LENGTH = 480
"""Of the longest bar of a status."""
LABELS_MAX = 12
"""Months whose amount has room above its bar."""


@dataclass(frozen=True)
class Bar:
    """``size`` is 0 to 1, or None if it is kept back."""

    label: str
    value: str
    size: float | None


def draw(found: Statistics, settings: Settings) -> str:
    """An SVG document. The same figures give the same one."""
    template = _ENVIRONMENT.get_template("statistics.svg")
    months = _months(found, settings)
    return template.render(
        unit=settings.unit,
        period=found.period,
        months=months,
        statuses=_statuses(found),
        labelled=len(months) <= LABELS_MAX,
        width=WIDTH,
        height=HEIGHT,
        length=LENGTH,
    )


def _months(found: Statistics, settings: Settings) -> Sequence[Bar]:
    amounts = found.trade.by_month
    labels = [f"{month:%Y-%m}" for month in amounts]
    values = [
        KEPT_BACK if amount is None else format_money(amount, scale=settings.unit_scale)
        for amount in amounts.values()
    ]
    return [Bar(*bar) for bar in zip(labels, values, _sizes(amounts.values()), strict=True)]


def _statuses(found: Statistics) -> Sequence[Bar]:
    counts = found.members
    values = [KEPT_BACK if number is None else f"{number:,}" for number in counts.values()]
    return [Bar(*bar) for bar in zip(counts, values, _sizes(counts.values()), strict=True)]


def _sizes(numbers: Iterable[int | None]) -> list[float | None]:
    known = list(numbers)
    largest = max((number for number in known if number), default=1)
    return [None if number is None else number / largest for number in known]


_ENVIRONMENT = Environment(
    loader=PackageLoader("mccs_graphql.cli"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
