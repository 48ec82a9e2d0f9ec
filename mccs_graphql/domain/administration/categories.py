"""Looking after the headings: what is filed under them follows in the same transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Category, Entity
from mccs_graphql.db.models.directory import CATEGORIES_MAX, CATEGORY_MAX
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.db.queries import categories, headings
from mccs_graphql.db.queries.curation import hold_vocabulary, share_vocabulary
from mccs_graphql.domain import text
from mccs_graphql.domain.administration.curation_refusals import (
    CategoriesNotFound,
    CategoryExists,
    CategoryNotFound,
    MergeTargetNotFound,
    MergeWithItself,
)
from mccs_graphql.domain.administration.patching import give_reason
from mccs_graphql.domain.audit.changes import DELETED, note
from mccs_graphql.domain.directory.profiles import lock_there, require_version
from mccs_graphql.domain.errors import InvalidInput, Problem


@dataclass(frozen=True)
class CuratedCategory:
    """A heading as it is by now, and how many entities followed what was done."""

    category: Category
    followed: int


async def create_category(session: AsyncSession, name: str, *, reason: str) -> CuratedCategory:
    """A new heading, with nothing under it. Raises InvalidInput and CategoryExists."""
    give_reason(session, reason)
    wanted = _read_name(name)
    await hold_vocabulary(session)
    await _require_free(session, wanted, but=None)
    category = Category(id=uuid7(), name=wanted)
    session.add(category)
    await session.flush()
    await session.refresh(category)
    return CuratedCategory(category, followed=0)


async def rename_category(
    session: AsyncSession, category_id: UUID, *, name: str, reason: str
) -> CuratedCategory:
    """Give a heading another name, and so another slug; the id stays.

    Raises InvalidInput, CategoryNotFound and CategoryExists.
    """
    give_reason(session, reason)
    wanted = _read_name(name)
    await hold_vocabulary(session)
    category = await _find(session, category_id)
    if category.name == wanted:
        return CuratedCategory(category, followed=0)
    await _require_free(session, wanted, but=category_id)
    followed = await headings.raise_versions(session, category_id)
    category.name = wanted
    await session.flush()
    note(session, Category, category_id, fields={"entities": (None, followed)})
    await session.refresh(category)
    return CuratedCategory(category, followed)


async def merge_categories(
    session: AsyncSession, category_id: UUID, *, into: UUID, reason: str
) -> CuratedCategory:
    """Make one heading of two: what was filed under the first is filed under the second.

    Raises InvalidInput, MergeWithItself, CategoryNotFound and MergeTargetNotFound.
    """
    give_reason(session, reason)
    await hold_vocabulary(session)
    found = await categories.categories_by_id(session, [category_id, into])
    if category_id not in found:
        raise CategoryNotFound
    if category_id == into:
        raise MergeWithItself
    if into not in found:
        raise MergeTargetNotFound
    followed = await headings.raise_versions(session, category_id)
    await headings.file_instead(session, gone_id=category_id, kept_id=into)
    note(session, Category, into, fields={"entities": (None, followed)})
    await _drop(session, found[category_id], followed=followed)
    return CuratedCategory(found[into], followed)


async def delete_category(
    session: AsyncSession, category_id: UUID, *, reason: str
) -> CuratedCategory:
    """Nothing is filed under the heading any more. Raises InvalidInput and CategoryNotFound."""
    give_reason(session, reason)
    await hold_vocabulary(session)
    category = await _find(session, category_id)
    followed = await headings.raise_versions(session, category_id)
    await _drop(session, category, followed=followed)
    return CuratedCategory(category, followed)


async def assign_categories(
    session: AsyncSession,
    entity_id: UUID,
    category_ids: Sequence[UUID],
    *,
    expected_version: int,
    reason: str,
) -> Entity:
    """File an entity under these headings and no others. The same again changes nothing.

    Raises InvalidInput, EntityNotFound, EntityChanged and CategoriesNotFound.
    """
    give_reason(session, reason)
    wanted = frozenset(category_ids)
    if len(wanted) > CATEGORIES_MAX:
        problem = Problem(("category_ids",), "TOO_MANY", f"At most {CATEGORIES_MAX} categories.")
        raise InvalidInput(problems=(problem,))
    await share_vocabulary(session)
    entity = await lock_there(session, entity_id)
    await require_version(session, entity, expected_version)
    there = await categories.categories_by_id(session, list(wanted))
    if missing := tuple(n for n, id_ in enumerate(category_ids) if id_ not in there):
        raise CategoriesNotFound(places=missing)
    if await _file(session, entity, there.values()):
        entity.version += 1
    await session.flush()
    return entity


async def _file(session: AsyncSession, entity: Entity, wanted: Iterable[Category]) -> bool:
    """Whether this changed anything."""
    found = await categories.categories_of(session, [entity.id])
    now = {category.id: category.name for category in found.get(entity.id, ())}
    then = {category.id: category.name for category in wanted}
    if now.keys() == then.keys():
        return False
    if gone := now.keys() - then.keys():
        await headings.remove(session, entity.id, gone)
    if new := then.keys() - now.keys():
        await headings.file(session, entity.id, new)
    lists = sorted(now.values()), sorted(then.values())
    note(session, Entity, entity.id, about=[*gone, *new], fields={"categories": lists})
    return True


async def _find(session: AsyncSession, category_id: UUID) -> Category:
    category = await session.get(Category, category_id)
    if category is None:
        raise CategoryNotFound
    return category


async def _require_free(session: AsyncSession, name: str, *, but: UUID | None) -> None:
    """Names that make the same slug are the same, unless it is the heading's own."""
    slug = await headings.slug_of(session, name)
    if not slug:
        problem = Problem(("name",), "NOT_A_CATEGORY", "There is no letter or digit in it.")
        raise InvalidInput(problems=(problem,))
    other = await categories.find_category(session, slug)
    if other is not None and other.id != but:
        # Shown after the rollback, which leaves alone what the session has let go.
        session.expunge(other)
        raise CategoryExists(category=other)


async def _drop(session: AsyncSession, gone: Category, *, followed: int) -> None:
    await headings.drop(session, gone.id)
    fields = {"name": (gone.name, None), "entities": (followed, 0)}
    note(session, Category, gone.id, what=DELETED, fields=fields)


def _read_name(name: str) -> str:
    """The name without white space that says nothing. Raises InvalidInput."""
    kept = " ".join(name.split())
    text.require(text.problems_of("name", kept, least=1, most=CATEGORY_MAX))
    return kept
