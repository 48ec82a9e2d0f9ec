"""Finding admins."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from mccs_graphql.db.models import Admin, AdminRole, User

_Maker = aliased(User)
_FOUND = (
    select(Admin, User, _Maker.email)
    .join(User, User.id == Admin.user_id)
    .outerjoin(_Maker, _Maker.id == Admin.created_by)
)


@dataclass(frozen=True)
class FoundAdmin:
    """An admin, the login, and the address of who made it one."""

    admin: Admin
    user: User
    created_by: str | None


async def all_admins(session: AsyncSession, *, limit: int) -> Sequence[FoundAdmin]:
    """The admins, the first ones first."""
    rows = await session.execute(_FOUND.order_by(Admin.created_at, Admin.user_id).limit(limit))
    return [FoundAdmin(*row) for row in rows]


async def get_admin(session: AsyncSession, user_id: UUID) -> FoundAdmin:
    """The admin with this login, who must be there."""
    return FoundAdmin(*(await session.execute(_FOUND.where(Admin.user_id == user_id))).one())


async def ids_of_roles(session: AsyncSession, roles: Collection[AdminRole]) -> Sequence[UUID]:
    """The logins of the admins in these roles, in their order."""
    found = await session.scalars(
        select(Admin.user_id).where(Admin.role.in_(roles)).order_by(Admin.user_id)
    )
    return found.all()


async def lock_admins(session: AsyncSession) -> dict[UUID, Admin]:
    """All admins by their logins, as of now; nobody else changes or removes one until the commit.

    All at once and in order, as what becomes of one depends on the others.
    """
    found = await session.scalars(
        select(Admin)
        .order_by(Admin.user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {admin.user_id: admin for admin in found}
