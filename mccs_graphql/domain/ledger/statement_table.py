"""Statements as tables for book-keeping."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from mccs_graphql.db.queries.standings import Standing
from mccs_graphql.domain.ids import IdPrefix, opaque
from mccs_graphql.domain.ledger.statements import Line, Statement
from mccs_graphql.domain.tables import lines_of

COLUMNS = (
    *("date", "time_utc", "reference", "entity", "counterparty", "description"),
    *("in", "out", "balance"),
)
OPENING, CLOSING = "Opening balance", "Closing balance"


class StatementTable:
    """Writes one statement; amounts have ``scale`` decimals, and a point before them."""

    def __init__(self, statement: Statement, *, scale: int) -> None:
        self._statement = statement
        self._scale = scale

    def head(self) -> str:
        """The names of the columns, and the balance to begin with."""
        return lines_of([COLUMNS, self._total(OPENING, self._statement.stretch.opening)])

    def lines(self, lines: Iterable[Line]) -> str:
        """A row for each line."""
        return lines_of(map(self._row, lines))

    def foot(self) -> str:
        """The balance to end with."""
        return lines_of([self._total(CLOSING, self._statement.stretch.closing)])

    def _total(self, what: str, standing: Standing) -> tuple[object, ...]:
        date, time = _date_and_time(standing.moment)
        balance = self._decimal(standing.balance)
        return (date, time, "", self._statement.entity, "", what, "", "", balance)

    def _row(self, line: Line) -> tuple[object, ...]:
        date, time = _date_and_time(line.posted_at)
        reference = opaque(IdPrefix.TRANSFER, line.transfer_id)
        moved = self._decimal(abs(line.amount))
        sides = (moved, "") if line.amount > 0 else ("", moved)
        said = (line.entity, line.counterparty, line.description)
        return (date, time, reference, *said, *sides, self._decimal(line.balance))

    def _decimal(self, amount: int) -> Decimal:
        return Decimal(amount).scaleb(-self._scale)


def _date_and_time(moment: datetime) -> tuple[str, str]:
    there = moment.astimezone(UTC)
    return f"{there:%Y-%m-%d}", f"{there:%H:%M:%S}"
