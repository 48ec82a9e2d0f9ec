"""The work of a payment without us: the same effect in hand-written SQL."""
# ruff: noqa: S608 - every word of the SQL is written here

import re
from collections.abc import Awaitable, Callable
from functools import cache
from uuid import UUID

import asyncpg

from bench.community import MEMBER_ID, Pair

# Written as pgbench wants it; asyncpg gets the same text with $1 for :payer and so on.
_BOTH = "(CAST(:payer AS uuid), CAST(:payee AS uuid))"
_TRANSFER = "CAST(:transfer AS uuid)"
_CLAIM = """
INSERT INTO idempotency_keys (actor_id, key, request_hash, transfer_id)
VALUES (CAST({actor} AS uuid), gen_random_uuid(), sha256('{what}'), {transfer})
ON CONFLICT DO NOTHING RETURNING transfer_id AS transfer"""

PROPOSE = (
    _CLAIM.format(actor=":payer", what="propose", transfer="uuidv7()"),
    f"""
SELECT a.entity_id, a.balance, a.max_negative_balance, a.max_positive_balance, e.name, e.status
FROM accounts a JOIN entities e ON e.id = a.entity_id
WHERE a.entity_id IN {_BOTH} ORDER BY a.entity_id FOR NO KEY UPDATE""",
    f"""
INSERT INTO transfers (id, payer_id, payee_id, initiator_id, payer_name, payee_name, amount,
  description, state, proposed_by)
SELECT {_TRANSFER}, payer.id, payee.id, payer.id, payer.name, payee.name, 1, '', 'initiated',
  CAST(:payer AS uuid)
FROM entities payer, entities payee
WHERE payer.id = CAST(:payer AS uuid) AND payee.id = CAST(:payee AS uuid)""",
    f"""
WITH told AS (
  UPDATE accounts SET event_seq = event_seq + 1 WHERE entity_id IN {_BOTH}
  RETURNING entity_id, event_seq)
INSERT INTO events (entity_id, seq, kind, transfer_id)
SELECT entity_id, event_seq, 'transferProposed', {_TRANSFER} FROM told""",
)
ACCEPT = (
    _CLAIM.format(actor=":payee", what="accept", transfer=_TRANSFER),
    f"""
SELECT t.state, t.amount, a.entity_id, a.balance, a.max_negative_balance, a.max_positive_balance,
  e.status
FROM transfers t JOIN accounts a ON a.entity_id IN (t.payer_id, t.payee_id)
JOIN entities e ON e.id = a.entity_id
WHERE t.id = {_TRANSFER} ORDER BY a.entity_id FOR NO KEY UPDATE""",
    f"""
UPDATE transfers SET state = 'completed', decided_at = now(), decided_by = CAST(:payee AS uuid)
WHERE id = {_TRANSFER}""",
    f"""
WITH moved AS (
  UPDATE accounts SET posting_count = posting_count + 1, event_seq = event_seq + 1,
    balance = balance + CASE entity_id WHEN CAST(:payer AS uuid) THEN -1 ELSE 1 END
  WHERE entity_id IN {_BOTH} RETURNING entity_id, posting_count, balance, event_seq),
posted AS (
  INSERT INTO postings (entity_id, number, transfer_id, amount, balance_after)
  SELECT entity_id, posting_count, {_TRANSFER},
    CASE entity_id WHEN CAST(:payer AS uuid) THEN -1 ELSE 1 END, balance
  FROM moved)
INSERT INTO events (entity_id, seq, kind, transfer_id)
SELECT entity_id, event_seq, 'transferCompleted', {_TRANSFER} FROM moved""",
)


def payments(connection: asyncpg.Connection, pair: Pair) -> Callable[[], Awaitable[None]]:
    """Propose and accept, in a transaction each."""
    sides = {"payer": pair.payer.entity_id, "payee": pair.payee.entity_id}

    async def pay() -> None:
        transfer = await _transaction(connection, PROPOSE, sides)
        await _transaction(connection, ACCEPT, sides | {"transfer": transfer})

    return pay


async def _transaction(
    connection: asyncpg.Connection, statements: tuple[str, ...], values: dict[str, UUID]
) -> UUID:
    claim, *others = statements
    async with connection.transaction():
        text, names = numbered(claim)
        transfer: UUID = await connection.fetchval(text, *map(values.__getitem__, names))
        values = values | {"transfer": transfer}
        for statement in others:
            text, names = numbered(statement)
            await connection.fetch(text, *map(values.__getitem__, names))
    return transfer


@cache
def numbered(statement: str) -> tuple[str, tuple[str, ...]]:
    """The statement with numbers for the names of its parameters, and these names in order."""
    names = tuple(dict.fromkeys(re.findall(r":(\w+)", statement)))
    return re.sub(r":(\w+)", lambda found: f"${names.index(found[1]) + 1}", statement), names


def pgbench_script() -> str:
    """The same for pgbench; each client has a pair of its own unless ``apart`` is 0."""
    payer = MEMBER_ID.format(number="2 * CAST(:pair AS int)")
    payee = MEMBER_ID.format(number="2 * CAST(:pair AS int) + 1")
    once = (
        r"\if :known = 0",
        r"\set pair :client_id * :apart",
        rf"SELECT {payer} AS payer, {payee} AS payee \gset",
        r"\set known 1",
        r"\endif",
    )
    lines = [*once]
    for claim, *others in (PROPOSE, ACCEPT):
        lines += ["BEGIN;", rf"{claim.strip()} \gset", *(f"{other.strip()};" for other in others)]
        lines += ["COMMIT;"]
    return "\n".join(lines) + "\n"
