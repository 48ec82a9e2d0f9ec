"""Those who try every field: what each is to the entity in question."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import AdminRole, Membership, Role
from tests.factories import Login, Member, make_admin, make_member


class Asker(StrEnum):
    """What who asks is to the entity in question."""

    VISITOR = "visitor"
    STRANGER = "member of another"
    VIEWER = "VIEWER"
    EDITOR = "EDITOR"
    TRADER = "TRADER"
    OWNER = "OWNER"
    ADMIN_AUDITOR = "admin AUDITOR"
    ADMIN_MODERATOR = "admin MODERATOR"
    ADMIN_ADMIN = "admin ADMIN"
    ADMIN_OWNER = "admin OWNER"

    @property
    def admin(self) -> AdminRole | None:
        """The role of an admin."""
        kind, _, role = self.value.partition(" ")
        return AdminRole(role) if kind == "admin" else None

    @property
    def role(self) -> Role | None:
        """The role in the entity in question."""
        return Role(self.value) if self.value in Role.__members__ else None


@dataclass(frozen=True)
class Known:
    """Who asks, and what is sent along for it."""

    user: Login | None
    token: str | None


Introduce = Callable[[Database, Member], Awaitable[Known]]


async def introduce(database: Database, asker: Asker, shop: Member) -> Known:
    """One who is that to the entity of ``shop``; an owner is another one than ``shop``."""
    if asker is Asker.VISITOR:
        return Known(None, None)
    if asker.admin:
        admin = await make_admin(database, asker.admin)
        return Known(admin, admin.token)
    person = await make_member(database)
    if asker.role:
        await join(database, person, shop, asker.role)
    return Known(person, person.token)


async def join(database: Database, person: Member, shop: Member, role: Role) -> None:
    """Make the person a member of the entity."""
    async with database.writing() as session:
        session.add(Membership(user_id=person.user_id, entity_id=shop.entity_id, role=role))
