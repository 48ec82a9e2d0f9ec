"""Which call a worker makes next, and what comes of it."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Webhook, WebhookAttempt, WebhookFault, WebhookPause
from mccs_graphql.db.queries import webhooks as queries
from mccs_graphql.db.queries.webhooks import Busy
from mccs_graphql.domain.webhooks.messages import Format, Message, next_message, ping, seen_by

LEASE = timedelta(minutes=1)
"""Much longer than a call may last."""
FIRST_PAUSE = timedelta(minutes=1)
PAUSE_MAX = timedelta(hours=6)
DOUBLINGS_MAX = 10
JITTER = 0.2
"""Of a pause: so much earlier or later at most, so that what failed together does not come back
together."""
GIVEN_UP_AFTER = timedelta(days=5)
"""A webhook that has failed for so long is paused."""
ATTEMPTS_KEPT = 20
SKIPS_MAX = 100
"""Webhooks that nothing was for after all, in one go."""


@dataclass(frozen=True)
class Errand:
    """A call to make: its webhook is leased for it."""

    webhook: Webhook
    message: Message


@dataclass(frozen=True)
class Outcome:
    """What came of a call; without a fault it got through."""

    fault: WebhookFault | None
    status: int | None = None
    milliseconds: int = 0
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


async def any_to_make(session: AsyncSession, busy: Busy) -> bool:
    """Whether it is worth asking for a call."""
    return await queries.any_due(session, busy)


async def take(session: AsyncSession, busy: Busy, amount: Format) -> Errand | None:
    """The next call to make, leased; None if there is none, or none may be made right now.

    What is not for a webhook moves its position, and costs no call.
    """
    for _ in range(SKIPS_MAX):
        webhook = await queries.lock_next_due(session, busy)
        if webhook is None:
            return None
        if message := await _message_for(session, webhook, amount):
            webhook.leased_by, webhook.lease_until = uuid4(), func.now() + LEASE
            await session.flush()
            await session.refresh(webhook)
            return Errand(webhook, message)
        await session.flush()
    return None


async def keep(session: AsyncSession, errand: Errand, outcome: Outcome) -> bool:
    """Keep what came of a call; False if its lease has passed to somebody else."""
    webhook, message = errand.webhook, errand.message
    if not await queries.end_lease(session, webhook, **_changes(errand, outcome)):
        return False
    session.add(
        WebhookAttempt(
            webhook_id=webhook.id,
            message_id=message.id,
            type=message.type,
            attempted_at=outcome.at,
            milliseconds=outcome.milliseconds,
            status=outcome.status,
            fault=outcome.fault,
        )
    )
    await session.flush()
    await queries.trim_attempts(session, webhook.id, most=ATTEMPTS_KEPT)
    return True


def pause_after(failures: int) -> timedelta:
    """Twice as long after each failure, give or take the jitter."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(failures - 1, DOUBLINGS_MAX)
    jitter: float = secrets.SystemRandom().uniform(1 - JITTER, 1 + JITTER)
    return min(doubled, PAUSE_MAX) * jitter


async def _message_for(session: AsyncSession, webhook: Webhook, amount: Format) -> Message | None:
    if webhook.ping_id:
        return ping(webhook, webhook.ping_id, at=datetime.now(UTC))
    found = await queries.next_event(session, webhook)
    message = next_message(webhook, found, amount)
    if message is None:
        webhook.position = seen_by(found)
        webhook.leased_by, webhook.lease_until = None, None  # of a worker that died
    return message


def _changes(errand: Errand, outcome: Outcome) -> dict[str, Any]:
    """What becomes of the webhook. A trial changes nothing but that it was made;
    another one may have been asked for meanwhile."""
    webhook, message = errand.webhook, errand.message
    if message.position is None:
        return {"ping_id": func.nullif(Webhook.ping_id, webhook.ping_id)}
    if outcome.fault is None:
        return {
            "position": message.position,
            "delivered_at": outcome.at,
            "failures": 0,
            "failing_since": None,
            "due_at": func.now(),
        }
    since = webhook.failing_since or outcome.at
    failures = webhook.failures + 1
    return {
        "failures": failures,
        "failing_since": since,
        "due_at": func.now() + pause_after(failures),
        **_pause(outcome, since),
    }


def _pause(outcome: Outcome, since: datetime) -> dict[str, Any]:
    """Who says to be gone is believed at once, others in time; who paused it first did."""
    if outcome.status == HTTPStatus.GONE:
        why = WebhookPause.GONE
    elif outcome.at - since >= GIVEN_UP_AFTER:
        why = WebhookPause.FAILING
    else:
        return {}
    return {
        "paused_at": func.coalesce(Webhook.paused_at, func.now()),
        "paused_for": func.coalesce(Webhook.paused_for, why.value),
    }
