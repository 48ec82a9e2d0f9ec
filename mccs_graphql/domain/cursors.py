"""Opaque cursors as they are given out."""

import base64
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

import orjson

LOG = "log"
"""The kind of a place in the log of an entity."""
CHECKSUM_BYTES = 6


def encode_cursor(kind: str, *values: object) -> str:
    """A cursor of a ``kind``; the values must be strings, numbers, UUIDs or moments."""
    content = orjson.dumps([kind, *map(_text, values)])
    return base64.urlsafe_b64encode(checksum(content) + content).rstrip(b"=").decode()


def log_cursor(entity_id: UUID, seq: int) -> str:
    """Where the log of an entity stands."""
    return encode_cursor(LOG, entity_id, seq)


def checksum(content: bytes) -> bytes:
    """Tells a mistyped cursor. One made up with care is a position like any other."""
    return blake2b(content, digest_size=CHECKSUM_BYTES).digest()


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
