"""Looking through all tags, as admins do: also those that nobody carries."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import EntityTag, Tag
from mccs_graphql.db.queries.keyset import Ordering, Page, Window, page_of

BY_NAME = Ordering((Tag.name,))


@dataclass(frozen=True)
class TagConditions:
    """What every tag found meets; what is None or empty does not matter.

    ``part`` stands somewhere in the name, with accents or without. ``carried`` is whether any
    entity offers or wants it, listed or not; ``curated`` whether admins have put it there.
    """

    part: str = ""
    carried: bool | None = None
    curated: bool | None = None


async def page_of_tags(
    session: AsyncSession, conditions: TagConditions, window: Window
) -> Page[Tag]:
    """A page of the tags that meet the conditions by name, in one statement."""
    statement = BY_NAME.apply(_meeting(conditions, Tag), window.shape)
    rows = await session.scalars(statement, window.parameters)
    return page_of(rows.all(), window)


async def count_tags(session: AsyncSession, conditions: TagConditions) -> int:
    """How many tags meet the conditions."""
    counted = _meeting(conditions, func.count()).select_from(Tag)
    return await session.scalar(counted) or 0


def _meeting(conditions: TagConditions, what: Any) -> Select[Any]:
    statement = select(what)
    if conditions.part:
        statement = statement.where(func.strpos(Tag.folded, func.folded(conditions.part)) > 0)
    if conditions.carried is not None:
        carried = exists().where(EntityTag.tag_id == Tag.id)
        statement = statement.where(carried if conditions.carried else ~carried)
    if conditions.curated is not None:
        statement = statement.where(Tag.curated.is_(conditions.curated))
    return statement
