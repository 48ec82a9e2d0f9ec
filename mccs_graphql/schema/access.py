"""The requirement of each field, as the schema shows it."""

import strawberry
from strawberry.schema_directive import Location

from mccs_graphql.db.models import Scope
from mccs_graphql.domain.access import Audience, Requirement


@strawberry.schema_directive(
    name="access",
    # In alphabetical order, as the arguments are: in another one it would be printed twice.
    locations=[Location.FIELD_DEFINITION, Location.INTERFACE, Location.OBJECT],
    description="Whom a field is for. On a type: each of its fields that does not say otherwise.",
)
class Access:
    scope: Scope | None = strawberry.field(
        default=strawberry.UNSET,
        description="What an API token needs besides. Without it no token will do, unless the "
        "field is for EVERYBODY or a HOLDER.",
    )
    to: list[Audience] = strawberry.field(description="Of these, to be one is enough.")


def access(requirement: Requirement) -> Access:
    """The requirement as a directive of a field or a type."""
    order = list(Audience)
    return Access(
        to=sorted(requirement.audience, key=order.index),
        scope=requirement.scope or strawberry.UNSET,
    )


def requirement_of(directives: object) -> Requirement | None:
    """What the directives of a field or a type require; None if they do not say."""
    for directive in directives or ():  # type: ignore[attr-defined]
        if isinstance(directive, Access):
            return Requirement(frozenset(directive.to), directive.scope or None)
    return None
