"""What the hits of a search have to meet, as SQL."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncSession

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


def met(conditions: Conditions) -> list[ColumnElement[bool]]:
    """The conditions on ``Entity``, and that it is listed."""
    return list(_met(conditions))


def _met(conditions: Conditions) -> Iterator[ColumnElement[bool]]:
    yield Entity.listed.is_(True)
    yield from has_terms(conditions.terms)
    for kind, ids in ((TagKind.OFFER, conditions.offers), (TagKind.WANT, conditions.wants)):
        if ids is not None:
            yield _carries(kind, ids, since=conditions.tagged_since)
    for place, name in conditions.places:
        yield Entity.terms.contains(array([literal(f"{place}:") + func.spaced(name)]))
    if conditions.category is not None:
        filed = EntityCategory.category_id == category_id(conditions.category)
        yield Entity.id.in_(select(EntityCategory.entity_id).where(filed))
    if conditions.name_prefix:
        yield Entity.sort_name.like(func.sort_key(conditions.name_prefix) + "%")
    if conditions.favorites_of is not None:
        yield Entity.id.in_(
            select(Favorite.favorite_id).where(Favorite.entity_id == conditions.favorites_of)
        )
    if conditions.other_than is not None:
        yield Entity.id != conditions.other_than


def has_terms(groups: TermGroups) -> list[ColumnElement[bool]]:
    """An entity has at least one term of each group."""
    return [Entity.terms.overlap(list(group)) for group in groups]


def category_id(slug: str) -> ColumnElement[UUID]:
    """The heading with this slug."""
    return select(Category.id).where(Category.slug == slug).scalar_subquery()


def _carries(
    kind: TagKind, tag_ids: Sequence[UUID], *, since: datetime | None
) -> ColumnElement[bool]:
    carried = and_(
        EntityTag.kind == kind,
        EntityTag.tag_id.in_(tag_ids),
        EntityTag.listed.is_(True),
        *([EntityTag.created_at >= since] if since else []),
    )
    return Entity.id.in_(select(EntityTag.entity_id).where(carried))
