"""Who had to be told what, by what is in the books; and who was."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import (
    Canceller,
    Channel,
    EventKind,
    Mail,
    Membership,
    Notice,
    NoticeKind,
    NoticePreference,
    Transfer,
    TransferState,
)

ENDED = {
    Canceller.RECEIVER: NoticeKind.TRANSFER_REJECTED,
    Canceller.INITIATOR: NoticeKind.TRANSFER_CANCELLED,
    Canceller.SYSTEM: NoticeKind.TRANSFER_CANCELLED,
}
KINDS = {NoticeKind.TRANSFER_PROPOSED, NoticeKind.TRANSFER_COMPLETED, *ENDED.values()}
"""What there is to tell of transfers between members."""
DECISIONS = {
    TransferState.COMPLETED: EventKind.TRANSFER_COMPLETED,
    TransferState.CANCELLED: EventKind.TRANSFER_CANCELLED,
}
UNDONE = {
    "events that nobody was told of": "SELECT count(*) FROM events WHERE NOT told",
    "mails on their way": "SELECT count(*) FROM mails WHERE state IN ('queued', 'sending')",
    "notices without a number": "SELECT count(*) FROM notices WHERE number IS NULL",
    "entries without a seal": "SELECT count(*) FROM audit_entries WHERE seal IS NULL",
}
DEEDS = text("""
    SELECT action, transfers.id FROM audit_entries, transfers
     WHERE outcome = 'DONE' AND subjects @> ARRAY[transfers.id]
""")
DECIDED_BY = {
    Canceller.RECEIVER: "rejectTransfer",
    Canceller.INITIATOR: "cancelTransfer",
    Canceller.SYSTEM: "acceptTransfer",
    None: "acceptTransfer",
}


class Told(NamedTuple):
    """Something that a user is told, as a member of an entity."""

    kind: str
    transfer_id: UUID
    entity_id: UUID
    user_id: UUID


async def owed(session: AsyncSession, channel: Channel) -> Counter[Told]:
    """What every member has to be told by this channel, by the transfers that were committed."""
    members = defaultdict(list)
    for membership in await session.scalars(select(Membership)):
        members[membership.entity_id].append(membership.user_id)
    unwanted = await session.scalars(
        select(NoticePreference).where(
            NoticePreference.channel == channel, ~NoticePreference.wanted
        )
    )
    spared = {(row.kind, row.user_id) for row in unwanted}
    return Counter(
        Told(kind, transfer.id, entity_id, user_id)
        for transfer in await session.scalars(select(Transfer))
        for kind, entity_id in _news_of(transfer)
        for user_id in members[entity_id]
        if (kind, user_id) not in spared
    )


def _news_of(transfer: Transfer) -> Iterator[tuple[NoticeKind, UUID]]:
    sides = (transfer.payer_id, transfer.payee_id)
    (receiver_id,) = set(sides) - {transfer.initiator_id}
    yield NoticeKind.TRANSFER_PROPOSED, receiver_id
    if transfer.state is not TransferState.INITIATED:
        by = transfer.cancelled_by
        kind = ENDED[by] if by else NoticeKind.TRANSFER_COMPLETED
        yield from ((kind, side) for side in sides)


async def noticed(session: AsyncSession) -> Counter[Told]:
    """What users were told in the app."""
    return Counter(
        Told(notice.kind, notice.transfer_id, notice.entity_id, notice.user_id)
        for notice in await session.scalars(select(Notice))
        if notice.transfer_id and notice.entity_id
    )


def mailed(mails: Iterable[Mail]) -> Counter[Told]:
    """What the outbox has to tell."""
    return Counter(
        Told(
            mail.kind,
            UUID(mail.facts["transfer_id"]),
            UUID(mail.facts["entity_id"]),
            mail.user_id,
        )
        for mail in mails
        if mail.user_id
    )


def logged(transfers: Iterable[Transfer]) -> Counter[tuple[EventKind, UUID, UUID]]:
    """What the logs of both sides have to say of these."""
    return Counter(
        (kind, transfer.id, side)
        for transfer in transfers
        for kind in (EventKind.TRANSFER_PROPOSED, DECISIONS.get(transfer.state))
        for side in (transfer.payer_id, transfer.payee_id)
        if kind
    )


async def gaps(session: AsyncSession) -> int:
    """Numbers that are missing among the notices of users."""
    counted = select(func.max(Notice.number) - func.count()).group_by(Notice.user_id)
    return sum(await session.scalars(counted))


async def undone(session: AsyncSession) -> dict[str, int]:
    """What still has to be done until everybody is told of everything."""
    counts = {what: await session.scalar(text(query)) for what, query in UNDONE.items()}
    return {what: count for what, count in counts.items() if count}


def deeds_owed(transfers: Iterable[Transfer]) -> Counter[tuple[str, UUID]]:
    """The entries that the audit trail must have on these."""
    owed_: Counter[tuple[str, UUID]] = Counter()
    for transfer in transfers:
        owed_["proposeTransfer", transfer.id] += 1
        if transfer.state is not TransferState.INITIATED:
            owed_[DECIDED_BY[transfer.cancelled_by], transfer.id] += 1
    return owed_


async def deeds(session: AsyncSession) -> Counter[tuple[str, UUID]]:
    """The entries that it has."""
    return Counter((action, id_) for action, id_ in await session.execute(DEEDS))
