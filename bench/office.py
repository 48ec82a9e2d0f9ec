"""An admin of a large community, and a past to look through, filled in with plain SQL."""

from typing import Any

import asyncpg

from bench.community import PRIVATE_KEY, PUBLIC_KEY, RING, Member

TRANSFERS_EACH = 10
"""For each entity, and as many audit entries."""
BATCH = 100_000
ADMIN = Member(0)
"""A user of her own, with the id and the session that this number has."""

_MAKE_ADMIN = (
    """INSERT INTO users (id, email, password_hash, first_name, last_name, telephone,
           second_factor_at)
       VALUES ($1, 'bench-admin@example.org', '!', 'Ada', 'Admin', '', now())""",
    "INSERT INTO admins (user_id, role) VALUES ($1, 'AUDITOR')",
    """INSERT INTO user_sessions
           (id, user_id, family_hash, refresh_hash, device, address, expires_at)
       SELECT CAST(overlay($1 placing '018f0001' from 1 for 8) AS uuid), CAST($1 AS uuid),
           sha256('b'), sha256('b'), 'bench', '', now() + interval '1 day'""",
)
_TRANSFERS = """
INSERT INTO transfers (id, payer_id, payee_id, initiator_id, payer_name, payee_name, amount,
    description, state, proposed_at, proposed_by, decided_at, decided_by, cancelled_by,
    system_reason, admin_id, admin_reason)
SELECT uuidv7(), payer, payee, CASE WHEN n % 2 = 0 THEN payer ELSE payee END, 'One', 'Another',
    1 + (n * 7919) % 100000,
    ($4::text[])[1 + n % 6] || ' for week ' || n % 52,
    CASE WHEN n % 50 = 0 THEN 'initiated' WHEN n % 10 = 1 THEN 'cancelled' ELSE 'completed' END,
    at, $3::uuid, CASE WHEN n % 50 > 0 THEN at + (n * 31) % 20 * interval '1 day' END,
    CASE WHEN n % 50 > 0 THEN $3::uuid END,
    CASE WHEN n % 10 = 1 THEN
        CASE WHEN n % 5000 = 1 THEN 'admin' WHEN n % 500 = 1 THEN 'system' ELSE 'receiver' END END,
    CASE WHEN n % 500 = 1 AND n % 5000 <> 1 THEN 'payerCreditLimit' END,
    CASE WHEN n % 3000 = 2 THEN $3::uuid END, CASE WHEN n % 3000 = 2 THEN 'Agreed.' END
FROM (
    SELECT n, now() - ($5::bigint - n) * interval '30 seconds' AS at,
        ids[1 + n % cardinality(ids)] AS payer,
        ids[1 + (n * 7 + 1 + n / cardinality(ids)) % cardinality(ids)] AS payee
    FROM generate_series($1::bigint, $2) AS n,
        (SELECT array_agg(entity_id ORDER BY entity_id) AS ids FROM accounts) AS members
) AS made
WHERE payer <> payee
"""
_AUDIT = """
INSERT INTO audit_entries (id, recorded_at, action, outcome, refusal, actor_kind, actor_id,
    subjects, fields, reference, details, salt, details_hash)
SELECT uuidv7(), now() - ($4::bigint - n) * interval '30 seconds',
    ($3::text[])[1 + n % 6], CASE WHEN n % 20 = 0 THEN 'REFUSED' ELSE 'DONE' END,
    CASE WHEN n % 20 = 0 THEN 'PAYER_LIMIT_EXCEEDED' END,
    CASE WHEN n % 1000 = 3 THEN 'ADMIN' ELSE 'USER' END,
    actors[1 + n % cardinality(actors)], ARRAY[subjects[1 + n % cardinality(subjects)]],
    CASE WHEN n % 3 = 0 THEN ARRAY['balance', 'state'] ELSE ARRAY['name'] END, 'bench',
    '{"address": "", "reason": "", "changes": []}', sha256('s'), sha256('d')
FROM generate_series($1::bigint, $2) AS n,
    (SELECT array_agg(id ORDER BY id) AS actors FROM users) AS users,
    (SELECT array_agg(id ORDER BY id) AS subjects FROM entities) AS entities
"""
_WORDS = ["Bread and cake", "Flour", "Garden work", "Web design", "Massage", "Translation"]
_ACTIONS = ["logIn", "proposeTransfer", "acceptTransfer", "updateEntity", "setFavorite", "logOut"]


async def open_office(dsn: str, *, entities: int) -> None:
    """Give the community an admin, and a past of transfers and audit entries."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            for statement in _MAKE_ADMIN:
                await connection.execute(statement, _argument(statement))
            await connection.execute(
                "INSERT INTO signing_keys (kid, public_key, private_key, sealed)"
                " VALUES ($1, $2, $3, false)",
                *(RING.kid, PUBLIC_KEY.public_bytes_raw(), PRIVATE_KEY.private_bytes_raw()),
            )
        total = entities * TRANSFERS_EACH
        for first in range(1, total, BATCH):
            await _past(connection, first, min(first + BATCH - 1, total), total)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


def _argument(statement: str) -> object:
    return str(ADMIN.entity_id) if "overlay" in statement else ADMIN.entity_id


async def _past(connection: Any, first: int, last: int, total: int) -> None:
    """Some of it, of which nobody checks that it could have happened: it is only looked at."""
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(_TRANSFERS, first, last, ADMIN.entity_id, _WORDS, total)
        await connection.execute(_AUDIT, first, last, _ACTIONS, total)
