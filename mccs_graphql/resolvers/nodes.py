"""Finding things again by their ids."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import strawberry

from mccs_graphql.domain.access import EVERYBODY
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.directory import load_category
from mccs_graphql.schema.entity import load_entity
from mccs_graphql.schema.ids import IdPrefix, decode_id
from mccs_graphql.schema.nodes import Node
from mccs_graphql.schema.scalars import refuse
from mccs_graphql.schema.transfer import load_transfer
from mccs_graphql.schema.user import load_user

IDS_MAX = 100


# A session is no node: it is found by its user only.
_LOAD: dict[IdPrefix, Callable[[Info, UUID], Awaitable[Node | None]]] = {
    IdPrefix.USER: load_user,
    IdPrefix.ENTITY: load_entity,
    IdPrefix.TRANSFER: load_transfer,
    IdPrefix.CATEGORY: load_category,
}


async def _load_node(info: Info, id_: str) -> Node | None:
    decoded = decode_id(id_)
    load = _LOAD.get(decoded[0]) if decoded else None
    return await load(info, decoded[1]) if decoded and load else None


@strawberry.type
class NodeQuery:
    @strawberry.field(
        description="The thing with this id; null if you may not see it.",
        directives=[access(EVERYBODY)],
    )
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="As given out by the API.")],
    ) -> Node | None:
        return await _load_node(info, id)

    @strawberry.field(
        description="The things with these ids, in their order.", directives=[access(EVERYBODY)]
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description=f"At most {IDS_MAX}.")],
    ) -> list[Node | None] | None:
        if len(ids) > IDS_MAX:
            refuse(f"At most {IDS_MAX} ids at a time.")
        return await asyncio.gather(*(_load_node(info, id_) for id_ in ids))
