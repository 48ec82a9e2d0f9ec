"""What the hits of a search have to meet, as SQL."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select, true
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from mccs_graphql.db.models import (
    Category,
    Counted,
    Entity,
    EntityCategory,
    EntityTag,
    Favorite,
    TagKind,
)
from mccs_graphql.db.models.directory import EVERYTHING
from mccs_graphql.db.queries.counts import counts_of

TermGroups = tuple[tuple[str, ...], ...]
"""Of each group an entity has at least one term; see ``terms_of`` in migration 0004."""


@dataclass(frozen=True)
class Conditions:
    """What every hit meets; what is None or empty does not matter.

    Of ``offers`` and of ``wants`` an entity carries at least one, since ``tagged_since`` if that is
    given.
    """

    offers: tuple[UUID, ...] | None = None
    wants: tuple[UUID, ...] | None = None
    tagged_since: datetime | None = None
    terms: TermGroups = ()
    places: tuple[tuple[str, str], ...] = ()
    category: str | None = None
    name_prefix: str = ""
    favorites_of: UUID | None = None
    other_than: UUID | None = None


async def count(session: AsyncSession, conditions: Conditions) -> int:
    """How many entities meet the conditions; of all of them the number is known."""
    if conditions == Conditions():
        everything = await counts_of(session, [EVERYTHING])
        return everything.get((Counted.ENTITY, EVERYTHING), 0)
    statement = select(func.count()).select_from(Entity).where(*met(conditions))
    return await session.scalar(statement) or 0


Listed = type[Entity]
"""The entities that conditions are about: the table, or a part of it under another name."""


def met(conditions: Conditions, of: Listed = Entity) -> list[ColumnElement[bool]]:
    """The conditions, and that the entity is listed."""
    return list(_met(conditions, of))


def _met(conditions: Conditions, of: Listed) -> Iterator[ColumnElement[bool]]:
    yield of.listed == true()  # as the partial indexes say it; IS TRUE would not use them
    yield from has_terms(conditions.terms, of)
    yield from carries(conditions, of.id)
    for place, name in conditions.places:
        yield of.terms.contains(array([literal(f"{place}:") + func.spaced(name)]))
    if conditions.category is not None:
        filed = EntityCategory.category_id == category_id(conditions.category)
        yield of.id.in_(select(EntityCategory.entity_id).where(filed))
    if conditions.name_prefix:
        yield of.sort_name.like(func.sort_key(conditions.name_prefix) + "%")
    if conditions.favorites_of is not None:
        kept = Favorite.entity_id == conditions.favorites_of
        yield of.id.in_(select(Favorite.favorite_id).where(kept))
    if conditions.other_than is not None:
        yield of.id != conditions.other_than


def has_terms(groups: TermGroups, of: Listed = Entity) -> list[ColumnElement[bool]]:
    """An entity has at least one term of each group."""
    return [of.terms.overlap(list(group)) for group in groups]


def category_id(slug: str) -> ColumnElement[UUID]:
    """The heading with this slug."""
    return select(Category.id).where(Category.slug == slug).scalar_subquery()


def without_tags(conditions: Conditions) -> Conditions:
    """The conditions that are not about offers or wants."""
    return replace(conditions, offers=None, wants=None)


def carries(
    conditions: Conditions, entity_id: InstrumentedAttribute[UUID]
) -> Iterator[ColumnElement[bool]]:
    """What the entity has to offer and to want; whether it is listed is not looked at."""
    for kind, ids in ((TagKind.OFFER, conditions.offers), (TagKind.WANT, conditions.wants)):
        if ids is not None:
            carried = aliased(EntityTag)
            since = conditions.tagged_since
            yield entity_id.in_(
                select(carried.entity_id).where(
                    carried.kind == kind,
                    carried.tag_id.in_(ids),
                    *([carried.created_at >= since] if since else []),
                )
            )
