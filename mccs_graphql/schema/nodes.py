"""What everything with an id of its own has in common."""

import strawberry


@strawberry.interface(description="Something with an id, which `node` and `nodes` find again.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque; treat it as text without a meaning.")
