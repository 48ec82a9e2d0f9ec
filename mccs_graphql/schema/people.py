"""Users as others see them."""

from uuid import UUID

import strawberry

from mccs_graphql.domain.access import HOLDER
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.ids import IdPrefix, encode_id


@strawberry.type(
    description="A user by name, as others see one who has done something.",
    directives=[access(HOLDER)],
)
class NamedUser:
    id: strawberry.ID = strawberry.field(description="The id of the user.")
    name: str = strawberry.field(description="First and last name; may be empty.")


async def load_named(info: Info, id_: UUID | None) -> NamedUser | None:
    """The user's name; None for None."""
    row = await info.context.loaders.people.load(id_) if id_ else None
    if row is None:
        return None
    name = f"{row.first_name} {row.last_name}".strip()
    return NamedUser(id=encode_id(IdPrefix.USER, row.id), name=name)
