"""The keys that access tokens are signed with."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import SigningKey
from mccs_graphql.db.queries import tokens as queries
from mccs_graphql.domain.identity.sealing import Seal

KID_BYTES = 12
KEYS_FRESH = timedelta(seconds=60)
"""For so long a process may go on signing with a key that another one has retired."""


@dataclass(frozen=True)
class KeyRing:
    """The key to sign with, and the public keys by which tokens are still verified, by kid."""

    kid: str
    private: Ed25519PrivateKey
    public: Mapping[str, Ed25519PublicKey]


ReadRing = Callable[[], Awaitable[KeyRing]]


class Keys:
    """The keys as this process knows them; read again when a token names one it does not."""

    def __init__(self, read: ReadRing) -> None:
        self._read = read
        self._ring: KeyRing | None = None
        self._read_at = 0.0

    async def fresh(self) -> KeyRing:
        """All keys, as they were a minute ago or later."""
        age = monotonic() - self._read_at
        if self._ring is None or age > KEYS_FRESH.total_seconds():
            return await self.read_again()
        return self._ring

    async def public(self, kid: str) -> Ed25519PublicKey | None:
        """The key of this name, also if another process has made it just now."""
        ring = self._ring or await self.read_again()
        return ring.public.get(kid) or (await self.read_again()).public.get(kid)

    async def read_again(self) -> KeyRing:
        """All keys as of now."""
        self._ring, self._read_at = await self._read(), monotonic()
        return self._ring


async def find_ring(session: AsyncSession, *, seal: Seal, lifetime: timedelta) -> KeyRing | None:
    """The keys there are; None if there is none to sign with. Raises WrongSecret.

    A retired key verifies until the last token signed with it has expired: ``lifetime`` is theirs.
    """
    rows, now = await queries.signing_keys(session), datetime.now(UTC)
    newest = next((row for row in rows if row.retired_at is None), None)
    if newest is None:
        return None
    good = (row for row in rows if row.retired_at is None or row.retired_at > now - _kept(lifetime))
    return KeyRing(
        kid=newest.kid,
        private=_opened(newest, seal),
        public={row.kid: Ed25519PublicKey.from_public_bytes(row.public_key) for row in good},
    )


async def ensure_key(session: AsyncSession, *, seal: Seal) -> None:
    """Make the first key, whoever else is about to."""
    await queries.lock_signing_keys(session)
    if all(row.retired_at for row in await queries.signing_keys(session)):
        session.add(new_key(Ed25519PrivateKey.generate(), seal=seal))
        await session.flush()


async def rotate(session: AsyncSession, *, seal: Seal, lifetime: timedelta) -> str:
    """Sign with a new key from now on; its kid. Keys whose tokens have expired are removed."""
    await queries.lock_signing_keys(session)
    gone = datetime.now(UTC) - _kept(lifetime)
    await queries.forget_signing_keys(session, retired_before=gone)
    await queries.retire_signing_keys(session)
    key = new_key(Ed25519PrivateKey.generate(), seal=seal)
    session.add(key)
    await session.flush()
    return key.kid


def new_key(private: Ed25519PrivateKey, *, seal: Seal) -> SigningKey:
    """The row of a key."""
    kid = secrets.token_urlsafe(KID_BYTES)
    return SigningKey(
        kid=kid,
        public_key=private.public_key().public_bytes_raw(),
        private_key=seal.close(private.private_bytes_raw(), label=kid),
        sealed=seal.closes,
    )


def _opened(key: SigningKey, seal: Seal) -> Ed25519PrivateKey:
    kept = key.private_key
    content = seal.open(kept, label=key.kid) if key.sealed else kept
    return Ed25519PrivateKey.from_private_bytes(content)


def _kept(lifetime: timedelta) -> timedelta:
    """How long a retired key verifies; twice a minute more than needed harms nobody."""
    return lifetime + 2 * KEYS_FRESH
