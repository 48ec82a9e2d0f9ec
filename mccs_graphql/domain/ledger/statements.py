"""Statements of an account: what it held at two moments, and every line between them."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Account, Entity
from mccs_graphql.db.queries import standings as queries
from mccs_graphql.db.queries.standings import At, BookedLine, Stretch
from mccs_graphql.domain.errors import Forbidden, Problem
from mccs_graphql.domain.ledger.statement_refusals import StatementTooLong
from mccs_graphql.domain.text import require

PRINTED_MAX = 2_000
"""Lines of a statement that is to be printed: some fifty pages. Tables have no end."""


class StatementFormat(StrEnum):
    """What a statement is written as."""

    CSV = "csv"
    HTML = "html"
    PDF = "pdf"


@dataclass(frozen=True)
class Period:
    """From a moment on, and up to another one that is not in it."""

    since: datetime
    until: datetime

    def require_valid(self) -> None:
        """Raise InvalidInput if it ends before it has begun."""
        require(self._problems())

    def _problems(self) -> Iterator[Problem]:
        if self.until <= self.since:
            yield Problem(("to",), "NOT_AFTER_FROM", "The end must be after the beginning.")


@dataclass(frozen=True)
class Line:
    """A line of a statement, with the names that both sides had when it was proposed."""

    number: int
    posted_at: datetime
    transfer_id: UUID
    entity: str
    counterparty: str
    description: str
    amount: int
    balance: int

    @classmethod
    def of(cls, booked: BookedLine) -> "Line":
        """As the side sees it whose posting it is."""
        posting, transfer = booked.posting, booked.transfer
        pays = posting.entity_id == transfer.payer_id
        names = (transfer.payer_name, transfer.payee_name)
        entity, counterparty = names if pays else names[::-1]
        return cls(
            number=posting.number,
            posted_at=posting.posted_at,
            transfer_id=transfer.id,
            entity=entity,
            counterparty=counterparty,
            description=transfer.description,
            amount=posting.amount,
            balance=posting.balance_after,
        )


@dataclass(frozen=True)
class Statement:
    """A statement without its lines, and whose it is, by the name it has now."""

    entity: str
    account_number: str
    stretch: Stretch


async def read_statement(session: AsyncSession, entity_id: UUID, period: Period) -> Statement:
    """What the books say of a period, as far as it is over. Raises Forbidden without an account."""
    entity = await session.get(Entity, entity_id)
    account = await session.get(Account, entity_id)
    if entity is None or account is None:
        raise Forbidden
    asked = [At(entity_id, period.since), At(entity_id, period.until)]
    opening, closing = await queries.standings_at(session, asked)
    return Statement(entity.name, account.account_number, Stretch(entity_id, opening, closing))


def require_printable(statement: Statement, format_: StatementFormat) -> None:
    """Raise StatementTooLong for more lines than are put on pages."""
    lines = statement.stretch.line_count
    if format_ is not StatementFormat.CSV and lines > PRINTED_MAX:
        raise StatementTooLong(lines=lines, most=PRINTED_MAX)


async def batches_of_lines(database: Database, statement: Statement) -> AsyncIterator[list[Line]]:
    """All lines, the oldest first, without holding a connection in between."""
    async for rows in queries.batches_of_lines(database, statement.stretch):
        yield list(map(Line.of, rows))
