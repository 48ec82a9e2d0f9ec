"""Whether a long history makes a statement slow: a month of 100,000 transfers beside one of 1,000.

``python -m bench.statements`` fails at three times as long, or if a statement is not what the books
say.
"""
# ruff: noqa: S608 - every word of the SQL is written here

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

import asyncpg

from bench.api import Client, Failed, connections
from bench.community import MEMBER_ID, Member, settle
from bench.stage import Stage, empty_database, plain, staged
from mccs_graphql.db.engine import Database
from mccs_graphql.domain.ledger.books import check_books
from mccs_graphql.settings import Settings

FEW, MANY = 1_000, 100_000
HISTORIES = {FEW: Member(0), MANY: Member(1)}
MONTHS = 24
MONTH = timedelta(days=30)
BEGIN = datetime.now(UTC).replace(microsecond=0) - MONTHS * MONTH - timedelta(hours=1)
ROUNDS = 15
BAR = 3.0
PAGE = """
query Page($id: ID!, $from: DateTime!, $to: DateTime!, $first: Int, $last: Int) {
  entity(id: $id) {
    balanceAt(moment: $to)
    statement(from: $from, to: $to) {
      opening closing lineCount
      lines(first: $first, last: $last) {
        nodes { postedAt counterpartyName description amount balanceAfter transfer { id } }
      }
    }
  }
}
"""
PAGES: dict[str, dict[str, int]] = {"first": {"first": 20}, "last": {"last": 20}}
SUM = """
    SELECT COALESCE(sum(amount), 0) FROM postings
     WHERE entity_id = $1 AND posted_at >= $2 AND posted_at < $3
"""
TABLES = ("transfers", "postings", "accounts")

# Each entity trades evenly over two years with a hundred others, paying and being paid in turn.
FILL = (
    f"""CREATE TEMPORARY TABLE deals AS
        SELECT uuidv7(moment - now()) AS id, moment, 100 + k % 900 AS amount,
               CASE WHEN k % 2 = 0 THEN hub ELSE other END AS payer_id,
               CASE WHEN k % 2 = 0 THEN other ELSE hub END AS payee_id
          FROM (SELECT k, {MEMBER_ID.format(number="h.number")} AS hub,
                       {MEMBER_ID.format(number="10 + k % 100")} AS other,
                       CAST($1 AS timestamptz) + (k + 0.5) * ($2::interval / h.size) AS moment
                  FROM (VALUES (0, $3::int), (1, $4::int)) AS h (number, size)
                 CROSS JOIN LATERAL generate_series(0, h.size - 1) AS k) made""",
    """INSERT INTO transfers (id, payer_id, payee_id, initiator_id, payer_name, payee_name, amount,
            description, state, proposed_by, proposed_at, decided_by, decided_at)
       SELECT id, payer_id, payee_id, payer_id, 'The payer', 'The payee', amount,
            'Bread, and what goes with it', 'completed', payer_id, moment, payee_id, moment
         FROM deals""",
    """INSERT INTO postings (entity_id, number, transfer_id, amount, balance_after, posted_at)
       SELECT entity_id, row_number() OVER line, id, side.amount, sum(side.amount) OVER line, moment
         FROM deals CROSS JOIN LATERAL
              (VALUES (payer_id, -amount), (payee_id, amount)) AS side (entity_id, amount)
       WINDOW line AS (PARTITION BY entity_id ORDER BY moment, id)""",
    """UPDATE accounts SET balance = last.balance_after, posting_count = last.number
         FROM (SELECT DISTINCT ON (entity_id) * FROM postings
                ORDER BY entity_id, number DESC) AS last
        WHERE last.entity_id = accounts.entity_id""",
)


@dataclass(frozen=True)
class Asked:
    """A month of an entity, and which page of it."""

    transfers: int
    month: int
    page: str

    @property
    def period(self) -> tuple[datetime, datetime]:
        return BEGIN + self.month * MONTH, BEGIN + (self.month + 1) * MONTH

    @property
    def variables(self) -> dict[str, object]:
        since, until = (moment.isoformat() for moment in self.period)
        ends: dict[str, object] = {"from": since, "to": until}
        return {"id": HISTORIES[self.transfers].id} | ends | PAGES[self.page]


