"""Opaque ids: a prefix that names the type, and the UUID in URL-safe letters."""

import base64
from enum import StrEnum
from uuid import UUID


class IdPrefix(StrEnum):
    """What an id is of."""

    USER = "usr"
    ENTITY = "ent"
    TRANSFER = "tfr"
    CATEGORY = "cat"
    SESSION = "ses"
    INVITATION = "inv"
    API_TOKEN = "tok"  # noqa: S105 - the prefix of an id
    ADMIN = "adm"
    WEBHOOK = "whk"
    NOTICE = "ntc"
    MAIL = "mil"


def opaque(prefix: IdPrefix, id_: UUID) -> str:
    """The id as clients see it."""
    letters = base64.urlsafe_b64encode(id_.bytes).rstrip(b"=").decode()
    return f"{prefix}_{letters}"
