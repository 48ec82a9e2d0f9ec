"""What everything with an id of its own has in common."""

import strawberry

from mccs_graphql.domain.access import HOLDER
from mccs_graphql.schema.access import access


@strawberry.interface(
    description="Something with an id, which `node` and `nodes` find again.",
    directives=[access(HOLDER)],
)
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque; treat it as text without a meaning.")
