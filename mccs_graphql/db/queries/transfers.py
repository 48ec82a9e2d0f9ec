"""Reading transfers, of many entities at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Uuid,
    bindparam,
    func,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from mccs_graphql.db.models import Transfer, TransferState
from mccs_graphql.db.queries.keyset import Ordering, Page, Shape, Window, page_of

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

    @property
    def parameters(self) -> dict[str, object]:
        """The values to compare with, by the names of the conditions."""
        given = {
            "states": self.states,
            "counterparty_id": self.counterparty_id,
            "since": self.since,
            "until": self.until,
        }
        return {name: value for name, value in given.items() if value is not None}


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
    conditions = wanted.parameters
    statement = _statement(frozenset(conditions), paid=wanted.paid, shape=window.shape)
    rows = await session.execute(
        statement, {"entity_ids": list(entity_ids)} | conditions | window.parameters
    )
    found: dict[UUID, list[Transfer]] = {entity_id: [] for entity_id in entity_ids}
    for entity_id, transfer in rows:
        found[entity_id].append(transfer)
    return {entity_id: page_of(transfers, window) for entity_id, transfers in found.items()}


@cache
def _statement(conditions: frozenset[str], *, paid: bool | None, shape: Shape) -> Select[Any]:
    """Put together once for each set of conditions, of which there are few."""
    ids = bindparam("entity_ids", type_=ARRAY(Uuid))
    owner = func.unnest(ids).table_valued("id", name="owner").render_derived()
    sides = [
        NEWEST_FIRST.apply(_side(own, other, owner.c.id, conditions), shape)
        for own, other, pays in (
            (Transfer.payer_id, Transfer.payee_id, True),
            (Transfer.payee_id, Transfer.payer_id, False),
        )
        if paid in (None, pays)
    ]
    either = aliased(Transfer, union_all(*(side.subquery().select() for side in sides)).subquery())
    newest = Ordering((either.proposed_at, either.id), descending=True)
    unpositioned = Shape(positioned=False, backward=shape.backward)
    cut = newest.apply(select(either), unpositioned).lateral()
    return select(owner.c.id, aliased(Transfer, cut)).join_from(owner, cut, true())


def _side(
    own: InstrumentedAttribute[UUID],
    other: InstrumentedAttribute[UUID],
    entity_id: Any,
    conditions: frozenset[str],
) -> Select[Any]:
    known: dict[str, ColumnElement[bool]] = {
        "states": Transfer.state.in_(bindparam("states", expanding=True)),
        "counterparty_id": other == bindparam("counterparty_id"),
        "since": Transfer.proposed_at >= bindparam("since"),
        "until": Transfer.proposed_at < bindparam("until"),
    }
    wanted = [condition for name, condition in known.items() if name in conditions]
    return select(Transfer).where(own == entity_id, *wanted).correlate_except(Transfer)
