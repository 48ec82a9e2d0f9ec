"""Opaque cursors: a position in a list or in an entity's log, bound to what it is a position in."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from uuid import UUID

import orjson

from mccs_graphql.schema.scalars import refuse

CURSOR_MAX = 4000
CHECKSUM_BYTES = 6
Reader = Callable[[str], object]


def encode_cursor(kind: str, *values: object) -> str:
    """A cursor of a ``kind``; the values must be strings, numbers, UUIDs or moments."""
    content = orjson.dumps([kind, *map(_text, values)])
    return base64.urlsafe_b64encode(_checksum(content) + content).rstrip(b"=").decode()


def decode_cursor(kind: str, cursor: str, *readers: Reader) -> tuple[object, ...]:
    """The values of a cursor of this kind. Refuses anything else, without a word on why."""
    try:
        content = _checked(base64.urlsafe_b64decode(cursor[:CURSOR_MAX] + "=="))
        return _read(kind, orjson.loads(content), readers)
    except (ValueError, OverflowError, binascii.Error):
        refuse("This cursor is not one that this list has given out.")


def _read(kind: str, found: object, readers: Sequence[Reader]) -> tuple[object, ...]:
    if not isinstance(found, list) or len(found) != len(readers) + 1 or found[0] != kind:
        raise ValueError(kind)
    if not all(isinstance(value, str) for value in found):
        raise ValueError(kind)
    return tuple(read(value) for read, value in zip(readers, found[1:], strict=True))


def _checked(decoded: bytes) -> bytes:
    checksum, content = decoded[:CHECKSUM_BYTES], decoded[CHECKSUM_BYTES:]
    if checksum != _checksum(content):
        raise ValueError(checksum)
    return content


def _checksum(content: bytes) -> bytes:
    """Tells a mistyped cursor. One made up with care is a position like any other."""
    return blake2b(content, digest_size=CHECKSUM_BYTES).digest()


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def text(value: str) -> str:
    """Read a text that PostgreSQL can compare with."""
    value.encode()
    if "\0" in value:
        raise ValueError(value)
    return value


def moment(value: str) -> datetime:
    """Read a moment with its offset, as UTC."""
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError(value)
    return found.astimezone(UTC)


def number(value: str) -> int:
    """Read a whole number that PostgreSQL can compare with."""
    found = int(value)
    if not -(2**63) <= found < 2**63:
        raise ValueError(value)
    return found


def identity(value: str) -> UUID:
    """Read a UUID."""
    return UUID(value)


def position(value: str) -> int:
    """Read a place in a log."""
    if not (value.isascii() and value.isdigit() and len(value) < len(str(2**63))):
        raise ValueError(value)
    return int(value)
