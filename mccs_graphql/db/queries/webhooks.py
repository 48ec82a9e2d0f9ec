"""Webhooks: which are due, what is next for each, and what came of the calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from mccs_graphql.db.models import Account, Entity, Event, Transfer, Webhook, WebhookAttempt


@dataclass(frozen=True)
class Busy:
    """Whom no more calls may go to now: hosts and entities; and whether none to who fails."""

    hosts: frozenset[str] = frozenset()
    entity_ids: frozenset[UUID] = frozenset()
    failing: bool = False


@dataclass(frozen=True)
class NextEvent:
    """What follows a position in an entity's log.

    ``end`` is how far the log goes, ``first`` the first event that is kept after the position, and
    ``event`` the first one of the kinds, with what it is about.
    """

    end: int
    first: int | None
    event: Event | None
    transfer: Transfer | None
    match: Entity | None


_HAS_NEWS = and_(
    Webhook.paused_at.is_(None),
    Webhook.due_at <= func.now(),
    Webhook.position < Account.event_seq,
)
_IS_DUE = (
    or_(Webhook.paused_at.is_(None), Webhook.ping_id.is_not(None)),  # as the index has it
    or_(Webhook.ping_id.is_not(None), _HAS_NEWS),
    or_(Webhook.lease_until.is_(None), Webhook.lease_until <= func.now()),
)


async def any_due(session: AsyncSession, busy: Busy) -> bool:
    """Whether a worker may call one now."""
    found = select(Webhook.id).join(Account, Account.entity_id == Webhook.entity_id)
    return bool(await session.scalar(select(found.where(*_IS_DUE, *_is_free(busy)).exists())))


async def lock_next_due(session: AsyncSession, busy: Busy) -> Webhook | None:
    """The one that has been due longest; those that somebody is about to change are left out."""
    found: Webhook | None = await session.scalar(
        select(Webhook)
        .join(Account, Account.entity_id == Webhook.entity_id)
        .where(*_IS_DUE, *_is_free(busy))
        .order_by(Webhook.due_at, Webhook.id)
        .limit(1)
        .with_for_update(of=Webhook, skip_locked=True)
    )
    return found


def _is_free(busy: Busy) -> tuple[Any, ...]:
    return (
        Webhook.host.not_in(busy.hosts) if busy.hosts else true(),
        Webhook.entity_id.not_in(busy.entity_ids) if busy.entity_ids else true(),
        Webhook.failures == 0 if busy.failing else true(),
    )


async def next_event(session: AsyncSession, webhook: Webhook) -> NextEvent:
    """What follows in the log after the position of a webhook, in one statement."""
    own = Event.entity_id == webhook.entity_id
    first = select(func.min(Event.seq)).where(own, Event.seq > webhook.position)
    wanted = (
        select(Event)
        .where(own, Event.seq > webhook.position, Event.kind.in_(webhook.kinds))
        .order_by(Event.seq)
        .limit(1)
        .subquery()
    )
    event = aliased(Event, wanted)
    found = await session.execute(
        select(Account.event_seq, first.scalar_subquery(), event, Transfer, Entity)
        .select_from(Account)
        .outerjoin(wanted, true())
        .outerjoin(Transfer, Transfer.id == event.transfer_id)
        .outerjoin(Entity, Entity.id == event.match_id)
        .where(Account.entity_id == webhook.entity_id)
    )
    return NextEvent(*found.one())


async def end_lease(session: AsyncSession, webhook: Webhook, **outcome: Any) -> bool:
    """Keep what came of a call; False if its lease has passed to somebody else."""
    ended = await session.scalar(
        update(Webhook)
        .where(Webhook.id == webhook.id, Webhook.leased_by == webhook.leased_by)
        .values(leased_by=None, lease_until=None, **outcome)
        .returning(Webhook.id)
        .execution_options(synchronize_session=False)
    )
    return ended is not None


async def trim_attempts(session: AsyncSession, webhook_id: UUID, *, most: int) -> None:
    """Keep the latest attempts only."""
    kept = (
        select(WebhookAttempt.id)
        .where(WebhookAttempt.webhook_id == webhook_id)
        .order_by(WebhookAttempt.id.desc())
        .limit(most)
    )
    await session.execute(
        delete(WebhookAttempt)
        .where(WebhookAttempt.webhook_id == webhook_id, WebhookAttempt.id.not_in(kept))
        .execution_options(synchronize_session=False)
    )


async def find_webhook(session: AsyncSession, webhook_id: UUID) -> Webhook | None:
    """The webhook as of now, locked; None if there is none."""
    return await session.get(Webhook, webhook_id, with_for_update=True, populate_existing=True)


async def count_webhooks(session: AsyncSession, entity_id: UUID) -> int:
    """How many an entity has."""
    count = select(func.count()).select_from(Webhook).where(Webhook.entity_id == entity_id)
    return await session.scalar(count) or 0


async def webhooks_of(
    session: AsyncSession, entity_ids: Sequence[UUID]
) -> dict[UUID, list[Webhook]]:
    """The webhooks of each entity, oldest first."""
    found = await session.scalars(
        select(Webhook).where(Webhook.entity_id.in_(entity_ids)).order_by(Webhook.id)
    )
    webhooks: dict[UUID, list[Webhook]] = {}
    for webhook in found:
        webhooks.setdefault(webhook.entity_id, []).append(webhook)
    return webhooks


async def attempts_of(
    session: AsyncSession, webhook_ids: Sequence[UUID]
) -> dict[UUID, list[WebhookAttempt]]:
    """The attempts of each webhook that are kept, the newest first."""
    found = await session.scalars(
        select(WebhookAttempt)
        .where(WebhookAttempt.webhook_id.in_(webhook_ids))
        .order_by(WebhookAttempt.id.desc())
    )
    attempts: dict[UUID, list[WebhookAttempt]] = {}
    for attempt in found:
        attempts.setdefault(attempt.webhook_id, []).append(attempt)
    return attempts


async def position_at(session: AsyncSession, entity_id: UUID, since: datetime) -> int:
    """The place in an entity's log before what happened at a moment or later."""
    own = Event.entity_id == entity_id
    first = select(func.min(Event.seq)).where(own, Event.recorded_at >= since)
    found = await session.scalar(first)
    return found - 1 if found else await end_of(session, entity_id)


