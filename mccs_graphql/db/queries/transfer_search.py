"""Going through the transfers of the whole community, in any order, by the cheaper of two ways."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.orm.util import AliasedClass

from mccs_graphql.db.models import Canceller, Transfer, TransferState
from mccs_graphql.db.queries.keyset import Ordering, Page, Shape, Window, page_of

WALK = 5_000
"""So many are passed on a walk in the order, before all that is sought is gathered and sorted."""
WALK_READING = 1_000
"""So many if the words of each have to be read on the way."""
COUNT_MAX = 100_000
"""Beyond that nobody needs the exact number, and counting would take long."""

_SIMPLE: ColumnElement[object] = literal_column("'simple'::regconfig")
"""As in the index on the words of descriptions."""

Part = type[Transfer] | AliasedClass[Transfer]


class TransferOrder(StrEnum):
    """How all transfers are sorted."""

    NEWEST = "NEWEST"
    OLDEST = "OLDEST"
    DECIDED_LAST = "DECIDED_LAST"
    DECIDED_FIRST = "DECIDED_FIRST"
    LARGEST = "LARGEST"
    SMALLEST = "SMALLEST"

    @property
    def by_decision(self) -> bool:
        """Whether it sorts by when they were decided, and so leaves out those that are not."""
        return self in (TransferOrder.DECIDED_LAST, TransferOrder.DECIDED_FIRST)

    @property
    def by_amount(self) -> bool:
        """Whether it sorts by how much they move."""
        return self in (TransferOrder.LARGEST, TransferOrder.SMALLEST)

    @property
    def ordering(self) -> Ordering:
        """The columns, of which the last tells those apart that are otherwise equal."""
        return _ORDERINGS[self]


_ORDERINGS = {
    TransferOrder.NEWEST: Ordering((Transfer.proposed_at, Transfer.id), descending=True),
    TransferOrder.OLDEST: Ordering((Transfer.proposed_at, Transfer.id)),
    TransferOrder.DECIDED_LAST: Ordering((Transfer.decided_at, Transfer.id), descending=True),
    TransferOrder.DECIDED_FIRST: Ordering((Transfer.decided_at, Transfer.id)),
    TransferOrder.LARGEST: Ordering((Transfer.amount, Transfer.id), descending=True),
    TransferOrder.SMALLEST: Ordering((Transfer.amount, Transfer.id)),
}


@dataclass(frozen=True)
class Sought:
    """Which transfers; all that is said has to hold, None stands for any.

    Amounts are both included; of the times, which are those of the proposal, only ``since``.
    ``initiator_id`` does not find what an admin made. ``words`` all stand in the description.
    """

    states: tuple[TransferState, ...] | None = None
    entity_id: UUID | None = None
    counterparty_id: UUID | None = None
    initiator_id: UUID | None = None
    amount_min: int | None = None
    amount_max: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: str | None = None
    cancelled_by: tuple[Canceller, ...] | None = None
    by_admin: bool | None = None
    reversed: bool | None = None
    order: TransferOrder = TransferOrder.NEWEST

    @property
    def of_entity(self) -> bool:
        """Whether it is about one entity's, which are few enough to be gathered at once."""
        return any((self.entity_id, self.counterparty_id, self.initiator_id))


async def page_of_sought(session: AsyncSession, sought: Sought, window: Window) -> Page[Transfer]:
    """A window of them, in one statement or two.

    Left to itself, the planner takes what is sought to be spread evenly over the order, and walks
    through all transfers when it is not.
    """
    if not sought.of_entity:
        rows = (await session.scalars(_walked(sought, window.shape), window.parameters)).all()
        if len(rows) > window.size:
            return page_of(rows, window)
    rows = (await session.scalars(_gathered(sought, window.shape), window.parameters)).all()
    return page_of(rows, window)


async def count_sought(session: AsyncSession, sought: Sought) -> int | None:
    """How many there are; None beyond ``COUNT_MAX``."""
    some = select(Transfer.id).where(*_conditions(sought, Transfer)).limit(COUNT_MAX + 1)
    found = await session.scalar(select(func.count()).select_from(some.subquery())) or 0
    return found if found <= COUNT_MAX else None


def _walked(sought: Sought, shape: Shape) -> Select[Transfer]:
    """Those of the next so many transfers that meet the conditions."""
    steps = WALK if sought.words is None else WALK_READING
    every = select(Transfer).where(*_decided(sought, Transfer))
    passed = sought.order.ordering.apply(every, shape).limit(steps).subquery()
    part = aliased(Transfer, passed)
    return _sorted(sought, select(part).where(*_conditions(sought, part)), part, shape)


def _gathered(sought: Sought, shape: Shape) -> Select[Transfer]:
    """All that meet the conditions, then sorted. The OFFSET keeps the planner from walking."""
    found = select(Transfer).where(*_conditions(sought, Transfer)).offset(literal_column("0"))
    part = aliased(Transfer, found.subquery())
    return _sorted(sought, select(part), part, shape)


def _sorted(
    sought: Sought, statement: Select[Transfer], part: Part, shape: Shape
) -> Select[Transfer]:
    return sought.order.ordering.for_part(part).apply(statement, shape)


def _decided(sought: Sought, part: Part) -> list[ColumnElement[bool]]:
    return [part.decided_at.is_not(None)] if sought.order.by_decision else []


def _conditions(sought: Sought, part: Part) -> list[ColumnElement[bool]]:
    return [
        *_decided(sought, part),
        *_of_sides(sought, part),
        *_of_values(sought, part),
        *_of_ends(sought, part),
    ]


def _of_sides(sought: Sought, part: Part) -> list[ColumnElement[bool]]:
    sides = (sought.entity_id, sought.counterparty_id, sought.initiator_id)
    found: list[ColumnElement[bool]] = [
        or_(part.payer_id == id_, part.payee_id == id_) for id_ in sides if id_ is not None
    ]
    if sought.initiator_id is not None:
        found += [part.initiator_id == sought.initiator_id, part.admin_id.is_(None)]
    return found


def _of_values(sought: Sought, part: Part) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if sought.amount_min is not None:
        found.append(part.amount >= sought.amount_min)
    if sought.amount_max is not None:
        found.append(part.amount <= sought.amount_max)
    if sought.since is not None:
        found.append(part.proposed_at >= sought.since)
        if sought.order.by_decision:
            found.append(part.decided_at >= sought.since)  # follows, and is what the order knows
    if sought.until is not None:
        found.append(part.proposed_at < sought.until)
    if sought.words is not None:
        described = func.to_tsvector(_SIMPLE, part.description)
        asked = func.plainto_tsquery(_SIMPLE, sought.words)
        found.append(described.op("@@", is_comparison=True)(asked))
    return found


def _of_ends(sought: Sought, part: Part) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if sought.states is not None:
        found.append(part.state.in_(_states(sought, sought.states)))
    if sought.cancelled_by is not None:
        found.append(part.cancelled_by.in_(sought.cancelled_by))
    if sought.by_admin is not None:
        made = part.admin_id.is_not(None)
        found.append(made if sought.by_admin else ~made)
    if sought.reversed is not None:
        other = aliased(Transfer)
        reversed_ = part.id.in_(select(other.reverses_id).where(other.reverses_id.is_not(None)))
        found.append(reversed_ if sought.reversed else ~reversed_)
    return found


def _states(sought: Sought, states: tuple[TransferState, ...]) -> list[TransferState]:
    """The stages there can be: the planner does not know that what is open is not decided."""
    decided = sought.order.by_decision
    return [state for state in states if not (decided and state is TransferState.INITIATED)]
