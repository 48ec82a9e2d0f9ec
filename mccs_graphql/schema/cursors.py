"""Opaque cursors: a position in a list or in an entity's log, bound to what it is a position in."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

import orjson

from mccs_graphql.domain.cursors import CHECKSUM_BYTES, LOG, checksum, encode_cursor
from mccs_graphql.schema.scalars import refuse

__all__ = ["decode_cursor", "encode_cursor"]

CURSOR_MAX = 4000
Reader = Callable[[str], object]


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
    found, content = decoded[:CHECKSUM_BYTES], decoded[CHECKSUM_BYTES:]
    if found != checksum(content):
        raise ValueError(found)
    return content


def log_position(entity_id: UUID, cursor: str) -> int:
    """Where to go on in the log of this entity, and no other."""
    owner, seq = decode_cursor(LOG, cursor, identity, position)
    if owner != entity_id or not isinstance(seq, int):
        refuse("This cursor is of another entity's log.")
    return seq


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
