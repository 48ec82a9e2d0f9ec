"""Looking through all entities and users."""

from typing import Annotated

import strawberry

from mccs_graphql.domain.access import ADMINISTER, INSPECT
from mccs_graphql.domain.administration import deleting_entities, deleting_users
from mccs_graphql.domain.administration.searching import (
    entity_conditions,
    find_entities,
    find_users,
)
from mccs_graphql.schema.access import access
from mccs_graphql.schema.administration.deletions import (
    EntityDeletionPreview,
    UserDeletionPreview,
)
from mccs_graphql.schema.administration.searches import (
    AllEntitiesConnection,
    AllEntitiesFilterInput,
    EntitySortInput,
    UserConnection,
    UserFilterInput,
    UserSortInput,
    cursor_kind,
    cursor_readers,
)
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.pages import After, Before, First, Last, window_of
from mccs_graphql.schema.user import User, load_user


@strawberry.type
class MemberSearchQuery:
    @strawberry.field(
        description="All entities, listed or not, or those that are looked for.",
        directives=[access(INSPECT)],
    )
    async def all_entities(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[
            AllEntitiesFilterInput | None, strawberry.argument(description="Only some of them.")
        ] = None,
        order_by: Annotated[
            EntitySortInput | None, strawberry.argument(description="By name if not said.")
        ] = None,
    ) -> AllEntitiesConnection | None:
        wanted = (filter or AllEntitiesFilterInput()).to_wanted()
        order = (order_by or EntitySortInput()).to_order()
        kind, readers = cursor_kind("allEntities", wanted, order), cursor_readers(order.by)
        window = window_of(kind, *readers, first=first, after=after, last=last, before=before)
        async with info.context.database.reading() as session:
            conditions = await entity_conditions(session, wanted)
            page = await find_entities(session, conditions, order, window)
        return AllEntitiesConnection.of(page, conditions, kind=kind)

    @strawberry.field(
        description="All users, or those who are looked for.", directives=[access(INSPECT)]
    )
    async def users(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[
            UserFilterInput | None, strawberry.argument(description="Only some of them.")
        ] = None,
        order_by: Annotated[
            UserSortInput | None, strawberry.argument(description="By name if not said.")
        ] = None,
    ) -> UserConnection | None:
        wanted = (filter or UserFilterInput()).to_conditions()
        order = (order_by or UserSortInput()).to_order()
        kind, readers = cursor_kind("users", wanted, order), cursor_readers(order.by)
        window = window_of(kind, *readers, first=first, after=after, last=last, before=before)
        async with info.context.database.reading() as session:
            page = await find_users(session, wanted, order, window)
        return UserConnection.of(page, wanted, kind=kind)

    @strawberry.field(
        description="The user with this id; null if there is none.", directives=[access(INSPECT)]
    )
    async def user(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id of a user.")],
    ) -> User | None:
        return await load_user(info, id_of(IdPrefix.USER, id))

    @strawberry.field(
        description="What `deleteEntity` would do now; null if there is no such entity any more.",
        directives=[access(ADMINISTER)],
    )
    async def preview_entity_deletion(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id of an entity.")],
    ) -> EntityDeletionPreview | None:
        async with info.context.database.reading() as session:
            found = await deleting_entities.preview(session, id_of(IdPrefix.ENTITY, id))
        return EntityDeletionPreview.of(found) if found else None

    @strawberry.field(
        description="What `deleteUser` would do now; null if there is no such user any more.",
        directives=[access(ADMINISTER)],
    )
    async def preview_user_deletion(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id of a user.")],
    ) -> UserDeletionPreview | None:
        async with info.context.database.reading() as session:
            found = await deleting_users.preview(session, id_of(IdPrefix.USER, id))
        return UserDeletionPreview.of(found) if found else None
