"""Telling the members of entities what stands in their logs, once, after it has come true.

The log is the outbox: what writes to it does nothing more for it, and who keeps house does this.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Canceller, Event, EventKind, NoticeKind, Transfer
from mccs_graphql.db.queries import notices as queries
from mccs_graphql.domain import events
from mccs_graphql.domain.notices.notifying import News, has_notified, notify

BATCH = 100
"""Events that are told of in one transaction."""
NUMBERED_MAX = 1_000
"""Notices that get their numbers in one transaction."""
BY_ADMINS = frozenset((NoticeKind.TRANSFER_BY_ADMIN, NoticeKind.TRANSFER_CANCELLED_BY_ADMIN))
"""Of these the entities had a mail when it was done."""
_CANCELLED = {
    Canceller.INITIATOR: NoticeKind.TRANSFER_CANCELLED,
    Canceller.RECEIVER: NoticeKind.TRANSFER_REJECTED,
    Canceller.SYSTEM: NoticeKind.TRANSFER_CANCELLED,
    Canceller.ADMIN: NoticeKind.TRANSFER_CANCELLED_BY_ADMIN,
}


@dataclass(frozen=True)
class _Happening:
    """An event that is worth telling, and as what."""

    event: Event
    transfer: Transfer | None
    kind: NoticeKind


def has_news(session: AsyncSession) -> bool:
    """Whether this session, when it commits, leaves something for ``tell_next``."""
    return bool(events.wake_ups(session)) or has_notified(session)


async def tell_next(session: AsyncSession) -> bool:
    """Tell of the next events, and number what has no number; whether there may be more.

    What is told and that it was told is one transaction: each event once, however many do this.
    """
    rows = await queries.claim_untold(session, most=BATCH)
    if rows:
        await _tell(session, [found for row in rows if (found := _happening(*row))])
        await queries.mark_told(session, [event for event, _ in rows])
    ends = await queries.give_numbers(session, most=NUMBERED_MAX)
    events.wake_readers(session, ends)
    return len(rows) == BATCH or len(ends) == NUMBERED_MAX


async def _tell(session: AsyncSession, happenings: Sequence[_Happening]) -> None:
    entity_ids = {each.event.entity_id for each in happenings}
    members: dict[UUID, list[UUID]] = {}
    for entity_id, user_id in await queries.held_members(session, entity_ids):
        members.setdefault(entity_id, []).append(user_id)
    await notify(session, _news(happenings, members))


def _happening(event: Event, transfer: Transfer | None) -> _Happening | None:
    kind = NoticeKind.MATCH_FOUND if transfer is None else _kind_of(event, transfer)
    return _Happening(event, transfer, kind) if kind else None


def _kind_of(event: Event, transfer: Transfer) -> NoticeKind | None:
    """None for a proposal at the side that made it."""
    match event.kind:
        case EventKind.TRANSFER_PROPOSED:
            is_asked = event.entity_id == transfer.receiver_id
            return NoticeKind.TRANSFER_PROPOSED if is_asked else None
        case EventKind.TRANSFER_COMPLETED if transfer.admin_id is None:
            return NoticeKind.TRANSFER_COMPLETED
        case EventKind.TRANSFER_COMPLETED:
            return NoticeKind.TRANSFER_BY_ADMIN
    return _CANCELLED[transfer.cancelled_by] if transfer.cancelled_by else None


def _news(
    happenings: Sequence[_Happening], members: Mapping[UUID, Sequence[UUID]]
) -> Iterator[News]:
    for each in happenings:
        event = each.event
        for user_id in members.get(event.entity_id, ()):
            yield News(
                user_id=user_id,
                kind=each.kind,
                entity_id=event.entity_id,
                transfer_id=event.transfer_id,
                other_id=event.match_id,
                facts=_facts(each),
                is_known=user_id == _doer(each),
            )


def _facts(happening: _Happening) -> Mapping[str, str] | None:
    if happening.transfer is None or happening.kind in BY_ADMINS:
        return None
    return {
        "entity_id": str(happening.event.entity_id),
        "transfer_id": str(happening.transfer.id),
    }


def _doer(happening: _Happening) -> UUID | None:
    """The user who did it in person, and need not be told so."""
    transfer = happening.transfer
    if transfer is None:
        return None
    if happening.kind is NoticeKind.TRANSFER_PROPOSED:
        return None if transfer.proposed_with else transfer.proposed_by
    return None if transfer.decided_with else transfer.decided_by
