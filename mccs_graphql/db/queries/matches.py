"""Entities that match another one, in the order of their best match."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import DateTime, Text

from mccs_graphql.db.models import Entity
from mccs_graphql.db.queries.keyset import Page, Position, Window, page_of
from mccs_graphql.db.queries.ranking import FIRST, LAST, Hit, Rank

GROUPS = 2
"""What an entity wants of another, and what the other wants of it: the groups are 0 and 1."""


@dataclass(frozen=True)
class Wish:
    """Whose matches, and which tags match, the best one first."""

    entity_id: UUID
    ranking: Sequence[Rank]


async def page_of_matches(session: AsyncSession, wish: Wish, window: Window) -> Page[Hit]:
    """The listed entities that carry a tag of the ranking, each once and at its best place.

    Those that meet both groups come first, so the slots are all places for them, and then all
    places for the others. A position is (slot, sort_name, id). Every carrier of every tag is
    looked at, since only that tells who is mutual: see decision 0009 for what that costs.
    """
    if not wish.ranking:
        return page_of((), window)
    rows = await session.execute(_statement(backward=window.backward), _values(wish, window))
    return page_of([Hit(*row) for row in rows], window)


def _statement(*, backward: bool) -> Select[int, Entity]:
    found = _BACKWARD if backward else _FORWARD
    order = (found.c.slot, Entity.sort_name, Entity.id)
    return (
        select(found.c.slot, Entity)
        .join(Entity, Entity.id == found.c.entity_id)
        .order_by(*(by.desc() if backward else by.asc() for by in order))
    )


def _values(wish: Wish, window: Window) -> dict[str, Any]:
    slot, name, id_ = window.position or _beginning(wish, backward=window.backward)
    return {
        "places": list(range(len(wish.ranking))),
        "kinds": [rank.kind.value for rank in wish.ranking],
        "tag_ids": [rank.tag_id for rank in wish.ranking],
        "group_numbers": [rank.group for rank in wish.ranking],
        "sinces": [rank.since for rank in wish.ranking],
        "own": wish.entity_id,
        "count": len(wish.ranking),
        "slot": slot,
        "name": name,
        "id": id_,
        "rows": window.size + 1,
    }


def _beginning(wish: Wish, *, backward: bool) -> Position:
    return (GROUPS * len(wish.ranking), *LAST) if backward else (-1, *FIRST)


_MATCHES = """
SELECT slot, entity_id
  FROM (SELECT entity_id, sort_name,
               min(place) + CASE WHEN bool_or(group_number = 0) AND bool_or(group_number = 1)
                                 THEN 0 ELSE :count END AS slot
          FROM unnest(:places, :kinds, :tag_ids, :group_numbers, :sinces)
               AS rank (place, kind, tag_id, group_number, since)
          JOIN entity_tags USING (kind, tag_id)
         WHERE listed AND created_at >= since AND entity_id <> :own
         GROUP BY entity_id, sort_name) AS found
 WHERE (slot, sort_name, entity_id) {beyond} (:slot, :name, :id)
 ORDER BY slot {way}, sort_name {way}, entity_id {way}
 LIMIT :rows
"""
_PARAMETERS = (
    bindparam("places", type_=ARRAY(Integer)),
    bindparam("kinds", type_=ARRAY(Text)),
    bindparam("tag_ids", type_=ARRAY(Uuid)),
    bindparam("group_numbers", type_=ARRAY(Integer)),
    bindparam("sinces", type_=ARRAY(DateTime(timezone=True))),
    bindparam("own", type_=Uuid),
    bindparam("count", type_=Integer),
    bindparam("slot", type_=Integer),
    bindparam("name", type_=Text),
    bindparam("id", type_=Uuid),
    bindparam("rows", type_=Integer),
)
_FORWARD, _BACKWARD = (
    text(_MATCHES.format(beyond=beyond, way=way))
    .bindparams(*_PARAMETERS)
    .columns(slot=Integer, entity_id=Uuid)
    .subquery("found")
    for beyond, way in ((">", "ASC"), ("<", "DESC"))
)
