"""Turning mails of one kind off by a link in one of them, without logging in.

The token names the user and the kind, with a proof made from a key that only this user has. So it
is good for that one thing, as long as the user is there; keys that sign are rotated, and old mails
are not thrown away for that.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Channel, NoticeKind
from mccs_graphql.db.queries import notice_preferences as queries
from mccs_graphql.domain.notices.kinds import channels_of, is_mandatory
from mccs_graphql.domain.notices.preferences import choose

PROOF_BYTES = 16
UUID_BYTES = 16
TOKEN_MAX = 200
_NOBODYS = UUID(int=0)


class UnsubscribeTokenInvalid(Exception):
    """It is not one of ours, or of nobody any more: which of them is not said."""


@dataclass(frozen=True)
class Claim:
    """What a token says, before it is proved."""

    user_id: UUID
    kind: NoticeKind
    proof: bytes


async def token_for(session: AsyncSession, user_id: UUID, kind: NoticeKind) -> str:
    """What the link of a mail to this user carries."""
    key = await queries.unsubscribe_key(session, user_id) or _NOBODYS
    return _text(kind, user_id.bytes + _proof(key, kind))


async def read_token(session: AsyncSession, token: str) -> NoticeKind:
    """The kind whose mails the token turns off. Raises UnsubscribeTokenInvalid; changes nothing."""
    claim = _claim(token)
    await _require_proof(session, claim)
    return claim.kind


async def unsubscribe(session: AsyncSession, token: str) -> NoticeKind:
    """Turn those mails off; once more does no harm. Raises UnsubscribeTokenInvalid."""
    claim = _claim(token)
    await _require_proof(session, claim)
    await choose(session, claim.user_id, {(claim.kind, Channel.MAIL): False})
    return claim.kind


async def _require_proof(session: AsyncSession, claim: Claim) -> None:
    key = await queries.unsubscribe_key(session, claim.user_id)
    fits = hmac.compare_digest(claim.proof, _proof(key or _NOBODYS, claim.kind))
    if key is None or not fits:
        raise UnsubscribeTokenInvalid


def _claim(token: str) -> Claim:
    kind, _, letters = token[:TOKEN_MAX].partition(".")
    try:
        named = NoticeKind(kind)
        content = base64.urlsafe_b64decode(f"{letters}==")
    except (ValueError, binascii.Error):
        raise UnsubscribeTokenInvalid from None
    is_choice = Channel.MAIL in channels_of(named) and not is_mandatory(named, Channel.MAIL)
    is_whole = len(content) == UUID_BYTES + PROOF_BYTES and _text(named, content) == token
    if not is_whole or not is_choice:
        raise UnsubscribeTokenInvalid
    return Claim(UUID(bytes=content[:UUID_BYTES]), named, content[UUID_BYTES:])


def _text(kind: NoticeKind, content: bytes) -> str:
    return f"{kind.value}.{base64.urlsafe_b64encode(content).rstrip(b'=').decode()}"


def _proof(key: UUID, kind: NoticeKind) -> bytes:
    said = f"unsubscribe {kind.value}".encode()
    return hmac.digest(key.bytes, said, sha256)[:PROOF_BYTES]
