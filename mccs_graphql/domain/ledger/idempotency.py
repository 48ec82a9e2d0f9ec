"""One effect for each key, however often and however quickly a command is repeated."""

import hashlib
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import IdempotencyKey
from mccs_graphql.db.queries.ledger import claim_key
from mccs_graphql.domain.ledger.refusals import IdempotencyKeyReused


async def claim(
    session: AsyncSession, *, actor_id: UUID, key: UUID, request: object, transfer_id: UUID
) -> UUID:
    """The transfer that ``key`` stands for: ``transfer_id``, or an earlier one.

    ``request`` is everything that makes two requests the same one; dataclasses will do. Raises
    IdempotencyKeyReused if the key stood for another. A refused command rolls its claim back.
    """
    digest = digest_of(request)
    claimed = await claim_key(
        session,
        IdempotencyKey(actor_id=actor_id, key=key, request_hash=digest, transfer_id=transfer_id),
    )
    if claimed.request_hash != digest:
        raise IdempotencyKeyReused(transfer_id=claimed.transfer_id)
    return claimed.transfer_id


def digest_of(request: object) -> bytes:
    """The same 32 bytes for the same request; dataclasses will do."""
    return hashlib.sha256(orjson.dumps(request)).digest()
