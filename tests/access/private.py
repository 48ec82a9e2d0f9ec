"""Going through an answer for what is not meant for who asked."""

from collections.abc import Iterator, Mapping
from typing import Any

from mccs_graphql.db.models import Role
from mccs_graphql.domain.access import Audience
from tests.access.askers import Asker
from tests.access.expected import requirement_of
from tests.access.samples import Place

Roles = Mapping[str, Role]
"""What who asks is in which entity, by its id as clients see it."""
NOBODYS = frozenset[str]()


def roles_of(place: Place, asker: Asker) -> Roles:
    """Those of who asks, who also has an entity of their own."""
    own = {place.known.user.id: Role.OWNER} if place.known.user else {}
    return own | ({place.shop.id: asker.role} if asker.role else {})


def leaks(answer: object, place: Place, asker: Asker) -> list[str]:
    """Fields with a value that who asked should not have seen. Entities and users know their id."""
    roles = roles_of(place, asker)
    me = place.known.user.email if place.known.user else None
    return list(_leaks(answer, NOBODYS, roles, me, path=""))


def _leaks(
    value: object, whose: frozenset[str], roles: Roles, me: str | None, *, path: str
) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _leaks(item, whose, roles, me, path=path)
    if not isinstance(value, dict):
        return
    type_: str = value.get("__typename", "")
    whose = _owners(value) or whose
    for name, inner in value.items():
        here = f"{path}.{name}"
        shown = type_ and name != "__typename" and inner not in (None, [])
        if shown and not _is_for(type_, name, value, whose, roles, me):
            yield here
        yield from _leaks(inner, whose, roles, me, path=here)


def _owners(value: dict[str, Any]) -> frozenset[str]:
    """The entities that an object is of, if it says so."""
    match value.get("__typename"):
        case "Entity":
            return frozenset({value["id"]})
        case "Transfer":
            sides = (value.get("payer"), value.get("payee"))
            return frozenset(side["id"] for side in sides if side)
    return NOBODYS


def _is_for(
    type_: str, name: str, of: dict[str, Any], whose: frozenset[str], roles: Roles, me: str | None
) -> bool:
    requirement = requirement_of(type_, name)
    audience = requirement.audience
    if audience & {Audience.EVERYBODY, Audience.HOLDER}:
        return True
    if Audience.USER in audience:
        return me is not None and of.get("email", me) == me
    if Audience.PARTNER in audience and roles:
        return True  # everybody trades here
    return any(requirement.has_room_for(roles[id_]) for id_ in whose & roles.keys())
