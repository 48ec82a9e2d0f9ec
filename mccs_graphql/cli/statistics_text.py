"""The figures as a table, and as JSON."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import orjson

from mccs_graphql.domain.money import Money, format_money
from mccs_graphql.domain.statistics.suppression import LEAST, Figure
from mccs_graphql.domain.statistics.values import Statistics, Waits
from mccs_graphql.settings import Settings

KEPT_BACK = "kept back"
NOTHING = "-"
LABEL_WIDTH, VALUE_WIDTH = 42, 22

Line = tuple[str, str]
"""What it is, and how much."""


def as_table(found: Statistics, settings: Settings) -> str:
    """Lines of a label and a value, under headings."""
    period = found.period
    head = f"The community in figures, {_moment(period.since)} to {_moment(period.until)}\n"
    groups = _Words(found, settings).groups()
    body = "".join(f"\n{heading}\n{''.join(map(_line, lines))}" for heading, lines in groups)
    if not found.suppressed:
        return head + body
    return f"{head}{body}\nKept back: what would tell of fewer than {LEAST} entities.\n"


def _line(line: Line) -> str:
    label, value = line
    return f"  {label:<{LABEL_WIDTH}}{value:>{VALUE_WIDTH}}\n"


class _Words:
    """The figures of one community in words."""

    def __init__(self, found: Statistics, settings: Settings) -> None:
        self._found = found
        self._scale = settings.unit_scale
        self._unit = settings.unit

    def groups(self) -> Iterator[tuple[str, list[Line]]]:
        found = self._found
        yield "Members now, by status", [(key, _count(n)) for key, n in found.members.items()]
        yield "Trade", self._trade()
        by_month = found.trade.by_month.items()
        yield (
            f"Turnover by month (UTC), {self._unit}",
            [(f"{month:%Y-%m}", self._amount(amount)) for month, amount in by_month],
        )
        transfers = found.transfers.items()
        yield "Proposals of members, by state", [(state, _count(n)) for state, n in transfers]
        yield "Credit at the end", self._credit()
        yield "Newcomers", self._newcomers()

    def _trade(self) -> list[Line]:
        trade, say = self._found.trade, self._say
        return [
            (f"Turnover, {self._unit}", self._amount(trade.turnover)),
            ("Velocity, times a year", say(Figure.VELOCITY, self._found.velocity)),
            (
                "Part of the ten that were paid most",
                say(Figure.TOP_TEN_TURNOVER_SHARE, _percent(trade.top_ten_share)),
            ),
            *self._waits("Proposal to decision", Figure.TIME_TO_DECISION, self._found.decisions),
        ]

    def _credit(self) -> list[Line]:
        credit, say = self._found.credit, self._say
        return [
            (f"Credit in use, {self._unit}", self._amount(credit.in_use)),
            (f"Credit allowed, {self._unit}", self._amount(credit.allowed)),
            ("Members that owe all they may", _count(credit.at_max_negative)),
            ("Members that hold all they may", _count(credit.at_max_positive)),
            (
                "Part of the ten largest balances",
                say(Figure.TOP_TEN_BALANCE_SHARE, _percent(credit.top_ten_share)),
            ),
            ("Gini coefficient of the balances", say(Figure.BALANCE_GINI, credit.gini)),
        ]

    def _newcomers(self) -> list[Line]:
        newcomers = self._found.newcomers
        return [
            ("Joined", _count(newcomers.joined)),
            ("of them traded", _count(newcomers.traded)),
            *self._waits("Joining to first trade", Figure.TIME_TO_FIRST_TRADE, newcomers.waits),
        ]

    def _amount(self, amount: Money | None) -> str:
        return KEPT_BACK if amount is None else format_money(amount, scale=self._scale)

    def _waits(self, what: str, figure: Figure, waits: Waits | None) -> list[Line]:
        median, p90 = (waits.median, waits.p90) if waits else (None, None)
        return [
            (f"{what}, median", self._say(figure, _duration(median))),
            (f"{what}, nine in ten", self._say(figure, _duration(p90))),
        ]

    def _say(self, figure: Figure, value: object) -> str:
        """What is absent was kept back, or there is nothing to tell."""
        if value is not None:
            return str(value)
        return KEPT_BACK if figure in self._found.suppressed else NOTHING


def as_json(found: Statistics, settings: Settings) -> str:
    """The figures by the names that they have in the API."""
    return (
        orjson.dumps(_named(found, settings.unit_scale), option=orjson.OPT_INDENT_2).decode() + "\n"
    )


def _named(found: Statistics, scale: int) -> Mapping[str, object]:
    trade, credit, newcomers = found.trade, found.credit, found.newcomers

    def amount(value: Money | None) -> str | None:
        return None if value is None else format_money(value, scale=scale)

    return {
        "from": found.period.since,
        "to": found.period.until,
        "measuredAt": found.measured_at,
        "leastEntities": LEAST,
        "suppressed": [figure.name for figure in found.suppressed],
        "members": [{"status": key.name, "count": n} for key, n in found.members.items()],
        "transfers": [{"state": key.name, "count": n} for key, n in found.transfers.items()],
        "turnover": amount(trade.turnover),
        "turnoverByMonth": [
            {"month": month, "turnover": amount(value)} for month, value in trade.by_month.items()
        ],
        "topTenTurnoverShare": trade.top_ten_share,
        "velocity": found.velocity,
        "creditInUse": amount(credit.in_use),
        "creditAllowed": amount(credit.allowed),
        "atMaxNegativeBalance": credit.at_max_negative,
        "atMaxPositiveBalance": credit.at_max_positive,
        "topTenBalanceShare": credit.top_ten_share,
        "balanceGini": credit.gini,
        "newMembers": newcomers.joined,
        "newMembersTraded": newcomers.traded,
        "timeToFirstTrade": newcomers.waits,
        "timeToDecision": found.decisions,
    }


def _count(number: int | None) -> str:
    return KEPT_BACK if number is None else f"{number:,}"


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.1%}"


def _duration(seconds: int | None) -> str | None:
    return None if seconds is None else str(timedelta(seconds=seconds))


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
