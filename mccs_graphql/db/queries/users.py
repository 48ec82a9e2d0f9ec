"""Finding users."""

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from mccs_graphql.db.models import Admin, Membership, Role, User


async def find_user(session: AsyncSession, email: str) -> User | None:
    """The user with this address, however its letters were typed."""
    found: User | None = await session.scalar(
        select(User).where(func.lower(User.email) == func.lower(email), User.deleted_at.is_(None))
    )
    return found


async def lock_user(session: AsyncSession, user_id: UUID) -> User:
    """The user, who must be there, as of now; nobody else changes the row until the commit."""
    return await session.get_one(
        User, user_id, with_for_update={"key_share": True}, populate_existing=True
    )


async def find_locked(session: AsyncSession, user_id: UUID) -> User | None:
    """The user as of now, if there is one; nobody else changes the row until the commit."""
    return await session.get(
        User, user_id, with_for_update={"key_share": True}, populate_existing=True
    )


async def users_by_id(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, User]:
    """Users by their ids, in one statement."""
    found = await session.scalars(select(User).where(User.id.in_(ids)))
    return {user.id: user for user in found}


async def is_admin(session: AsyncSession, user_id: UUID) -> bool:
    """Whether the user runs the community."""
    return await session.get(Admin, user_id) is not None


async def entities_of(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """The entities of several users, oldest first, in one statement."""
    rows = await session.execute(
        select(Membership.user_id, Membership.entity_id)
        .where(Membership.user_id.in_(ids))
        .order_by(Membership.entity_id)
    )
    return _grouped(rows)


async def members_of(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """The users who belong to several entities, in one statement."""
    rows = await session.execute(
        select(Membership.entity_id, Membership.user_id)
        .where(Membership.entity_id.in_(ids))
        .order_by(Membership.user_id)
    )
    return _grouped(rows)


async def owned_alone(session: AsyncSession, user_id: UUID) -> list[UUID]:
    """The entities whose only owner the user is."""
    other = aliased(Membership)
    others = exists().where(
        other.entity_id == Membership.entity_id,
        other.user_id != user_id,
        other.role == Role.OWNER,
    )
    found = await session.scalars(
        select(Membership.entity_id)
        .where(Membership.user_id == user_id, Membership.role == Role.OWNER, ~others)
        .order_by(Membership.entity_id)
    )
    return list(found)


async def only_members_of(session: AsyncSession, entity_id: UUID, *, most: int) -> list[UUID]:
    """Users who belong to this entity and to no other one; the oldest of them."""
    other = aliased(Membership)
    others = exists().where(
        other.user_id == Membership.user_id, other.entity_id != Membership.entity_id
    )
    found = await session.scalars(
        select(Membership.user_id)
        .where(Membership.entity_id == entity_id, ~others)
        .order_by(Membership.user_id)
        .limit(most)
    )
    return list(found)


def _grouped(pairs: Iterable[tuple[UUID, UUID]]) -> dict[UUID, list[UUID]]:
    grouped: dict[UUID, list[UUID]] = {}
    for one, other in pairs:
        grouped.setdefault(one, []).append(other)
    return grouped


async def entity_ids_of(session: AsyncSession, user_id: UUID) -> list[UUID]:
    """The entities that the user may act for."""
    found = await session.scalars(select(Membership.entity_id).where(Membership.user_id == user_id))
    return list(found)
