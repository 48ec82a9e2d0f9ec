"""Sealing keys and secrets, so that a copy of the database is not enough to use them."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
SEAL_BYTES = 32
_PURPOSE = b"mccs signing keys"


class WrongSecret(Exception):
    """It was sealed with another secret, or for something else."""


class Seal:
    """Seals with the community's secret; without one it leaves things open."""

    def __init__(self, secret: str) -> None:
        self._cipher = AESGCM(_derived(secret)) if secret else None

    @property
    def closes(self) -> bool:
        """Whether there is a secret."""
        return self._cipher is not None

    def close(self, content: bytes, *, label: str) -> bytes:
        """What to keep. It opens only with the same secret and under the same label."""
        if self._cipher is None:
            return content
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, label.encode())

    def open(self, kept: bytes, *, label: str) -> bytes:
        """The content. Raises WrongSecret."""
        if self._cipher is None:
            raise WrongSecret
        nonce, closed = kept[:NONCE_BYTES], kept[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, closed, label.encode())
        except InvalidTag as error:
            raise WrongSecret from error


def _derived(secret: str) -> bytes:
    key = HKDF(algorithm=SHA256(), length=SEAL_BYTES, salt=None, info=_PURPOSE)
    return key.derive(secret.encode())
