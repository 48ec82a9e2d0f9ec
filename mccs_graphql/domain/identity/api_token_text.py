"""What an API token looks like: ``mccs_``, 43 letters by chance, and 6 that check them."""

import base64
import hashlib
import re
import secrets
import zlib

PREFIX = "mccs_"
SECRET_BYTES = 32
_SECRET_LETTERS = 43
_CHECK_BYTES = 4
_TEXT = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{49}}", re.ASCII)


def new_text() -> str:
    """A token that nobody has had before."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    return f"{PREFIX}{secret}{_check(secret)}"


def claims_to_be_one(text: str) -> bool:
    """Whether it is an API token if it is a good token at all."""
    return text.startswith(PREFIX)


def hash_of(text: str) -> bytes | None:
    """What is kept of a token; None for what none can be: cut off, or with a slip of the pen.

    One round of SHA-256 will do: nobody guesses 256 bits.
    """
    if not _TEXT.fullmatch(text):
        return None
    secret, check = text[len(PREFIX) :][:_SECRET_LETTERS], text[-len(_check("")) :]
    return hashlib.sha256(text.encode()).digest() if check == _check(secret) else None


def _check(secret: str) -> str:
    """CRC-32 of the letters before. It keeps nobody out; it tells tokens from other texts."""
    check = zlib.crc32(secret.encode()).to_bytes(_CHECK_BYTES, "big")
    return base64.urlsafe_b64encode(check).decode().rstrip("=")
