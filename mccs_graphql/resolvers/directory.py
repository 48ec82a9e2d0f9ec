"""Finding entities."""

from typing import Annotated

import strawberry

from mccs_graphql.db.models.entity import ENTITY_NAME_MAX
from mccs_graphql.db.queries import entities as queries
from mccs_graphql.domain import text
from mccs_graphql.domain.errors import InvalidInput
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import (
    CURSOR,
    CURSOR_READERS,
    Entity,
    EntityConnection,
    load_entity,
)
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.pages import After, Before, First, Last, window_of
from mccs_graphql.schema.scalars import refuse


@strawberry.type
class DirectoryQuery:
    @strawberry.field(description="The entity with this id; null if it is not listed or not yours.")
    async def entity(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id of an entity.")],
    ) -> Entity | None:
        return await load_entity(info, id_of(IdPrefix.ENTITY, id))

    @strawberry.field(description="The listed entities by name.")
    async def entities(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        name_prefix: Annotated[
            str | None,
            strawberry.argument(
                description="Only names that begin so; letter case does not count."
            ),
        ] = None,
    ) -> EntityConnection | None:
        window = window_of(
            CURSOR, *CURSOR_READERS, first=first, after=after, last=last, before=before
        )
        try:
            text.require(text.problems_of("namePrefix", name_prefix or "", most=ENTITY_NAME_MAX))
        except InvalidInput as error:
            refuse(f"namePrefix: {error.problems[0].message}")
        async with info.context.database.reading() as session:
            page = await queries.page_of_listed(session, window, name_prefix=name_prefix)
        return EntityConnection.of(page, name_prefix=name_prefix)
