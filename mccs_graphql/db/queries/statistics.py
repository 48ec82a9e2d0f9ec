"""The community in figures: one statement for each group of them, shown in docs/statistics.md."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

Times = Mapping[str, datetime]
"""The period: ``since`` belongs to it, ``until`` does not."""

NO_SETTLEMENT = """NOT EXISTS (SELECT FROM entities e
                        WHERE e.id = t.initiator_id AND e.deleted_at = t.decided_at
                          AND e.deleted_at IS NOT NULL)"""
"""What an entity has left is moved to another one when it is deleted, at that very moment."""

TRADES = f"""trades AS (
    SELECT t.payer_id, t.payee_id, t.amount, t.decided_at
      FROM transfers t
     WHERE t.state = 'completed'
       AND t.decided_at >= :since AND t.decided_at < :until
       AND t.reverses_id IS NULL
       AND NOT EXISTS (SELECT FROM transfers r
                        WHERE r.reverses_id = t.id AND r.decided_at < :until
                          AND r.reverses_id IS NOT NULL)
       AND {NO_SETTLEMENT}
)"""  # noqa: S608 - of our own constants, as all below

MEMBERS = """
SELECT status, count(*) AS entities
  FROM entities
 WHERE deleted_at IS NULL
 GROUP BY status
"""

PROPOSALS = f"""
WITH sides AS (
    SELECT CASE WHEN t.decided_at < :until THEN t.state ELSE 'initiated' END AS state,
           t.payer_id, t.payee_id, count(*) AS transfers
      FROM transfers t
     WHERE t.proposed_at >= :since AND t.proposed_at < :until
       AND t.admin_id IS NULL
       AND {NO_SETTLEMENT}
     GROUP BY GROUPING SETS ((1, t.payer_id), (1, t.payee_id))
)
SELECT state, CAST(sum(transfers) FILTER (WHERE payee_id IS NULL) AS bigint) AS transfers,
       least(count(payer_id), count(payee_id)) AS entities
  FROM sides
 GROUP BY state
"""  # noqa: S608

DECISIONS = f"""
WITH decided AS (
    SELECT CASE WHEN t.initiator_id = t.payer_id THEN t.payee_id ELSE t.payer_id END AS decider,
           t.decided_at - t.proposed_at AS waited
      FROM transfers t
     WHERE t.decided_at >= :since AND t.decided_at < :until
       AND t.admin_id IS NULL
       AND (t.state = 'completed' OR t.cancelled_by IN ('receiver', 'system'))
       AND {NO_SETTLEMENT}
)
SELECT (SELECT count(*) FROM (SELECT DISTINCT decider FROM decided) AS deciders) AS entities,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY waited) AS median,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY waited) AS p90
  FROM decided
"""  # noqa: S608

TURNOVER = f"""
WITH {TRADES}, sides AS (
    SELECT payer_id, payee_id, sum(amount) AS amount
      FROM trades
     GROUP BY GROUPING SETS ((payer_id), (payee_id))
), largest AS (
    SELECT amount FROM sides WHERE payee_id IS NOT NULL ORDER BY amount DESC LIMIT 10
)
SELECT COALESCE(sum(amount) FILTER (WHERE payee_id IS NOT NULL), 0) AS turnover,
       least(count(payer_id), count(payee_id)) AS entities,
       count(payee_id) AS payees,
       (SELECT sum(amount) FROM largest) / sum(amount) FILTER (WHERE payee_id IS NOT NULL)
           AS top_ten
  FROM sides
"""  # noqa: S608

MONTHS = f"""
WITH {TRADES}, sides AS (
    SELECT date_trunc('month', decided_at, 'UTC') AS month, payer_id, payee_id,
           sum(amount) AS amount
      FROM trades
     GROUP BY GROUPING SETS ((1, payer_id), (1, payee_id))
)
SELECT month, sum(amount) FILTER (WHERE payee_id IS NOT NULL) AS turnover,
       least(count(payer_id), count(payee_id)) AS entities
  FROM sides
 GROUP BY month
