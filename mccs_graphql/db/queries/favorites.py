"""Which entities an entity keeps as its favourites."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Favorite


@dataclass(frozen=True)
class FavoriteKey:
    """Whose favourite which entity may be."""

    of: UUID
    entity_id: UUID


@dataclass(frozen=True)
class Favorites:
    """How many favourites an entity has, and whether a certain one is among them."""

    count: int
    includes: bool


async def favorites_of(session: AsyncSession, key: FavoriteKey) -> Favorites:
    """The favourites of an entity; exact until the commit if its row is locked."""
    includes = func.coalesce(func.bool_or(Favorite.favorite_id == key.entity_id), False)
    row = await session.execute(select(func.count(), includes).where(Favorite.entity_id == key.of))
    return Favorites(*row.one())


async def kept_among(
    session: AsyncSession, keys: Collection[FavoriteKey]
) -> dict[FavoriteKey, bool]:
    """Those of the keys that stand for a favourite, in one statement."""
    found = await session.execute(
        select(Favorite.entity_id, Favorite.favorite_id).where(
            Favorite.entity_id.in_({key.of for key in keys}),
            Favorite.favorite_id.in_({key.entity_id for key in keys}),
        )
    )
    return {FavoriteKey(*row): True for row in found}


async def add(session: AsyncSession, key: FavoriteKey) -> None:
    """The entity is a favourite from now on; it must not be one yet."""
    session.add(Favorite(entity_id=key.of, favorite_id=key.entity_id))
    await session.flush()


async def remove(session: AsyncSession, key: FavoriteKey) -> None:
    """The entity is no favourite any more."""
    await session.execute(
        delete(Favorite).where(Favorite.entity_id == key.of, Favorite.favorite_id == key.entity_id)
    )
