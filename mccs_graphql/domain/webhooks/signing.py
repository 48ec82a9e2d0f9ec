"""Signing what webhooks are sent, as Standard Webhooks has it, and keeping the secrets."""

import base64
import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Webhook
from mccs_graphql.db.queries import webhooks as queries
from mccs_graphql.domain.identity.sealing import Seal, WrongSecret

SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"  # noqa: S105 - what secrets begin with
FORMER_GOOD_FOR = timedelta(hours=24)
"""For so long the secret before signs too, so that receivers can change over."""


def new_secret() -> bytes:
    """One that nobody guesses."""
    return secrets.token_bytes(SECRET_BYTES)


def shown(secret: bytes) -> str:
    """The secret as its receiver keeps it."""
    return f"{SECRET_PREFIX}{base64.b64encode(secret).decode()}"


def signature(secret: bytes, *, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature by one secret."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.digest(secret, signed, 'sha256')).decode()}"


def secrets_of(webhook: Webhook, seal: Seal, *, at: datetime) -> list[bytes]:
    """Those that sign at a moment, the newest first. Raises WrongSecret."""
    found = [_opened(webhook, webhook.secret, seal)]
    if webhook.former_secret and webhook.former_until and webhook.former_until > at:
        found.append(_opened(webhook, webhook.former_secret, seal))
    return found


def keep_secret(webhook: Webhook, secret: bytes, seal: Seal) -> None:
    """Have it sign from now on; there is none before it."""
    webhook.secret, webhook.sealed = _closed(webhook.id, secret, seal), seal.closes
    webhook.former_secret, webhook.former_until = None, None


def replace_secret(webhook: Webhook, secret: bytes, seal: Seal, *, at: datetime) -> None:
    """Have another one sign; the one before signs too for a while, if it can still be read."""
    try:
        former = _opened(webhook, webhook.secret, seal)
    except WrongSecret:
        keep_secret(webhook, secret, seal)
        return
    keep_secret(webhook, secret, seal)
    webhook.former_secret = _closed(webhook.id, former, seal)
    webhook.former_until = at + FORMER_GOOD_FOR


async def seal_again(session: AsyncSession, *, seal: Seal, former: Seal) -> int:
    """Seal all there are as new ones are; how many neither secret opens, which stay as they are.

    Their owners can replace them, so they are no reason to stop.
    """
    lost = 0
    for webhook in await queries.lock_all(session):
        lost += not any(_seal_again(webhook, seal, by=each) for each in (seal, former))
    return lost


def _seal_again(webhook: Webhook, seal: Seal, *, by: Seal) -> bool:
    try:
        secret = _opened(webhook, webhook.secret, by)
        former = webhook.former_secret and _opened(webhook, webhook.former_secret, by)
    except WrongSecret:
        return False
    webhook.secret, webhook.sealed = _closed(webhook.id, secret, seal), seal.closes
    webhook.former_secret = former and _closed(webhook.id, former, seal)
    return True


def _opened(webhook: Webhook, kept: bytes, seal: Seal) -> bytes:
    return seal.open(kept, label=_label(webhook.id)) if webhook.sealed else kept


def _closed(webhook_id: UUID, secret: bytes, seal: Seal) -> bytes:
    return seal.close(secret, label=_label(webhook_id))


def _label(webhook_id: UUID) -> str:
    """With a space, so that it is never the name of a signing key."""
    return f"webhook {webhook_id}"
