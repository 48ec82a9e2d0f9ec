"""Recomputing the books: each query lists rows that contradict one another, and should be empty."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

CHECKS: dict[str, str] = {
    "The balances do not sum to zero": """
        SELECT 'community' AS subject, 0 AS expected, sum(balance) AS found
          FROM accounts HAVING sum(balance) <> 0
    """,
    "A balance is not the sum of its postings": """
        SELECT a.account_number AS subject, COALESCE(sum(p.amount), 0) AS expected,
               a.balance AS found
          FROM accounts a LEFT JOIN postings p USING (entity_id)
         GROUP BY a.entity_id HAVING a.balance <> COALESCE(sum(p.amount), 0)
    """,
    "An account has not as many postings as it counts": """
        SELECT a.account_number AS subject, a.posting_count AS expected, count(p.*) AS found
          FROM accounts a LEFT JOIN postings p USING (entity_id)
         GROUP BY a.entity_id
        HAVING a.posting_count <> count(p.*) OR a.posting_count <> COALESCE(max(p.number), 0)
    """,
    "A posting does not continue its account's line": """
        SELECT account_number || ' #' || number AS subject, before + amount AS expected,
               balance_after AS found
          FROM (SELECT *, COALESCE(lag(balance_after) OVER line, 0) AS before
                  FROM postings WINDOW line AS (PARTITION BY entity_id ORDER BY number)) lines
          JOIN accounts USING (entity_id)
         WHERE balance_after <> before + amount
    """,
    "A balance is out of its limits": """
        SELECT account_number AS subject,
               CASE WHEN balance < 0 THEN -max_negative_balance ELSE max_positive_balance END
                   AS expected,
               balance AS found
          FROM accounts
         WHERE balance NOT BETWEEN -max_negative_balance AND max_positive_balance
           AND (SELECT forced AND (max_negative_after, max_positive_after)
                                  = (max_negative_balance, max_positive_balance)
                  FROM limit_changes c WHERE c.entity_id = accounts.entity_id
                 ORDER BY number DESC LIMIT 1) IS NOT TRUE
    """,
    "Limits are not what their last change says": """
        SELECT account_number AS subject, last.max_negative_after AS expected,
               max_negative_balance AS found
          FROM accounts a CROSS JOIN LATERAL (
                SELECT * FROM limit_changes c WHERE c.entity_id = a.entity_id
                 ORDER BY number DESC LIMIT 1) last
         WHERE (max_negative_after, max_positive_after)
               <> (max_negative_balance, max_positive_balance)
    """,
    "A reversal does not take back what it reverses": """
        SELECT r.id::text AS subject, t.amount AS expected, r.amount AS found
          FROM transfers r JOIN transfers t ON t.id = r.reverses_id
         WHERE t.state <> 'completed' OR r.state <> 'completed' OR t.reverses_id IS NOT NULL
            OR (r.payer_id, r.payee_id, r.amount) <> (t.payee_id, t.payer_id, t.amount)
    """,
    "A posting is missing from its account's line": """
        SELECT account_number || ' #' || number - 1 AS subject, number - 1 AS expected,
               before AS found
          FROM (SELECT *, COALESCE(lag(number) OVER line, 0) AS before
                  FROM postings WINDOW line AS (PARTITION BY entity_id ORDER BY number)) lines
          JOIN accounts USING (entity_id)
         WHERE number <> before + 1
    """,
    "A posting is dated before the one before it": """
        SELECT account_number || ' #' || number AS subject,
               to_char(before AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS') AS expected,
               to_char(posted_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS') AS found
          FROM (SELECT *, lag(posted_at) OVER line AS before
                  FROM postings WINDOW line AS (PARTITION BY entity_id ORDER BY number)) lines
          JOIN accounts USING (entity_id)
         WHERE posted_at < before
    """,
    "The postings of a transfer are not dated alike": """
        SELECT transfer_id::text AS subject, 1 AS expected, count(DISTINCT posted_at) AS found
          FROM postings GROUP BY transfer_id HAVING count(DISTINCT posted_at) > 1
    """,
    "A posting is not what its transfer says": """
        SELECT 'transfer ' || t.id || ', account ' || a.account_number
               || COALESCE(' #' || p.number, ', where it has none') AS subject,
               side.amount AS expected, COALESCE(p.amount, 0) AS found
          FROM transfers t
         CROSS JOIN LATERAL (VALUES (t.payer_id, -t.amount), (t.payee_id, t.amount))
               AS side (entity_id, amount)
          JOIN accounts a ON a.entity_id = side.entity_id
          LEFT JOIN postings p ON p.transfer_id = t.id AND p.entity_id = side.entity_id
         WHERE t.state = 'completed' AND p.amount IS DISTINCT FROM side.amount
    """,
    "The postings of a transfer do not sum to zero": """
        SELECT transfer_id::text AS subject, 0 AS expected, sum(amount) AS found
          FROM postings GROUP BY transfer_id HAVING sum(amount) <> 0
    """,
    "A completed transfer was not posted from its payer to its payee": """
        SELECT t.id::text AS subject, t.amount AS expected,
               COALESCE(sum(p.amount) FILTER (WHERE p.entity_id = t.payee_id), 0) AS found
          FROM transfers t LEFT JOIN postings p ON p.transfer_id = t.id
         WHERE t.state = 'completed'
         GROUP BY t.id
        HAVING COALESCE(sum(p.amount) FILTER (WHERE p.entity_id = t.payee_id), 0) <> t.amount
            OR COALESCE(sum(p.amount) FILTER (WHERE p.entity_id = t.payer_id), 0) <> -t.amount
    """,
    "A transfer that is not completed has postings": """
        SELECT t.id::text AS subject, 0 AS expected, count(*) AS found
          FROM transfers t JOIN postings p ON p.transfer_id = t.id
         WHERE t.state <> 'completed' GROUP BY t.id
    """,
    "An entity's log has gaps or does not end where its counter stands": """
        SELECT a.account_number AS subject, a.event_seq AS expected,
               COALESCE(max(e.seq), 0) AS found
          FROM accounts a LEFT JOIN events e USING (entity_id)
         GROUP BY a.entity_id
        HAVING count(e.*) > 0
           AND (max(e.seq) <> a.event_seq OR count(e.*) <> max(e.seq) - min(e.seq) + 1)
    """,
}
"""What is wrong if a query finds a row: its subject, and the expected and found number there."""

ROWS_SHOWN = 20


async def contradictions(session: AsyncSession, check: str) -> Sequence[Row[Any]]:
    """The first rows that fail one of ``CHECKS``."""
    rows = await session.execute(text(f"{CHECKS[check]} LIMIT {ROWS_SHOWN}"))
    return rows.all()


async def counts(session: AsyncSession) -> Row[Any]:
    """How much there is: accounts, transfers, postings, and what has been turned over."""
    return (
        await session.execute(
            text("""
                SELECT (SELECT count(*) FROM accounts) AS accounts,
                       (SELECT count(*) FROM transfers) AS transfers,
                       (SELECT count(*) FROM postings) AS postings
            """)
        )
    ).one()
