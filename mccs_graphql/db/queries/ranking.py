"""Entities by the rank of the tags that they carry."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Subquery,
    TableValuedAlias,
    Text,
    Uuid,
    bindparam,
    column,
    distinct,
    func,
    literal_column,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.sql.selectable import LateralFromClause
from sqlalchemy.types import TypeEngine

from mccs_graphql.db.models import Entity, EntityTag, TagKind
from mccs_graphql.db.queries.conditions import Conditions, carries, met, without_tags
from mccs_graphql.db.queries.keyset import Page, Window, page_of

Edge = tuple[str, UUID]
FIRST: Edge = ("", UUID(int=0))
LAST: Edge = ("\U0010ffff", UUID(int=2**128 - 1))
"""Before and behind every name and id."""
EVER = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Rank:
    """A tag as it is to be carried, and since when at the earliest; its place is its rank.

    ``group`` says what it stands for: entities that carry something of each group come first.
    """

    kind: TagKind
    tag_id: UUID
    group: int = 0
    since: datetime = EVER


@dataclass(frozen=True)
class Hit:
    """An entity, and the slot in which it was found: see ``page_by_tags``."""

    slot: int
    entity: Entity


@dataclass(frozen=True)
class _Slot:
    """A slot, to be read from an edge on."""

    number: int
    edge: Edge


async def page_by_tags(
    session: AsyncSession, ranking: Sequence[Rank], conditions: Conditions, window: Window
) -> Page[Hit]:
    """The entities that carry a tag of the ranking, each once and at its best place, then by name.

    With several groups the places come twice: for the entities that meet all groups, then for the
    others. A position is (slot, sort_name, id).
    """
    groups = group_count(ranking)
    slots = range(len(ranking) * (2 if groups > 1 else 1))
    hits = await walk_slots(session, ranking, conditions, window, slots=slots, groups=groups)
    return page_of(hits, window)


async def walk_slots(
    session: AsyncSession,
    ranking: Sequence[Rank],
    conditions: Conditions,
    window: Window,
    *,
    slots: range,
    groups: int,
) -> list[Hit]:
    """The hits of these slots in the direction of the window, and one more than it holds.

    Each slot is read in the order of its tag's entities, so the cost follows the size of the page
    and not the number of entities. Slots are read one, two, four at a time until there are enough.
    """
    asked = _asked(slots, window)
    hits: list[Hit] = []
    number = 1
    while asked and len(hits) <= window.size:
        some, asked, number = asked[:number], asked[number:], 2 * number
        values = _values(ranking, some, groups=groups) | {"rows": window.size + 1 - len(hits)}
        rows = await session.execute(_statement(conditions, window), values)
        hits += (Hit(*row) for row in rows)
    return hits


def group_count(ranking: Sequence[Rank]) -> int:
    """How many groups a ranking has."""
    return len({rank.group for rank in ranking})


def _statement(conditions: Conditions, window: Window) -> Select[Any, Entity]:
    walk = _unnested("walk", _WALK)
    hits = _hits(walk, conditions, window)
    entity = aliased(Entity, hits)
    order = (walk.c.slot, entity.sort_name, entity.id)
    return (
        select(walk.c.slot, entity)
        .join_from(walk, hits, true())
        .order_by(*(by.desc() if window.backward else by.asc() for by in order))
        .limit(bindparam("rows", type_=Integer))
    )


def _asked(slots: range, window: Window) -> list[_Slot]:
    """Those of the slots that a window may have rows of, each with the edge to go on from."""
    beginning = LAST if window.backward else FIRST
    numbers = slots[::-1] if window.backward else slots
    if window.position is None:
        return [_Slot(number, beginning) for number in numbers]
    start, name, id_ = window.position
    if not isinstance(start, int):
        raise TypeError(start)
    edge = (str(name), UUID(str(id_)))
    return [
        _Slot(number, edge if number == start else beginning)
        for number in numbers
        if (number <= start if window.backward else number >= start)
    ]


def _hits(walk: TableValuedAlias, conditions: Conditions, window: Window) -> LateralFromClause:
    """The next entities of a slot: those of its tag for which it is the best slot."""
    carriers = _carriers(walk, conditions, window)
    best = _best(carriers.c.entity_id)
    order = (carriers.c.sort_name, carriers.c.entity_id)
    return (
        select(Entity)
        .join_from(carriers, Entity, Entity.id == carriers.c.entity_id)
        .join(best, true())
        .where(
            best.c.place == walk.c.place,
            best.c.whole == walk.c.whole,
            *met(without_tags(conditions)),
        )
        .order_by(*(by.desc() if window.backward else by.asc() for by in order))
        .limit(bindparam("rows", type_=Integer))
        .correlate(walk)
        .lateral("hits")
    )


def _carriers(walk: TableValuedAlias, conditions: Conditions, window: Window) -> Subquery:
    """The entities of a slot's tag in the order of the index, if they carry the other tags too.

    The OFFSET keeps PostgreSQL from looking at all of them at once, as it would like to where it
    takes a tag for rare: they are looked at one by one, until there are enough.
    """
    row = tuple_(EntityTag.sort_name, EntityTag.entity_id)
    edge = tuple_(walk.c.edge_name, walk.c.edge_id)
    order = (EntityTag.sort_name, EntityTag.entity_id)
    return (
        select(EntityTag.entity_id, EntityTag.sort_name)
        .where(
            EntityTag.tag_id == walk.c.tag_id,
            EntityTag.kind == walk.c.kind,
            EntityTag.listed == true(),
            EntityTag.created_at >= walk.c.since,
            row < edge if window.backward else row > edge,
            *carries(conditions, EntityTag.entity_id),
        )
        .order_by(*(by.desc() if window.backward else by.asc() for by in order))
        .offset(literal_column("0"))
        .correlate(walk)
        .subquery("carriers")
    )


def _best(entity_id: ColumnElement[UUID]) -> LateralFromClause:
    """The best place of an entity in the ranking, and whether it meets all groups."""
    ranks, carried = _unnested("ranks", _RANKS), aliased(EntityTag)
    groups = func.count(distinct(ranks.c.group_number))
    return (
        select(
            func.min(ranks.c.place).label("place"),
            (groups == bindparam("groups", type_=Integer)).label("whole"),
        )
        .join_from(carried, ranks, ranks.c.tag_id == carried.tag_id)
        .where(
            carried.entity_id == entity_id,
            carried.kind == ranks.c.kind,
            carried.created_at >= ranks.c.since,
        )
        .correlate(entity_id.table)
        .lateral("best")
    )


_RANKS: dict[str, TypeEngine[Any]] = {
    "place": Integer(),
    "kind": EntityTag.kind.type,
    "tag_id": Uuid(),
    "group_number": Integer(),
    "since": DateTime(timezone=True),
}
_WALK: dict[str, TypeEngine[Any]] = _RANKS | {
    "slot": Integer(),
    "whole": Boolean(),
    "edge_name": Text(),
    "edge_id": Uuid(),
}


def _unnested(name: str, columns: dict[str, TypeEngine[Any]]) -> TableValuedAlias:
    """A table out of arrays, one for each column."""
    arrays = [bindparam(f"{name}_{key}", type_=ARRAY(type_)) for key, type_ in columns.items()]
    shape = [column(key, type_) for key, type_ in columns.items()]
    return func.unnest(*arrays).table_valued(*shape).render_derived(name=name)


def _values(ranking: Sequence[Rank], slots: Sequence[_Slot], *, groups: int) -> dict[str, Any]:
    ranks = [(place, *astuple(rank)) for place, rank in enumerate(ranking)]
    places = len(ranking)
    walk = [
        (*ranks[slot.number % places], slot.number, groups == 1 or slot.number < places, *slot.edge)
        for slot in slots
    ]
    return _arrays("ranks", _RANKS, ranks) | _arrays("walk", _WALK, walk) | {"groups": groups}


def _arrays(name: str, columns: Iterable[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    by_column = zip(columns, zip(*rows, strict=True), strict=True)
    return {f"{name}_{column}": list(values) for column, values in by_column}