def main() -> None:
    """Fill, ask every month in turn, and print how the two compare."""
    with empty_database() as own:
        asyncio.run(fill(plain(own.owner_url)))
        asyncio.run(check(own.owner_url))
        with staged(own) as stage:
            taken = asyncio.run(measured(stage))
    print("\n".join(report(taken)))
    if worst(taken) >= BAR:
        raise SystemExit(f"A long history takes {BAR:g} times as long, or more.")


async def fill(dsn: str, *, sizes: tuple[int, int] = (FEW, MANY)) -> None:
    """Two histories of so many transfers, as if they had come about one by one."""
    await settle(dsn)
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            for table in TABLES:
                await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for statement in FILL:
                values = (BEGIN, MONTHS * MONTH, *sizes) if "$1" in statement else ()
                await connection.execute(statement, *values)
            for table in TABLES:
                await connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def check(database_url: str) -> None:
    """The books that were filled in balance, as any do. Raises Failed."""
    patient = {"database_url": database_url, "statement_timeout_ms": 600_000}
    database = Database(Settings().model_copy(update=patient))
    async with database.snapshot() as session:
        found = await check_books(session, progress=lambda _check: None)
    await database.close()
    if not found.balanced:
        raise Failed(str(found.differences))
    print(f"The books balance: {found.transfers:,} transfers.")


async def measured(stage: Stage) -> dict[Asked, list[float]]:
    """The milliseconds of each answer; the two take turns, so that noise falls on both alike."""
    asked = [
        Asked(transfers, month, page)
        for page in PAGES
        for month in range(MONTHS)
        for transfers in HISTORIES
    ]
    taken: dict[Asked, list[float]] = {one: [] for one in asked}
    connection = await asyncpg.connect(stage.dsn)
    async with connections(stage.api, 1) as (client,):
        for one in asked:
            await prove(client, connection, one)
        for _ in range(ROUNDS):
            for one in asked:
                began = time.perf_counter()
                await ask(client, one)
                taken[one].append((time.perf_counter() - began) * 1000)
    await connection.close()
    return taken


async def ask(client: Client, asked: Asked) -> Any:
    return await client.ask(PAGE, by=HISTORIES[asked.transfers], **asked.variables)


async def prove(client: Client, connection: asyncpg.Connection, asked: Asked) -> None:
    """Compare with the sum of the postings, one by one. Raises Failed."""
    answer = await ask(client, asked)
    statement = answer["statement"]
    moved = await connection.fetchval(SUM, HISTORIES[asked.transfers].entity_id, *asked.period)
    said = (Decimal(statement["closing"]) - Decimal(statement["opening"])) * 100
    if said != moved or answer["balanceAt"] != statement["closing"]:
        raise Failed(f"{asked}: {moved} by the books, {statement}")
    if len(statement["lines"]["nodes"]) != min(20, int(statement["lineCount"])):
        raise Failed(f"{asked}: lines are missing")


def worst(taken: dict[Asked, list[float]]) -> float:
    """The most that any month and page takes longer, by medians."""
    return max(
        median(taken[Asked(MANY, one.month, one.page)]) / median(times)
        for one, times in taken.items()
        if one.transfers == FEW
    )


def report(taken: dict[Asked, list[float]]) -> Iterator[str]:
    """A table, as Markdown."""
    yield "| Milliseconds, median (slowest month) | 1,000 transfers | 100,000 transfers | Times |"
    yield "| --- | ---: | ---: | ---: |"
    for page in PAGES:
        few, many = (_months(taken, transfers, page) for transfers in HISTORIES)
        cells = (f"{median(each):.1f} ({max(each):.1f})" for each in (few, many))
        times = f"{median(many) / median(few):.2f}"
        yield f"| The {page} 20 lines of a month | {' | '.join((*cells, times))} |"
    yield f"\nThe worst month takes {worst(taken):.2f} times as long; the bar is {BAR:g}."


def _months(taken: dict[Asked, list[float]], transfers: int, page: str) -> Sequence[float]:
    return [median(taken[Asked(transfers, month, page)]) for month in range(MONTHS)]


if __name__ == "__main__":
    main()
