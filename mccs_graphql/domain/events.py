"""Each entity's log: appended to in the transaction that makes it true, read from a position on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Account, Event, EventKind, Transfer
from mccs_graphql.db.queries import events as queries
from mccs_graphql.db.queries import notices

REPLAY_PAGE = 100
BEYOND = 2**63 - 1
"""A position that no log reaches: PostgreSQL's largest BIGINT."""
_WAKE_UPS = "wake_ups"


@dataclass(frozen=True)
class WakeUp:
    """Entity ``entity_id`` has news up to ``seq``. Carries no content: readers ask PostgreSQL.

    Or a user has, who goes by the same name here, up to the number ``seq`` of the notices.

    Without ``seq`` the news is not of the entity: somebody who listens may not do so any more.
    """

    entity_id: UUID
    seq: int | None


Entry = TypeVar("Entry")


@dataclass(frozen=True)
class Replay(Generic[Entry]):
    """What a log holds after a position: the next events, how far they go, and how far it goes.

    ``gap`` says that events after the position have been forgotten, or never were: the reader must
    fetch the state again and go on from ``end``.
    """

    events: Sequence[Entry]
    seen: int
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


def wake_readers(session: AsyncSession, ends: Iterable[tuple[UUID, int]]) -> None:
    """Tell users who listen, after the commit, how far the numbers of their notices go."""
    session.info.setdefault(_WAKE_UPS, []).extend(WakeUp(id_, last) for id_, last in ends)


def wake_ups(session: AsyncSession) -> list[WakeUp]:
    """What to publish once this session has committed."""
    recorded: list[WakeUp] = session.info.get(_WAKE_UPS, [])
    return recorded


async def replay(session: AsyncSession, entity_id: UUID, *, after: int | None) -> Replay[Event]:
    """The next events of an entity after ``after``, at most ``REPLAY_PAGE``.

    None stands for the end of the log, wherever that is.
    """
    position = BEYOND if after is None else after
    end, events = await queries.read_log(session, entity_id, after=position, limit=REPLAY_PAGE)
    return replay_of([(event.seq, event) for event in events], after=after, end=end)


def replay_of(
    numbered: Sequence[tuple[int, Entry]], *, after: int | None, end: int
) -> Replay[Entry]:
    """The next entries of a log by their numbers, as a reader at ``after`` takes them."""
    if after is None or (after == end and not numbered):
        return Replay(events=(), seen=end, end=end, gap=False)
    if not numbered or numbered[0][0] != after + 1:
        return Replay(events=(), seen=end, end=end, gap=True)
    return Replay([entry for _, entry in numbered], seen=numbered[-1][0], end=end, gap=False)


async def ends(session: AsyncSession, entity_ids: Iterable[UUID]) -> list[WakeUp]:
    """How far the logs of these entities go, and the notices of users who are among them."""
    ids = list(entity_ids)
    rows = [*await queries.last_seqs(session, ids), *await notices.last_numbers(session, ids)]
    return [WakeUp(entity_id, seq) for entity_id, seq in rows]


def _append(session: AsyncSession, account: Account, event: Event) -> None:
    account.event_seq += 1
    event.entity_id, event.seq = account.entity_id, account.event_seq
    session.add(event)
    session.info.setdefault(_WAKE_UPS, []).append(WakeUp(account.entity_id, account.event_seq))
