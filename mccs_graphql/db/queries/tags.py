"""The tags an entity carries, and the words that all share."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import EntityTag, Tag, TagKind
from mccs_graphql.db.models.record import uuid7


@dataclass(frozen=True)
class CarriedTag:
    """A tag as one entity carries it, and since when."""

    entity_id: UUID
    kind: TagKind
    tag_id: UUID
    name: str
    since: datetime


@dataclass(frozen=True)
class Shared:
    """The ids of words by name, and which of these nobody had used before."""

    ids: Mapping[str, UUID]
    new: frozenset[str]


async def tags_of(
    session: AsyncSession, ids: Collection[UUID]
) -> dict[tuple[UUID, TagKind], list[CarriedTag]]:
    """The offers and wants of several entities by name, in one statement."""
    rows = await session.execute(
        select(
            EntityTag.entity_id, EntityTag.kind, EntityTag.tag_id, Tag.name, EntityTag.created_at
        )
        .join(Tag, Tag.id == EntityTag.tag_id)
        .where(EntityTag.entity_id.in_(ids))
        .order_by(Tag.name)
    )
    tags: dict[tuple[UUID, TagKind], list[CarriedTag]] = {}
    for row in rows:
        carried = CarriedTag(*row)
        tags.setdefault((carried.entity_id, carried.kind), []).append(carried)
    return tags


async def carried_by(session: AsyncSession, entity_id: UUID) -> list[CarriedTag]:
    """All that one entity offers and wants."""
    lists = await tags_of(session, [entity_id])
    return [carried for names in lists.values() for carried in names]


async def remove(session: AsyncSession, entity_id: UUID, gone: Iterable[CarriedTag]) -> None:
    """The entity does not offer or want these any more; the words themselves stay."""
    keys = [(carried.kind, carried.tag_id) for carried in gone]
    await session.execute(
        delete(EntityTag).where(
            EntityTag.entity_id == entity_id,
            tuple_(EntityTag.kind, EntityTag.tag_id).in_(keys),
        )
    )


async def renew(session: AsyncSession, entity_id: UUID) -> list[tuple[TagKind, UUID]]:
    """The entity carries what it carries from now on: all of its tags."""
    rows = await session.execute(
        update(EntityTag)
        .where(EntityTag.entity_id == entity_id)
        .values(created_at=func.now())
        .returning(EntityTag.kind, EntityTag.tag_id)
        .execution_options(synchronize_session=False)
    )
    return [(kind, tag_id) for kind, tag_id in rows]


async def add(
    session: AsyncSession, entity_id: UUID, new: Collection[tuple[TagKind, UUID]]
) -> None:
    """The entity offers or wants these from now on."""
    rows = [{"entity_id": entity_id, "kind": kind, "tag_id": tag_id} for kind, tag_id in new]
    await session.execute(insert(EntityTag).values(rows))


async def share(session: AsyncSession, names: Collection[str]) -> Shared:
    """The ids of these words, which stay until the end of the transaction; new ones are created.

    Always in the order of the names, so that two who add the same words never wait for each other
    in a circle. The second statement also sees the words of those that the first one waited for.
    """
    rows = [{"id": uuid7(), "name": name} for name in sorted(names)]
    created = await session.scalars(
        insert(Tag).values(rows).on_conflict_do_nothing().returning(Tag.name)
    )
    new = frozenset(created)
    found = await session.execute(
        select(Tag.name, Tag.id)
        .where(Tag.name.in_(names))
        .order_by(Tag.name)
        .with_for_update(read=True, key_share=True)
    )
    return Shared(ids={row.name: row.id for row in found}, new=new)
