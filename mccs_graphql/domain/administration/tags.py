"""Looking after the words that all share: whatever carries them follows in the same transaction."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Tag
from mccs_graphql.db.models.directory import TAG_MAX
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.db.queries import curation as queries
from mccs_graphql.db.queries.all_tags import TagConditions
from mccs_graphql.db.queries.kin import forget
from mccs_graphql.domain import text
from mccs_graphql.domain.administration.curation_refusals import (
    MergeTargetNotFound,
    MergeWithItself,
    TagExists,
    TagNotFound,
)
from mccs_graphql.domain.administration.patching import give_reason
from mccs_graphql.domain.audit.changes import DELETED, note
from mccs_graphql.domain.directory.kin import relate
from mccs_graphql.domain.directory.listings import read_tag
from mccs_graphql.domain.directory.tags import normal_tag
from mccs_graphql.domain.errors import Problem


@dataclass(frozen=True)
class CuratedTag:
    """A tag as it is by now, and how many entities followed what was done."""

    tag: Tag
    followed: int


def tag_conditions(
    contains: str, *, carried: bool | None = None, curated: bool | None = None
) -> TagConditions:
    """Which tags: with ``contains`` in the form that tags have. Raises InvalidInput."""
    part = normal_tag(contains)
    text.require(_problems(contains, part))
    return TagConditions(part, carried, curated)


async def create_tag(session: AsyncSession, name: str, *, reason: str) -> CuratedTag:
    """Have a tag suggested from now on, though nobody carries it yet.

    A word that is left over, which nobody carries any more, is taken up again. Raises InvalidInput
    and TagExists.
    """
    give_reason(session, reason)
    wanted = read_tag(("name",), name)
    await queries.hold_vocabulary(session)
    tag = await queries.find_tag(session, wanted)
    if tag is None:
        return await _create(session, wanted)
    if tag.curated or await queries.is_carried(session, tag.id):
        raise _exists(session, tag)
    tag.curated = True
    await session.flush()
    return CuratedTag(tag, followed=0)


async def rename_tag(session: AsyncSession, tag: str, *, name: str, reason: str) -> CuratedTag:
    """Give a tag another name.

    The versions of the entities that carry it are raised: a member who has read the old name is
    told before bringing it back. Raises InvalidInput, TagNotFound and TagExists.
    """
    give_reason(session, reason)
    old, new = read_tag(("tag",), tag), read_tag(("name",), name)
    await queries.hold_vocabulary(session)
    found = await queries.find_tags(session, old, new)
    if old not in found:
        raise TagNotFound
    renamed = found[old]
    if old == new:
        return CuratedTag(renamed, followed=0)
    if new in found:
        raise _exists(session, found[new])
    followed = await queries.raise_versions(session, renamed.id)
    renamed.name = new
    await session.flush()
    note(session, Tag, renamed.id, fields={"entities": (None, followed)})
    await forget(session, [renamed.id])
    await relate(session, {new: renamed.id})
    return CuratedTag(renamed, followed)


async def merge_tags(session: AsyncSession, tag: str, *, into: str, reason: str) -> CuratedTag:
    """Make one tag of two: who carried the first carries the second, since the earlier time.

    Raises InvalidInput, MergeWithItself, TagNotFound and MergeTargetNotFound.
    """
    give_reason(session, reason)
    gone_name, kept_name = read_tag(("tag",), tag), read_tag(("into",), into)
    if gone_name == kept_name:
        raise MergeWithItself
    await queries.hold_vocabulary(session)
    found = await queries.find_tags(session, gone_name, kept_name)
    if gone_name not in found:
        raise TagNotFound
    if kept_name not in found:
        raise MergeTargetNotFound
    gone, kept = found[gone_name], found[kept_name]
    followed = await queries.raise_versions(session, gone.id)
    await queries.carry_instead(session, gone_id=gone.id, kept_id=kept.id)
    kept.curated = kept.curated or gone.curated
    await session.flush()
    note(session, Tag, kept.id, fields={"entities": (None, followed)})
    await _drop(session, gone, followed=followed)
    return CuratedTag(kept, followed)


async def delete_tag(session: AsyncSession, tag: str, *, reason: str) -> CuratedTag:
    """Nobody carries the tag any more. Raises InvalidInput and TagNotFound."""
    give_reason(session, reason)
    name = read_tag(("tag",), tag)
    await queries.hold_vocabulary(session)
    gone = await queries.find_tag(session, name)
    if gone is None:
        raise TagNotFound
    followed = await queries.raise_versions(session, gone.id)
    await _drop(session, gone, followed=followed)
    return CuratedTag(gone, followed)


async def _create(session: AsyncSession, name: str) -> CuratedTag:
    tag = Tag(id=uuid7(), name=name, curated=True)
    session.add(tag)
    await session.flush()
    await relate(session, {name: tag.id})
    return CuratedTag(tag, followed=0)


async def _drop(session: AsyncSession, gone: Tag, *, followed: int) -> None:
    await queries.drop(session, gone.id)
    fields = {"name": (gone.name, None), "entities": (followed, 0)}
    note(session, Tag, gone.id, what=DELETED, fields=fields)


def _exists(session: AsyncSession, tag: Tag) -> TagExists:
    """The refusal is shown after the rollback, which leaves alone what the session has let go."""
    session.expunge(tag)
    return TagExists(tag=tag)


def _problems(contains: str, part: str) -> Iterator[Problem]:
    yield from text.problems_of("contains", contains, most=TAG_MAX)
    if contains and not part:
        yield Problem(("contains",), "NOT_A_TAG", "There is no letter or digit in it.")
