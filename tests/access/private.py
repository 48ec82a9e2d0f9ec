"""Going through an answer for what is not meant for who asked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mccs_graphql.db.models import AdminRole, Role
from mccs_graphql.domain.access import Audience
from tests.access.askers import Asker
from tests.access.expected import requirement_of
from tests.access.samples import Place
from tests.factories import Member

NOBODYS = frozenset[str]()


@dataclass(frozen=True)
class Me:
    """Who asks: the address, and the role in each entity by its id as clients see it."""

    email: str | None
    roles: Mapping[str, Role]
    admin: AdminRole | None


def me(place: Place, asker: Asker) -> Me:
    """Who asks; members have an entity of their own besides."""
    user = place.known.user
    own = {user.id: Role.OWNER} if isinstance(user, Member) else {}
    roles = own | ({place.shop.id: asker.role} if asker.role else {})
    return Me(user.email if user else None, roles, asker.admin)


def leaks(answer: object, place: Place, asker: Asker) -> list[str]:
    """Fields with a value that who asked should not have seen. Entities and users know their id."""
    return list(_leaks(answer, NOBODYS, me(place, asker), path=""))


def _leaks(value: object, whose: frozenset[str], asking: Me, *, path: str) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _leaks(item, whose, asking, path=path)
    if not isinstance(value, dict):
        return
    type_: str = value.get("__typename", "")
    whose = _owners(value) or whose
    for name, inner in value.items():
        here = f"{path}.{name}"
        shown = type_ and name != "__typename" and inner not in (None, [])
        if shown and not _is_for(type_, name, value, whose, asking):
            yield here
        yield from _leaks(inner, whose, asking, path=here)


def _owners(value: dict[str, Any]) -> frozenset[str]:
    """The entities that an object is of, if it says so."""
    match value.get("__typename"):
        case "Entity":
            return frozenset({value["id"]})
        case "Transfer":
            sides = (value.get("payer"), value.get("payee"))
            return frozenset(side["id"] for side in sides if side)
    return NOBODYS


def _is_for(type_: str, name: str, of: dict[str, Any], whose: frozenset[str], asking: Me) -> bool:
    requirement = requirement_of(type_, name)
    audience = requirement.audience
    if audience & {Audience.EVERYBODY, Audience.HOLDER}:
        return True
    if asking.admin and requirement.has_room_for_admin(asking.admin):
        return True
    if Audience.USER in audience:
        return asking.email is not None and of.get("email", asking.email) == asking.email
    if Audience.PARTNER in audience and asking.roles:
        return True  # everybody trades here
    roles = asking.roles
    return any(requirement.has_room_for(roles[id_]) for id_ in whose & roles.keys())
