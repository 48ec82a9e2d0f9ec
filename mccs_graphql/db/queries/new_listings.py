"""New listings of which those who match have not all been told."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Uuid,
    and_,
    any_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import BindParameter

from mccs_graphql.db.models import Account, EntityTag, NewListing, TagKind


async def add(
    session: AsyncSession, entity_id: UUID, tags: Collection[tuple[TagKind, UUID]]
) -> bool:
    """Keep for later what the entity has begun to carry; whether it is listed, for else nothing."""
    carried = select(EntityTag.entity_id, EntityTag.kind, EntityTag.tag_id).where(
        EntityTag.entity_id == entity_id,
        EntityTag.listed.is_(True),
        tuple_(EntityTag.kind, EntityTag.tag_id).in_(tags),
    )
    added = await session.scalars(
        insert(NewListing)
        .from_select(["entity_id", "kind", "tag_id"], carried)
        .returning(NewListing.id)
    )
    return bool(added.all())


async def claim(session: AsyncSession) -> list[NewListing]:
    """The new listings of one entity that are due longest and as far as each other, locked.

    Who holds the first row of an entity holds them all: others take up other entities meanwhile.
    """
    earlier = aliased(NewListing)
    first = await session.scalar(
        select(NewListing)
        .where(
            NewListing.due_at <= func.now(),
            ~exists().where(earlier.entity_id == NewListing.entity_id, earlier.id < NewListing.id),
        )
        .order_by(NewListing.due_at, NewListing.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if first is None:
        return []
    rows = await session.scalars(
        select(NewListing)
        .where(
            NewListing.entity_id == first.entity_id,
            NewListing.position.is_not_distinct_from(first.position),
        )
        .order_by(NewListing.id)
        .with_for_update()
    )
    return list(rows)


async def matching_tags(session: AsyncSession, ids: Sequence[int]) -> list[tuple[TagKind, UUID]]:
    """What those carry who match one of the new listings.

    Nothing, if the entity is not listed by now, or does not carry those tags any more.
    """
    rows = await session.execute(_CARRIED, {"ids": list(ids)})
    return [(TagKind(kind), tag_id) for kind, tag_id in rows]


async def next_carriers(
    session: AsyncSession, tags: Collection[tuple[TagKind, UUID]], *, after: UUID, most: int
) -> list[UUID]:
    """The listed entities that carry one of these tags, the next ones by their ids.

    Planned anew each time: many carriers are met soon on a walk through the entities, few are
    found by their tags.
    """
    await session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
    by_kind = [
        and_(
            EntityTag.kind == kind,
            EntityTag.tag_id == any_(_array([id_ for one, id_ in tags if one is kind])),
        )
        for kind in TagKind
    ]
    rows = await session.scalars(
        select(EntityTag.entity_id)
        .distinct()
        .where(EntityTag.entity_id > after, EntityTag.listed.is_(True), or_(*by_kind))
        .order_by(EntityTag.entity_id)
        .limit(most)
    )
    return list(rows)


async def lock_accounts(session: AsyncSession, entity_ids: Sequence[UUID]) -> list[Account]:
    """The accounts of these entities, locked in the order in which the ledger locks them."""
    rows = await session.scalars(
        select(Account)
        .where(Account.entity_id.in_(entity_ids))
        .order_by(Account.entity_id)
        .with_for_update(key_share=True)
    )
    return list(rows)


async def go_on(session: AsyncSession, ids: Sequence[int], *, after: UUID) -> None:
    """All up to this entity have been told; the others' turn comes after what is due already."""
    await session.execute(
        update(NewListing)
        .where(NewListing.id.in_(ids))
        .values(position=after, attempts=0, due_at=func.clock_timestamp()),
        execution_options={"synchronize_session": False},
    )


async def postpone(session: AsyncSession, ids: Sequence[int], *, by: timedelta) -> None:
    """It went wrong once more; the next attempt is due later."""
    await session.execute(
        update(NewListing)
        .where(NewListing.id.in_(ids))
        .values(
            attempts=NewListing.attempts + 1,
            due_at=func.clock_timestamp() + literal(by),
        ),
        execution_options={"synchronize_session": False},
    )


async def remove(session: AsyncSession, ids: Sequence[int]) -> None:
    """All have been told, or nobody ever will."""
    await session.execute(
        delete(NewListing).where(NewListing.id.in_(ids)),
        execution_options={"synchronize_session": False},
    )


def _array(ids: list[UUID]) -> BindParameter[Any]:
    return bindparam(None, ids, type_=ARRAY(Uuid))


_CARRIED = text("""
    SELECT CASE new.kind WHEN 'offer' THEN 'want' ELSE 'offer' END, alike.tag_id
      FROM new_listings AS new
      JOIN entity_tags AS carried USING (entity_id, kind, tag_id)
     CROSS JOIN LATERAL (
           SELECT new.tag_id
           UNION ALL
           SELECT kin_id FROM tag_kin WHERE tag_kin.tag_id = new.tag_id
           ) AS alike (tag_id)
     WHERE new.id = ANY(:ids) AND carried.listed
""")
