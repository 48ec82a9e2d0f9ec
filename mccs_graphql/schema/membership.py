"""What a user belongs to."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from mccs_graphql.db.models import Entity as EntityRow
from mccs_graphql.db.models import Membership as MembershipRow
from mccs_graphql.db.models import Role
from mccs_graphql.domain.access import USER
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import Entity


@strawberry.type(
    description="That a user belongs to an entity, as the user sees it.", directives=[access(USER)]
)
class Membership:
    entity: Entity = strawberry.field(description="The entity.")
    role: Role = strawberry.field(description="What the user is there.")
    since: datetime = strawberry.field(description="When the user became a member.")

    @classmethod
    def of(cls, row: MembershipRow, entity: EntityRow) -> "Membership":
        """The rows as the user sees them."""
        return cls(entity=Entity.of(entity), role=row.role, since=row.created_at)


async def load_memberships(info: Info, rows: Sequence[MembershipRow]) -> list[Membership]:
    """The rows as their user sees them, with the entities read in one go."""
    ids = [row.entity_id for row in rows]
    found = zip(rows, await info.context.loaders.entities.load_many(ids), strict=True)
    return [Membership.of(row, entity) for row, entity in found if entity is not None]
