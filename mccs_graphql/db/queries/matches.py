"""Entities that match another one, in the order of their best match."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import DateTime, Text

from mccs_graphql.db.models import Entity
from mccs_graphql.db.queries.conditions import Conditions
from mccs_graphql.db.queries.keyset import Page, Window, page_of
from mccs_graphql.db.queries.ranking import FIRST, LAST, Hit, Rank, walk_slots

GROUPS = 2
"""What an entity wants of another, and what the other wants of it: the groups are 0 and 1."""


async def page_of_matches(
    session: AsyncSession, entity_id: UUID, ranking: Sequence[Rank], window: Window
) -> Page[Hit]:
    """The listed entities that carry a tag of the ranking, each once and at its best place.

    Those that meet both groups come first: the slots are all places for them, and then all places
    for the others. A position is (slot, sort_name, id). Who is mutual is found by comparing the
    carriers of both groups; the others are read in their order, as far as the page needs them.
    """
    hits: list[Hit] = []
    for half in (_others, _mutual) if window.backward else (_mutual, _others):
        part = _part(window, places=len(ranking), mutual=half is _mutual)
        if ranking and part and len(hits) <= window.size:
            inside = replace(part, size=window.size - len(hits))
            hits += await half(session, entity_id, ranking, inside)
    return page_of(hits, window)


def _part(window: Window, *, places: int, mutual: bool) -> Window | None:
    """The window as far as it lies in one half of the slots; None if that is behind it."""
    if window.position is None:
        return window
    begins_mutual = int(str(window.position[0])) < places
    if begins_mutual == mutual:
        return window
    passed = begins_mutual == window.backward
    return None if passed else replace(window, position=None)


async def _others(
    session: AsyncSession, entity_id: UUID, ranking: Sequence[Rank], window: Window
) -> list[Hit]:
    slots = range(len(ranking), 2 * len(ranking))
    others = Conditions(other_than=entity_id)
    return await walk_slots(session, ranking, others, window, slots=slots, groups=GROUPS)


async def _mutual(
    session: AsyncSession, entity_id: UUID, ranking: Sequence[Rank], window: Window
) -> list[Hit]:
    found = _BACKWARD if window.backward else _FORWARD
    order = (found.c.slot, Entity.sort_name, Entity.id)
    rows = await session.execute(
        select(found.c.slot, Entity)
        .join(Entity, Entity.id == found.c.entity_id)
        .order_by(*(by.desc() if window.backward else by.asc() for by in order)),
        _values(entity_id, ranking, window),
    )
    return [Hit(*row) for row in rows]


def _values(entity_id: UUID, ranking: Sequence[Rank], window: Window) -> dict[str, Any]:
    beginning = (len(ranking), *LAST) if window.backward else (-1, *FIRST)
    slot, name, id_ = window.position or beginning
    return {
        "places": list(range(len(ranking))),
        "kinds": [rank.kind.value for rank in ranking],
        "tag_ids": [rank.tag_id for rank in ranking],
        "group_numbers": [rank.group for rank in ranking],
        "sinces": [rank.since for rank in ranking],
        "own": entity_id,
        "slot": slot,
        "name": name,
        "id": id_,
        "rows": window.size + 1,
    }


_STATEMENT = """
WITH rank AS MATERIALIZED (
    SELECT * FROM unnest(:places, :kinds, :tag_ids, :group_numbers, :sinces)
               AS rank (place, kind, tag_id, group_number, since)
), mutual AS MATERIALIZED (
    SELECT entity_id FROM rank JOIN entity_tags USING (kind, tag_id)
     WHERE group_number = 0 AND listed AND created_at >= since
    INTERSECT
    SELECT entity_id FROM rank JOIN entity_tags USING (kind, tag_id)
     WHERE group_number = 1 AND listed AND created_at >= since
)
SELECT slot, entity_id
  FROM (SELECT entity_id, sort_name, min(place) AS slot
          FROM mutual JOIN entity_tags USING (entity_id) JOIN rank USING (kind, tag_id)
         WHERE created_at >= since AND entity_id <> :own
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
    bindparam("slot", type_=Integer),
    bindparam("name", type_=Text),
    bindparam("id", type_=Uuid),
    bindparam("rows", type_=Integer),
)
_FORWARD, _BACKWARD = (
    text(_STATEMENT.format(beyond=beyond, way=way))
    .bindparams(*_PARAMETERS)
    .columns(slot=Integer, entity_id=Uuid)
    .subquery("found")
    for beyond, way in ((">", "ASC"), ("<", "DESC"))
)
