"""Finding entities."""

from typing import Annotated

import strawberry

from mccs_graphql.domain.access import EVERYBODY
from mccs_graphql.domain.directory.search import search
from mccs_graphql.domain.directory.wanted import EntityOrder
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import Entity, load_entity
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.pages import After, Before, First, Last, window_of
from mccs_graphql.schema.search import (
    EntityConnection,
    EntityFilterInput,
    cursor_kind,
    cursor_readers,
)


@strawberry.type
class DirectoryQuery:
    @strawberry.field(
        description="The entity with this id; null if it is not listed or not yours.",
        directives=[access(EVERYBODY)],
    )
    async def entity(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id of an entity.")],
    ) -> Entity | None:
        return await load_entity(info, id_of(IdPrefix.ENTITY, id))

    @strawberry.field(
        description="The listed entities, or those that are looked for.",
        directives=[access(EVERYBODY)],
    )
    async def entities(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[
            EntityFilterInput | None, strawberry.argument(description="Only some of them.")
        ] = None,
        order_by: Annotated[
            EntityOrder,
            strawberry.argument(
                description="RELEVANCE is NAME when neither tags nor words are looked for."
            ),
        ] = EntityOrder.RELEVANCE,
    ) -> EntityConnection | None:
        wanted = (filter or EntityFilterInput()).to_wanted(order_by)
        kind, readers = cursor_kind(wanted), cursor_readers(wanted)
        window = window_of(kind, *readers, first=first, after=after, last=last, before=before)
        async with info.context.database.reading() as session:
            found = await search(session, info.context.viewer, wanted, window)
        return EntityConnection.of(found, kind=kind)
