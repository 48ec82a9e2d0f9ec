"""A community large enough to measure on, filled in with plain SQL."""
# ruff: noqa: S608 - every word of the SQL is written here

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from hashlib import sha256
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mccs_graphql.domain.identity.access_tokens import sign
from mccs_graphql.domain.identity.keys import KeyRing
from mccs_graphql.schema.ids import IdPrefix, encode_id
from mccs_graphql.settings import Settings

MEMBERS = 2_000
WITH_HISTORY = MEMBERS - 1
"""The member with the most transfers, all of them from before the measurements."""
HISTORY = 200
LIMIT = 10**12
"""Of every balance, both ways, in the smallest unit: nothing measured here may be refused."""
_FIRST_ID = UUID("018f0000-0000-7000-8000-000000000000")
_FIRST_SESSION_ID = UUID("018f0001-0000-7000-8000-000000000000")
PRIVATE_KEY = Ed25519PrivateKey.from_private_bytes(sha256(b"bench").digest())
PUBLIC_KEY = PRIVATE_KEY.public_key()
RING = KeyRing(kid="bench", private=PRIVATE_KEY, public={"bench": PUBLIC_KEY})
ISSUER = Settings(_env_file=None).token_issuer
LIFETIME = timedelta(days=1)
"""Nobody refreshes while things are measured."""

# Ids and sessions follow from a member's number, here and in the SQL. A user's id is its entity's.
MEMBER_ID = "CAST('018f0000-0000-7000-8000-' || lpad(to_hex({number}), 12, '0') AS uuid)"
_ID = MEMBER_ID.format(number="n")
_SESSION_ID = _ID.replace("018f0000", "018f0001")
_HASH = "sha256(CAST('bench-' || n AS bytea))"
_EVERYBODY = f"FROM generate_series(0, {MEMBERS - 1}) AS n"
_TRADES = (
    "Bakery", "Bicycles", "Carpentry", "Dairy", "Electrics", "Gardens", "Printing", "Roofing",
    "Seeds", "Tailoring",
)  # fmt: skip
_TAGS = 300

STATEMENTS = (
    f"""INSERT INTO users (id, email, password_hash, first_name, last_name, telephone)
        SELECT {_ID}, 'member' || n || '@example.org', '!', 'Ana', 'Ben', '' {_EVERYBODY}""",
    f"""INSERT INTO entities (id, name, status, email, telephone, inc_type, company_number, website,
            description, address, city, region, postal_code, country,
            show_tags_matched_since_last_login, receive_daily_match_notification_email)
        SELECT {_ID}, 'The ' || ($1::text[])[1 + n % 10] || ' ' || n, 'tradingAccepted',
            'member' || n || '@example.org', '', '', '', 'https://example.org',
            repeat('Made here, by hand. ', 10), '', 'Town ' || n % 40, 'Here', '', 'Arcadia',
            false, false {_EVERYBODY}""",
    f"""INSERT INTO accounts (entity_id, account_number, balance, max_negative_balance,
            max_positive_balance, posting_count, event_seq)
        SELECT {_ID}, lpad(CAST(n AS text), 16, '0'), 0, {LIMIT}, {LIMIT}, 0, 0 {_EVERYBODY}""",
    f"INSERT INTO memberships (user_id, entity_id) SELECT {_ID}, {_ID} {_EVERYBODY}",
    f"""INSERT INTO user_sessions
            (id, user_id, family_hash, refresh_hash, device, address, expires_at)
        SELECT {_SESSION_ID}, {_ID}, {_HASH}, {_HASH}, 'bench', '', now() + interval '1 day'
        {_EVERYBODY}""",
    f"""INSERT INTO tags (id, name)
        SELECT uuidv7(), 'good-' || n FROM generate_series(0, {_TAGS - 1}) AS n""",
    f"""INSERT INTO entity_tags (entity_id, kind, tag_id)
        SELECT {_ID}, CASE WHEN k < 3 THEN 'offer' ELSE 'want' END, tags.id
        {_EVERYBODY}, generate_series(0, 4) AS k
        JOIN tags ON true WHERE tags.name = 'good-' || (n * 7 + k * 31) % {_TAGS}""",
    "INSERT INTO categories (id, name) SELECT uuidv7(), name FROM unnest($1::text[]) AS name",
    f"""INSERT INTO entity_categories (entity_id, category_id)
        SELECT {_ID}, categories.id {_EVERYBODY}
        JOIN categories
        ON categories.name IN (($1::text[])[1 + n % 10], ($1::text[])[1 + n % 7])""",
    # Open proposals: they need neither postings nor events to be true.
    f"""INSERT INTO transfers (id, payer_id, payee_id, initiator_id, payer_name, payee_name, amount,
            description, state, proposed_by, proposed_at)
        SELECT uuidv7(), payer.id, payee.id, payer.id, payer.name, payee.name, 100 + n,
            'Bread for week ' || n, 'initiated', payer.id, now() - n * interval '1 minute'
        FROM generate_series(0, {HISTORY - 1}) AS n
        JOIN entities AS payer ON payer.id = {MEMBER_ID.format(number=str(WITH_HISTORY))}
        JOIN entities AS payee ON payee.id = {MEMBER_ID.format(number="1000 + n")}""",
)


@dataclass(frozen=True)
class Member:
    """One of the community, by number."""

    number: int

    @property
    def entity_id(self) -> UUID:
        return UUID(int=_FIRST_ID.int + self.number)

    @property
    def id(self) -> str:
        """The entity's id as clients see it."""
        return encode_id(IdPrefix.ENTITY, self.entity_id)

    @property
    def token(self) -> str:
        """An access token, signed with the key that the community has from the start."""
        return _token(self.number)


@dataclass(frozen=True)
class Pair:
    """Two members who trade; the payer proposes."""

    payer: Member
    payee: Member

    @classmethod
    def number(cls, number: int) -> "Pair":
        """Pairs of different numbers have nobody in common."""
        return cls(Member(2 * number), Member(2 * number + 1))


@cache
def _token(number: int) -> str:
    subject = encode_id(IdPrefix.USER, UUID(int=_FIRST_ID.int + number))
    session_id = UUID(int=_FIRST_SESSION_ID.int + number)
    return sign(RING, subject, session_id, issuer=ISSUER, lifetime=LIFETIME).text


async def settle(dsn: str) -> None:
    """Fill an empty database, and let the planner know what is in it."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            for statement in STATEMENTS:
                await connection.execute(statement, *([_TRADES] if "$1" in statement else []))
            await connection.execute(
                """INSERT INTO signing_keys (kid, public_key, private_key, sealed)
                   VALUES ($1, $2, $3, false)""",
                RING.kid,
                PUBLIC_KEY.public_bytes_raw(),
                PRIVATE_KEY.private_bytes_raw(),
            )
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
