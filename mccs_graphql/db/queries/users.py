"""Finding users."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Membership, User


async def find_user(session: AsyncSession, email: str) -> User | None:
    """The user with this address, however its letters were typed."""
    found: User | None = await session.scalar(
        select(User).where(func.lower(User.email) == func.lower(email))
    )
    return found


async def users_by_id(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, User]:
    """Users by their ids, in one statement."""
    found = await session.scalars(select(User).where(User.id.in_(ids)))
    return {user.id: user for user in found}


async def lock_user(session: AsyncSession, user_id: UUID) -> User:
    """The user, who must be there, as of now; nobody else changes the row until the commit."""
    return await session.get_one(
        User, user_id, with_for_update={"key_share": True}, populate_existing=True
    )


async def entity_ids_of(session: AsyncSession, user_id: UUID) -> list[UUID]:
    """The entities that the user may act for."""
    found = await session.scalars(select(Membership.entity_id).where(Membership.user_id == user_id))
    return list(found)
