"""Refresh tokens: what they are made of, and how the next one follows from one."""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace

FAMILY_BYTES = 16
SECRET_BYTES = 32
TEXT_LENGTH = 64
"""Both parts in base64, four letters for three bytes."""


@dataclass(frozen=True)
class RefreshToken:
    """``family`` is the session's for all its life; ``secret`` changes at each refresh.

    Who knows the family but not the secret has a token that has been replaced; who knows neither
    can end nobody's session.
    """

    family: bytes
    secret: bytes

    @classmethod
    def new(cls) -> "RefreshToken":
        """The first one of a session."""
        return cls(secrets.token_bytes(FAMILY_BYTES), secrets.token_bytes(SECRET_BYTES))

    @classmethod
    def parse(cls, text: str) -> "RefreshToken | None":
        """What a client has sent, if it has the form of a token."""
        if len(text) != TEXT_LENGTH:
            return None
        try:
            content = base64.b64decode(text, altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            return None
        return cls(content[:FAMILY_BYTES], content[FAMILY_BYTES:])

    @property
    def text(self) -> str:
        """As clients keep it."""
        return base64.urlsafe_b64encode(self.family + self.secret).decode()

    @property
    def family_hash(self) -> bytes:
        """By which the session is found."""
        return hashlib.sha256(self.family).digest()

    @property
    def secret_hash(self) -> bytes:
        """By which the token is told from those before."""
        return hashlib.sha256(self.secret).digest()

    def next(self, nonce: bytes) -> "RefreshToken":
        """The one that follows: the same for the same nonce, and unknown without this token."""
        return replace(self, secret=hmac.digest(nonce, self.secret, "sha256"))
