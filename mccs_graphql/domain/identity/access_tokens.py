"""Access tokens: short-lived, signed, naming a user and a session (JWT, Ed25519)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NoReturn
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from mccs_graphql.domain.errors import TokenFault, Unauthenticated
from mccs_graphql.domain.identity.keys import KeyRing, Keys

ALGORITHM = "EdDSA"
TOKEN_MAX = 1_000
"""In characters. Ours have about 350; nothing longer is looked at."""
LEEWAY = timedelta(seconds=5)
"""How far the clocks of two of our machines may be apart."""
VERIFIED_KEPT = 4_096
"""Verifying a signature takes five times as long as finding that it has been verified."""
_CLAIMS = ["iss", "sub", "sid", "iat", "exp"]
_SIGNATURE_AND_ISSUER = {
    "require": _CLAIMS,
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}


@dataclass(frozen=True)
class AccessToken:
    """A token, and when it expires."""

    text: str
    expires_at: datetime


class AccessTokens:
    """Issues and reads the tokens of one community."""

    def __init__(self, keys: Keys, *, issuer: str, lifetime: timedelta) -> None:
        self.keys = keys
        self._issuer = issuer
        self._lifetime = lifetime

    async def issue(self, subject: str, session_id: UUID) -> AccessToken:
        """A token of a session; ``subject`` is its user's id as clients see it."""
        ring = await self.keys.fresh()
        return sign(ring, subject, session_id, issuer=self._issuer, lifetime=self._lifetime)

    async def session_id(self, token: str) -> UUID:
        """The session that a good token is of. Raises Unauthenticated, saying why it is not."""
        return read(token, await self._public(token), issuer=self._issuer)

    async def subject(self, token: str) -> str:
        """The user that a token of ours names, also once it has expired. Raises Unauthenticated."""
        public = await self._public(token)
        return str(_signed_claims(token, public.public_bytes_raw(), self._issuer)["sub"])

    async def _public(self, token: str) -> Ed25519PublicKey:
        """The key that the token says it is signed with. Raises Unauthenticated."""
        if len(token) > TOKEN_MAX or not token.isascii():
            _refuse()
        public = await self.keys.public(_kid(token))
        return public or _refuse()


def sign(
    ring: KeyRing, subject: str, session_id: UUID, *, issuer: str, lifetime: timedelta
) -> AccessToken:
    """A token that is good from now on."""
    issued_at = datetime.now(UTC).replace(microsecond=0)
    expires_at = issued_at + lifetime
    claims = {
        "iss": issuer,
        "sub": subject,
        "sid": str(session_id),
        "iat": issued_at,
        "exp": expires_at,
    }
    text = jwt.encode(claims, ring.private, algorithm=ALGORITHM, headers={"kid": ring.kid})
    return AccessToken(text, expires_at)


def read(token: str, public: Ed25519PublicKey, *, issuer: str) -> UUID:
    """The session of a token that this key has signed. Raises Unauthenticated."""
    claims = _signed_claims(token, public.public_bytes_raw(), issuer)
    now, leeway = datetime.now(UTC).timestamp(), LEEWAY.total_seconds()
    if max(claims["iat"], claims.get("nbf", 0)) > now + leeway:
        _refuse()
    if claims["exp"] <= now - leeway:
        raise Unauthenticated(TokenFault.EXPIRED)
    return UUID(claims["sid"])


@lru_cache(VERIFIED_KEPT)
def _signed_claims(token: str, public_key: bytes, issuer: str) -> Mapping[str, Any]:
    public = Ed25519PublicKey.from_public_bytes(public_key)
    try:
        return jwt.decode(
            token,
            public,
            algorithms=[ALGORITHM],
            issuer=issuer,
            options=_SIGNATURE_AND_ISSUER,  # type: ignore[arg-type]
        )
    except jwt.InvalidTokenError:
        _refuse()


@lru_cache(VERIFIED_KEPT)
def _kid(token: str) -> str:
    """The name of the key, as the token itself says: nothing is believed yet."""
    try:
        kid = jwt.get_unverified_header(token).get("kid")
    except jwt.InvalidTokenError:
        _refuse()
    return kid if isinstance(kid, str) else _refuse()


def _refuse() -> NoReturn:
    raise Unauthenticated(TokenFault.INVALID) from None
