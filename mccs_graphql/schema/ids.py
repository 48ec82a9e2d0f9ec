"""Opaque ids from clients, and to them."""

import base64
import binascii
from uuid import UUID

import strawberry

from mccs_graphql.domain.ids import IdPrefix, opaque

__all__ = ["NOBODY", "IdPrefix", "decode_id", "encode_id", "id_of"]


NOBODY = UUID(int=0)
"""What an id that cannot be anybody's stands for: it is looked up, and not found."""


def encode_id(prefix: IdPrefix, id_: UUID) -> strawberry.ID:
    """The id as clients see it."""
    return strawberry.ID(opaque(prefix, id_))


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
