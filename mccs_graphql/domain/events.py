"""Each entity's log: appended to in the transaction that makes it true, read from a position on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Account, Event, EventKind, Transfer
from mccs_graphql.db.queries import events as queries

REPLAY_PAGE = 100
BEYOND = 2**63 - 1
"""A position that no log reaches: PostgreSQL's largest BIGINT."""
_WAKE_UPS = "wake_ups"


@dataclass(frozen=True)
class WakeUp:
    """Entity ``entity_id`` has news up to ``seq``. Carries no content: readers ask PostgreSQL.

    Without ``seq`` the news is not of the entity: somebody who listens may not do so any more.
    """

    entity_id: UUID
    seq: int | None


@dataclass(frozen=True)
class Replay:
    """What an entity's log holds after a position: the next events and how far the log goes.

    ``gap`` says that events after the position have been forgotten, or never were: the reader must
    fetch the state again and go on from ``end``.
    """

    events: Sequence[Event]
    end: int
    gap: bool


def record(
    session: AsyncSession, *, kind: EventKind, transfer: Transfer, accounts: Iterable[Account]
) -> None:
    """Append an event about a transfer to each account's log; their rows must be locked.

    The wake-ups are kept on the session for the one who commits it: ``wake_ups``.
    """
    for account in accounts:
        _append(session, account, Event(kind=kind, transfer_id=transfer.id))


def record_match(session: AsyncSession, match_id: UUID, accounts: Iterable[Account]) -> None:
    """Tell each account's log of a match with this entity, as ``record`` does it."""
    for account in accounts:
        _append(session, account, Event(kind=EventKind.MATCH_FOUND, match_id=match_id))


def wake_listeners(session: AsyncSession, entity_ids: Iterable[UUID]) -> None:
    """Let those who listen for these entities be looked up again after the commit."""
    session.info.setdefault(_WAKE_UPS, []).extend(WakeUp(id_, None) for id_ in entity_ids)


def wake_ups(session: AsyncSession) -> list[WakeUp]:
    """What to publish once this session has committed."""
    recorded: list[WakeUp] = session.info.get(_WAKE_UPS, [])
    return recorded


async def replay(session: AsyncSession, entity_id: UUID, *, after: int | None) -> Replay:
    """The next events of an entity after ``after``, at most ``REPLAY_PAGE``.

    None stands for the end of the log, wherever that is.
    """
    position = BEYOND if after is None else after
    end, events = await queries.read_log(session, entity_id, after=position, limit=REPLAY_PAGE)
    if after is None or after == end:
        return Replay(events=(), end=end, gap=False)
    gap = not events or events[0].seq != after + 1
    return Replay(events=() if gap else events, end=end, gap=gap)


async def ends(session: AsyncSession, entity_ids: Iterable[UUID]) -> list[WakeUp]:
    """How far the logs of these entities go."""
    rows = await queries.last_seqs(session, list(entity_ids))
    return [WakeUp(entity_id, seq) for entity_id, seq in rows]


def _append(session: AsyncSession, account: Account, event: Event) -> None:
    account.event_seq += 1
    event.entity_id, event.seq = account.entity_id, account.event_seq
    session.add(event)
    session.info.setdefault(_WAKE_UPS, []).append(WakeUp(account.entity_id, account.event_seq))