"""  # noqa: S608

BALANCES = """
WITH balances AS (
    SELECT entity_id, sum(amount) AS balance
      FROM postings
     WHERE posted_at < :until
     GROUP BY entity_id
), later AS (
    SELECT DISTINCT ON (entity_id) entity_id, max_negative_before, max_positive_before
      FROM limit_changes
     WHERE changed_at >= :until
     ORDER BY entity_id, number
), lines AS (
    SELECT COALESCE(b.balance, 0) AS balance,
           COALESCE(l.max_negative_before, a.max_negative_balance) AS floor,
           COALESCE(l.max_positive_before, a.max_positive_balance) AS ceiling,
           e.status = 'tradingAccepted' AND a.created_at < :until AS trades
      FROM accounts a
      JOIN entities e ON e.id = a.entity_id
      LEFT JOIN balances b USING (entity_id)
      LEFT JOIN later l USING (entity_id)
), held AS (
    SELECT balance, row_number() OVER (ORDER BY balance) AS place, count(*) OVER () AS holders
      FROM lines
     WHERE balance > 0
), credit AS (
    SELECT COALESCE(-sum(balance) FILTER (WHERE balance < 0), 0) AS in_use,
           count(*) FILTER (WHERE balance < 0) AS users,
           COALESCE(sum(floor) FILTER (WHERE trades), 0) AS allowed,
           count(*) FILTER (WHERE trades AND floor > 0) AS allowed_to,
           count(*) FILTER (WHERE trades AND balance < 0 AND balance <= -floor) AS at_floor,
           count(*) FILTER (WHERE trades AND balance > 0 AND balance >= ceiling) AS at_ceiling
      FROM lines
), spread AS (
    SELECT count(*) AS holders,
           sum(balance) FILTER (WHERE place > holders - 10) / sum(balance) AS top_ten,
           2 * sum(place * balance) / (count(*) * sum(balance))
               - (count(*) + 1) / NULLIF(count(*), 0)::numeric AS gini
      FROM held
)
SELECT *, least(users, holders) AS involved FROM credit CROSS JOIN spread
"""

NEWCOMERS = f"""
WITH {TRADES}, joined AS (
    SELECT id, created_at
      FROM entities
     WHERE created_at >= :since AND created_at < :until
       AND (deleted_at IS NULL OR deleted_at >= :until)
), sides AS (
    SELECT payer_id, payee_id, min(decided_at) AS first_at
      FROM trades
     GROUP BY GROUPING SETS ((payer_id), (payee_id))
), first_trades AS (
    SELECT j.id, min(s.first_at) - j.created_at AS waited
      FROM sides s
      JOIN joined j ON j.id = COALESCE(s.payer_id, s.payee_id)
     GROUP BY j.id, j.created_at
)
SELECT (SELECT count(*) FROM joined) AS joined,
       count(*) AS traded,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY waited) AS median,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY waited) AS p90
  FROM first_trades
"""  # noqa: S608

ROOM = "128MB"
"""For each sort; a server measures for one caller at a time."""

STATEMENTS = {
    "Members by status": MEMBERS,
    "Turnover": TURNOVER,
    "Turnover by month": MONTHS,
    "Balances and limits": BALANCES,
    "Proposals": PROPOSALS,
    "Decisions": DECISIONS,
    "Newcomers": NEWCOMERS,
}
"""All of them by the headings of the page that explains them."""


async def make_room(session: AsyncSession) -> None:
    """Let what follows in the transaction sort and group in memory, where it can."""
    await session.execute(text(f"SET LOCAL work_mem = '{ROOM}'"))


async def one(session: AsyncSession, statement: str, times: Times) -> Row[Any]:
    """The single row of one of the ``STATEMENTS``."""
    return (await session.execute(text(statement), times)).one()


async def several(session: AsyncSession, statement: str, times: Times) -> Sequence[Row[Any]]:
    """The rows of one of the ``STATEMENTS``."""
    return (await session.execute(text(statement), times)).all()
