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
TYPE = "JWT"
TOKEN_MAX = 1_000
"""In characters. Ours have about 350; nothing longer is looked at."""
LEEWAY = timedelta(seconds=5)
"""How far the clocks of two of our machines may be apart."""
VERIFIED_KEPT = 4_096
"""Verifying a signature takes five times as long as finding that it has been verified."""
_CLAIMS = ["iss", "sub", "sid", "iat", "exp"]
_OF_ANOTHER_SHAPE = (TypeError, ValueError, AttributeError, OverflowError)
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


@dataclass(frozen=True)
class _Claims:
    """What a token says, once its signature has been verified; moments in seconds."""

    subject: str
    session_id: UUID
    begins: float
    ends: float

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "_Claims":
        """Raises one of ``_OF_ANOTHER_SHAPE`` for claims that are not as ours are."""
        return cls(
            subject=said["sub"],
            session_id=UUID(said["sid"]),
            begins=float(max(said["iat"], said.get("nbf", 0))),
            ends=float(said["exp"]),
        )


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
        return _signed_claims(token, public.public_bytes_raw(), self._issuer).subject

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
    text = jwt.encode(
        claims, ring.private, algorithm=ALGORITHM, headers={"kid": ring.kid, "typ": TYPE}
    )
    return AccessToken(text, expires_at)


def read(token: str, public: Ed25519PublicKey, *, issuer: str) -> UUID:
    """The session of a token that this key has signed. Raises Unauthenticated."""
    claims = _signed_claims(token, public.public_bytes_raw(), issuer)
    now, leeway = datetime.now(UTC).timestamp(), LEEWAY.total_seconds()
    if claims.begins > now + leeway:
        _refuse()
    if claims.ends <= now - leeway:
        raise Unauthenticated(TokenFault.EXPIRED)
    return claims.session_id


@lru_cache(VERIFIED_KEPT)
def _signed_claims(token: str, public_key: bytes, issuer: str) -> _Claims:
    public = Ed25519PublicKey.from_public_bytes(public_key)
    try:
        said = jwt.decode(
            token,
            public,
            algorithms=[ALGORITHM],
            issuer=issuer,
            options=_SIGNATURE_AND_ISSUER,  # type: ignore[arg-type]
        )
        return _Claims.of(said)
    except (jwt.InvalidTokenError, *_OF_ANOTHER_SHAPE):
        _refuse()


@lru_cache(VERIFIED_KEPT)
def _kid(token: str) -> str:
    """The name of the key, as the token itself says: nothing is believed yet.

    Whatever else may be signed with our keys one day is of another type, and opens nothing.
    """
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError:
        _refuse()
    kid = header.get("kid")
    return kid if isinstance(kid, str) and header.get("typ") == TYPE else _refuse()


def _refuse() -> NoReturn:
    raise Unauthenticated(TokenFault.INVALID) from None
