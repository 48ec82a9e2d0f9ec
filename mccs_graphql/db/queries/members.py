"""Reading who belongs to an entity, and to which ones a user belongs."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Membership, Role, User
from mccs_graphql.db.queries.entities import lock_entity


@dataclass(frozen=True)
class Member:
    """A user, and what makes them a member of one entity."""

    user: User
    membership: Membership


async def members_of(session: AsyncSession, entity_ids: Sequence[UUID]) -> dict[UUID, list[Member]]:
    """The members of several entities, those who joined first first, in one statement."""
    rows = await session.execute(
        select(User, Membership)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.entity_id.in_(entity_ids))
        .order_by(Membership.created_at, User.id)
    )
    found: dict[UUID, list[Member]] = {}
    for user, membership in rows:
        found.setdefault(membership.entity_id, []).append(Member(user, membership))
    return found


async def owner_ids(session: AsyncSession, entity_id: UUID) -> Sequence[UUID]:
    """The users who own the entity."""
    found = await session.scalars(
        select(Membership.user_id)
        .where(Membership.entity_id == entity_id, Membership.role == Role.OWNER)
        .order_by(Membership.user_id)
    )
    return found.all()


async def memberships_of(
    session: AsyncSession, user_ids: Sequence[UUID]
) -> dict[UUID, list[Membership]]:
    """What users belong to, the oldest first, by user; none of who belongs to nothing."""
    found = await session.scalars(
        select(Membership)
        .where(Membership.user_id.in_(user_ids))
        .order_by(Membership.user_id, Membership.created_at, Membership.entity_id)
    )
    return {user_id: list(rows) for user_id, rows in groupby(found, key=lambda row: row.user_id)}


async def roles_of(session: AsyncSession, user_id: UUID) -> Sequence[Role]:
    """The user's role in each entity they belong to."""
    found = await session.scalars(select(Membership.role).where(Membership.user_id == user_id))
    return found.all()


async def lock_members(session: AsyncSession, entity_id: UUID) -> dict[UUID, Membership]:
    """The memberships of an entity by user, as of now; no other command changes them meanwhile.

    All who do take the row of the entity first: it also keeps those apart who would add one. It
    comes before the rows of users.
    """
    await lock_entity(session, entity_id)
    found = await session.scalars(
        select(Membership)
        .where(Membership.entity_id == entity_id)
        .execution_options(populate_existing=True)
    )
    return {membership.user_id: membership for membership in found}


async def has_member_at(session: AsyncSession, entity_id: UUID, email: str) -> bool:
    """Whether a member of the entity logs in with this address, whatever its letters."""
    there = exists().where(
        Membership.entity_id == entity_id,
        Membership.user_id == User.id,
        func.lower(User.email) == func.lower(email),
    )
    return bool(await session.scalar(select(there)))