async def end_of(session: AsyncSession, entity_id: UUID) -> int:
    """How far an entity's log goes; 0 if there is no such entity."""
    query = select(Account.event_seq).where(Account.entity_id == entity_id)
    return await session.scalar(query) or 0


async def lock_all(session: AsyncSession) -> Sequence[Webhook]:
    """All there are."""
    found = await session.scalars(select(Webhook).order_by(Webhook.id).with_for_update())
    return found.all()


async def remove_webhooks(session: AsyncSession, *, entity_id: UUID) -> Sequence[UUID]:
    """Remove all webhooks of an entity; which ones."""
    return await _remove(session, Webhook.entity_id == entity_id)


async def remove_webhook(session: AsyncSession, webhook_id: UUID) -> None:
    """Remove a webhook with its attempts."""
    await _remove(session, Webhook.id == webhook_id)


async def _remove(session: AsyncSession, which: Any) -> Sequence[UUID]:
    """Locked first: a call that ends meanwhile adds no attempt to what is to go."""
    found = await session.scalars(select(Webhook.id).where(which).with_for_update())
    ids = found.all()
    for gone in (
        delete(WebhookAttempt).where(WebhookAttempt.webhook_id.in_(ids)),
        delete(Webhook).where(Webhook.id.in_(ids)),
    ):
        if ids:
            await session.execute(gone.execution_options(synchronize_session=False))
    return ids
