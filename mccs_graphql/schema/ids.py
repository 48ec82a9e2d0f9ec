"""Opaque ids: a prefix that names the type, and the UUID in URL-safe letters."""

import base64
import binascii
from enum import StrEnum
from uuid import UUID

import strawberry


class IdPrefix(StrEnum):
    """What an id is of."""

    USER = "usr"
    ENTITY = "ent"
    TRANSFER = "tfr"
    CATEGORY = "cat"
    SESSION = "ses"
    INVITATION = "inv"
    API_TOKEN = "tok"  # noqa: S105 - the prefix of an id


NOBODY = UUID(int=0)
"""What an id that cannot be anybody's stands for: it is looked up, and not found."""


def encode_id(prefix: IdPrefix, id_: UUID) -> strawberry.ID:
    """The id as clients see it."""
    letters = base64.urlsafe_b64encode(id_.bytes).rstrip(b"=").decode()
    return strawberry.ID(f"{prefix}_{letters}")


def decode_id(text: str) -> tuple[IdPrefix, UUID] | None:
    """What an id stands for; None if it is not one of ours, letter for letter."""
    prefix, _, letters = text.partition("_")
    try:
        decoded = IdPrefix(prefix), UUID(bytes=base64.urlsafe_b64decode(f"{letters}=="))
    except (ValueError, binascii.Error):
        return None
    return decoded if encode_id(*decoded) == text else None


def id_of(prefix: IdPrefix, text: str) -> UUID:
    """The UUID of an id of this type; NOBODY for anything else, as unknown ids are not found."""
    decoded = decode_id(text)
    return decoded[1] if decoded and decoded[0] is prefix else NOBODY
