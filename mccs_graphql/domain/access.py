"""What it takes to use a field: the one place where roles and scopes get their powers.

The schema shows these requirements by its directive ``@access``; the roots check who may come in,
and the rules of each subject check the role in the entity that is to act.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from mccs_graphql.db.models import AdminRole, Role, Scope


class Audience(StrEnum):
    """Whom a field is for; of several, one is enough."""

    EVERYBODY = "EVERYBODY"
    HOLDER = "HOLDER"
    USER = "USER"
    PLAIN_USER = "PLAIN_USER"
    MEMBER = "MEMBER"
    OWNER = "OWNER"
    TRADER = "TRADER"
    EDITOR = "EDITOR"
    PARTNER = "PARTNER"
    CHOSEN = "CHOSEN"
    NODE_OWNER = "NODE_OWNER"
    ADMIN = "ADMIN"
    MODERATOR = "MODERATOR"
    AUDITOR = "AUDITOR"


LEAST_ROLES = {
    Audience.NODE_OWNER: AdminRole.OWNER,
    Audience.ADMIN: AdminRole.ADMIN,
    Audience.MODERATOR: AdminRole.MODERATOR,
    Audience.AUDITOR: AdminRole.AUDITOR,
}
"""The audiences of admins: who has at least this role is one of them."""


_WHOEVER = frozenset((Audience.EVERYBODY, Audience.HOLDER))


@dataclass(frozen=True)
class Requirement:
    """To be one of the audience; and for an API token, to have the scope.

    Without a scope no API token will do, unless the field is for everybody.
    """

    audience: frozenset[Audience]
    scope: Scope | None = None

    def has_room_for(self, role: Role) -> bool:
        """Whether one with this role in the entity in question is of the audience."""
        return Audience.MEMBER in self.audience or role.value in self.audience

    def has_room_for_admin(self, role: AdminRole) -> bool:
        """Whether an admin of this role is of the audience, whatever the entity in question."""
        return any(role.reaches(LEAST_ROLES[each]) for each in self.audience & LEAST_ROLES.keys())

    @property
    def is_for_admins_only(self) -> bool:
        """Whether nobody but admins is of the audience."""
        return self.audience <= LEAST_ROLES.keys()

    def is_met_by(self, scopes: Collection[str]) -> bool:
        """Whether an API token with these scopes will do. Each of them lets it read."""
        if self.audience & _WHOEVER:
            return True
        return self.scope is Scope.READ or self.scope in scopes


def _to(*audience: Audience, scope: Scope | None = None) -> Requirement:
    return Requirement(frozenset(audience), scope)


EVERYBODY = _to(Audience.EVERYBODY)
HOLDER = _to(Audience.HOLDER)
USER = _to(Audience.USER)
PLAIN_USER = _to(Audience.PLAIN_USER)
MEMBER = _to(Audience.MEMBER)
USER_OR_ADMIN = _to(Audience.USER, Audience.AUDITOR)
READ = _to(Audience.MEMBER, Audience.AUDITOR, scope=Scope.READ)
READ_IF_TRADING = _to(Audience.MEMBER, Audience.PARTNER, Audience.AUDITOR, scope=Scope.READ)
READ_IF_CHOSEN = _to(Audience.MEMBER, Audience.CHOSEN, Audience.AUDITOR, scope=Scope.READ)
EDIT = _to(Audience.OWNER, Audience.EDITOR, scope=Scope.DIRECTORY)
APPROACH = _to(Audience.OWNER, Audience.TRADER, Audience.EDITOR, scope=Scope.DIRECTORY)
TRADE = _to(Audience.OWNER, Audience.TRADER, scope=Scope.TRANSFERS)
MANAGE = _to(Audience.OWNER)
OVERSEE = _to(Audience.OWNER, Audience.AUDITOR)
INSPECT = _to(Audience.AUDITOR)
MODERATE = _to(Audience.MODERATOR)
ADMINISTER = _to(Audience.ADMIN)
GOVERN = _to(Audience.NODE_OWNER)
