"""Reading transfers, of many entities at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, bindparam, func, select, true, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from mccs_graphql.db.models import Transfer, TransferState
from mccs_graphql.db.queries.keyset import Ordering, Page, Window, page_of

NEWEST_FIRST = Ordering((Transfer.proposed_at, Transfer.id), descending=True)


@dataclass(frozen=True)
class TransferFilter:
    """Which of an entity's transfers; None stands for any.

    ``paid`` True means those it pays, False those it is paid. The times are of the proposal,
    ``since`` included and ``until`` not.
    """

    states: tuple[TransferState, ...] | None = None
    paid: bool | None = None
    counterparty_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


async def transfers_by_id(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Transfer]:
    """Transfers by their ids, in one statement."""
    found = await session.scalars(select(Transfer).where(Transfer.id.in_(ids)))
    return {transfer.id: transfer for transfer in found}


async def pages_of_transfers(
    session: AsyncSession, entity_ids: Sequence[UUID], *, wanted: TransferFilter, window: Window
) -> dict[UUID, Page[Transfer]]:
    """The same window of several entities' transfers, newest first, in one statement.

    Each entity reads at most ``size + 1`` rows from the index of either side, however many
    transfers it has.
    """
    ids = bindparam("entity_ids", list(entity_ids), ARRAY(Uuid))
    owner = func.unnest(ids).table_valued("id", name="owner").render_derived()
    sides = [
        NEWEST_FIRST.apply(_side(own, other, owner.c.id, wanted), window)
        for own, other, paid in (
            (Transfer.payer_id, Transfer.payee_id, True),
            (Transfer.payee_id, Transfer.payer_id, False),
        )
        if wanted.paid in (None, paid)
    ]
    either = aliased(Transfer, union_all(*(side.subquery().select() for side in sides)).subquery())
    newest = Ordering((either.proposed_at, either.id), descending=True)
    cut = newest.apply(select(either), Window(window.size, backward=window.backward)).lateral()
    transfer = aliased(Transfer, cut)
    rows = await session.execute(select(owner.c.id, transfer).join_from(owner, cut, true()))
    return _pages(rows.all(), entity_ids, window)


def _side(
    own: InstrumentedAttribute[UUID],
    other: InstrumentedAttribute[UUID],
    entity_id: Any,
    wanted: TransferFilter,
) -> Select[Any]:
    statement = select(Transfer).where(own == entity_id).correlate_except(Transfer)
    if wanted.states is not None:
        statement = statement.where(Transfer.state.in_(wanted.states))
    if wanted.counterparty_id is not None:
        statement = statement.where(other == wanted.counterparty_id)
    if wanted.since is not None:
        statement = statement.where(Transfer.proposed_at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(Transfer.proposed_at < wanted.until)
    return statement


def _pages(
    rows: Sequence[tuple[UUID, Transfer]], entity_ids: Sequence[UUID], window: Window
) -> dict[UUID, Page[Transfer]]:
    found: dict[UUID, list[Transfer]] = {entity_id: [] for entity_id in entity_ids}
    for entity_id, transfer in rows:
        found[entity_id].append(transfer)
    return {entity_id: page_of(transfers, window) for entity_id, transfers in found.items()}
