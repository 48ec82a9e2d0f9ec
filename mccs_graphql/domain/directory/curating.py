"""Curating the words that all share: whatever carries them follows in the same transaction."""

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Tag
from mccs_graphql.db.queries import curation as queries
from mccs_graphql.db.queries.kin import forget
from mccs_graphql.domain.directory.kin import relate
from mccs_graphql.domain.directory.listings import read_tag
from mccs_graphql.domain.errors import DomainError


class TagNotFound(DomainError):
    """Nobody carries, or ever carried, a tag of this name."""

    code = "TAG_NOT_FOUND"


async def rename_tag(session: AsyncSession, name: str, *, to: str) -> Tag:
    """Give a tag another name; if there is one of that name already, the two become one.

    The versions of the entities that carry it are raised: a member who has read the old name is
    told before bringing it back. Raises InvalidInput and TagNotFound.
    """
    wanted = read_tag(("to",), to)
    await queries.hold_vocabulary(session)
    tag, other = await _find(session, name), await queries.find_tag(session, wanted)
    if tag is other:
        return tag
    await queries.raise_versions(session, tag.id)
    if other is None:
        tag.name = wanted
        await session.flush()
        await forget(session, [tag.id])
        await relate(session, {tag.name: tag.id})
        return tag
    await queries.carry_instead(session, gone_id=tag.id, kept_id=other.id)
    await queries.drop(session, tag.id)
    return other


async def delete_tag(session: AsyncSession, name: str) -> None:
    """Nobody carries the tag any more. Raises InvalidInput and TagNotFound."""
    await queries.hold_vocabulary(session)
    tag = await _find(session, name)
    await queries.raise_versions(session, tag.id)
    await queries.drop(session, tag.id)


async def _find(session: AsyncSession, name: str) -> Tag:
    tag = await queries.find_tag(session, read_tag(("name",), name))
    if tag is None:
        raise TagNotFound
    return tag
