"""The outbox: what is due, what was tried lately, and what became of each mail."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Mail, MailKind, MailState, Membership, User
from mccs_graphql.settings import Language

TAKING_LOCK = 5_044_918_250_167_927
"""Any constant number: workers take mails one after the other, so that the limits are exact."""
OPEN = (MailState.QUEUED, MailState.SENDING)
_IS_DUE = (Mail.state.in_(OPEN), Mail.next_attempt_at <= func.now())


async def any_due(session: AsyncSession) -> bool:
    """Whether a worker may take a mail now."""
    return bool(await session.scalar(select(select(Mail.id).where(*_IS_DUE).exists())))


async def drop_those_to_nobody(session: AsyncSession, *, reason: str) -> None:
    """End what is due without a receiver; invitations have one without saying so."""
    await session.execute(
        update(Mail)
        .where(
            *_IS_DUE,
            Mail.user_id.is_(None),
            Mail.receiver_id.is_(None),
            Mail.kind != MailKind.INVITATION,
        )
        .values(state=MailState.DROPPED, error=reason, leased_by=None)
        .execution_options(synchronize_session=False)
    )


async def lock_taking(session: AsyncSession) -> None:
    """Nobody else takes a mail until the commit."""
    await session.execute(text(f"SELECT pg_advisory_xact_lock({TAKING_LOCK})"))


async def lock_next_due(session: AsyncSession) -> Mail | None:
    """The mail that has been due longest; those that somebody is about to change are left out."""
    found: Mail | None = await session.scalar(
        select(Mail)
        .where(*_IS_DUE)
        .order_by(Mail.next_attempt_at, Mail.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return found


async def tried_lately(session: AsyncSession, *, period: timedelta) -> int:
    """How many mails were tried within the period."""
    count = select(func.count()).where(Mail.attempted_at > func.now() - period)
    return await session.scalar(count) or 0


async def tried_lately_for(
    session: AsyncSession, mail: Mail, *, kinds: Collection[MailKind], period: timedelta
) -> int:
    """How many mails of these kinds for the same receiver were tried within the period."""
    count = select(func.count()).where(
        Mail.attempted_at > func.now() - period,
        Mail.kind.in_(kinds),
        *_is_for_the_same_as(mail),
    )
    return await session.scalar(count) or 0


async def is_overtaken(session: AsyncSession, mail: Mail) -> bool:
    """Whether the same receiver is sent a later mail of the same kind."""
    later = select(Mail.id).where(
        *_is_for_the_same_as(mail),
        Mail.kind == mail.kind,
        Mail.id > mail.id,
        Mail.state.in_((*OPEN, MailState.SENT)),
    )
    return bool(await session.scalar(select(later.exists())))


async def end_lease(session: AsyncSession, mail: Mail, **outcome: Any) -> bool:
    """Keep what became of an attempt; False if its lease has passed to somebody else."""
    ended = await session.scalar(
        update(Mail)
        .where(Mail.id == mail.id, Mail.leased_by == mail.leased_by)
        .values(leased_by=None, **outcome)
        .returning(Mail.id)
        .execution_options(synchronize_session=False)
    )
    return ended is not None


async def count_by_state(session: AsyncSession) -> dict[MailState, int]:
    """How many mails there are in each state that one is in."""
    found = await session.execute(select(Mail.state, func.count()).group_by(Mail.state))
    return dict(found.tuples().all())


async def lock_mails(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Mail]:
    """Those of the mails that are there, in the order of their ids; nobody else changes them."""
    found = await session.scalars(
        select(Mail)
        .where(Mail.id.in_(ids))
        .order_by(Mail.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {mail.id: mail for mail in found}


async def requeue_failed(session: AsyncSession) -> int:
    """Have all that failed tried again; how many."""
    found = await session.scalars(
        update(Mail)
        .where(Mail.state == MailState.FAILED)
        .values(state=MailState.QUEUED, attempts=0, next_attempt_at=func.now())
        .returning(Mail.id)
        .execution_options(synchronize_session=False)
    )
    return len(found.all())


def _is_for_the_same_as(mail: Mail) -> tuple[ColumnElement[bool], ...]:
    """Mails for the same user, for the same entity, or about the same invitation."""
    same: tuple[ColumnElement[bool], ...] = (
        Mail.user_id.is_not_distinct_from(mail.user_id),
        Mail.receiver_id.is_not_distinct_from(mail.receiver_id),
    )
    return (*same, Mail.facts == mail.facts) if mail.kind is MailKind.INVITATION else same


async def forget(session: AsyncSession, state: MailState, *, older_than: timedelta) -> None:
    """Remove the mails of a final state that nobody asks for any more."""
    await session.execute(
        delete(Mail).where(Mail.state == state, Mail.created_at < func.now() - older_than)
    )


async def language_of_entity(session: AsyncSession, entity_id: UUID) -> Language | None:
    """The language of the member it has had longest; None if they chose none."""
    found: Language | None = await session.scalar(
        select(User.language)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.entity_id == entity_id)
        .order_by(Membership.created_at, User.id)
        .limit(1)
    )
    return found
