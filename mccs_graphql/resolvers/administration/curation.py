"""Admins look after tags and categories, and file entities under headings."""

from typing import Annotated

import strawberry

from mccs_graphql.db.queries.all_tags import page_of_tags
from mccs_graphql.domain.access import INSPECT, MODERATE
from mccs_graphql.domain.administration import categories, tags
from mccs_graphql.schema.access import access
from mccs_graphql.schema.administration.curation import (
    AdminAssignCategoriesInput,
    AdminAssignCategoriesResult,
    AdminCreateCategoryInput,
    AdminCreateCategoryResult,
    AdminCreateTagInput,
    AdminCreateTagResult,
    AdminDeleteCategoryInput,
    AdminDeleteCategoryResult,
    AdminDeleteTagInput,
    AdminDeleteTagResult,
    AdminMergeCategoriesInput,
    AdminMergeCategoriesResult,
    AdminMergeTagsInput,
    AdminMergeTagsResult,
    AdminRenameCategoryInput,
    AdminRenameCategoryResult,
    AdminRenameTagInput,
    AdminRenameTagResult,
    CategoryPayload,
    DeleteCategoryPayload,
    DeleteTagPayload,
    TagPayload,
)
from mccs_graphql.schema.administration.tags import (
    CURSOR_READERS,
    AllTagsConnection,
    AllTagsFilterInput,
    cursor_kind,
)
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import Entity
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.pages import After, Before, First, Last, window_of
from mccs_graphql.schema.profile_results import EntityPayload


@strawberry.type
class CurationQuery:
    @strawberry.field(
        description="All tags by name, or those that are looked for: also those that nobody "
        "carries, which `tags` leaves out.",
        directives=[access(INSPECT)],
    )
    async def all_tags(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[
            AllTagsFilterInput | None, strawberry.argument(description="Only some of them.")
        ] = None,
    ) -> AllTagsConnection | None:
        wanted = (filter or AllTagsFilterInput()).to_conditions()
        kind = cursor_kind(wanted)
        window = window_of(
            kind, *CURSOR_READERS, first=first, after=after, last=last, before=before
        )
        async with info.context.database.reading() as session:
            page = await page_of_tags(session, wanted, window)
        return AllTagsConnection.of(page, wanted)


@strawberry.type
class CurationMutation:
    @strawberry.mutation(
        description="Put a tag among those that are suggested while one types, though nobody "
        "carries it yet.",
        directives=[access(MODERATE)],
    )
    async def admin_create_tag(
        self,
        info: Info,
        input: Annotated[AdminCreateTagInput, strawberry.argument(description="Its name.")],
    ) -> AdminCreateTagResult:
        async with info.context.writing() as session:
            done = await tags.create_tag(session, input.name, reason=input.reason)
        return TagPayload.of(done)

    @strawberry.mutation(
        description="Give a tag another name, for all who offer or want it. If there is one of "
        "that name, nothing is done: merge them.",
        directives=[access(MODERATE)],
    )
    async def admin_rename_tag(
        self,
        info: Info,
        input: Annotated[AdminRenameTagInput, strawberry.argument(description="Which, and how.")],
    ) -> AdminRenameTagResult:
        async with info.context.writing() as session:
            done = await tags.rename_tag(session, input.tag, name=input.name, reason=input.reason)
        return TagPayload.of(done)

    @strawberry.mutation(
        description="Make one tag of two: who offered or wanted the first does so with the second, "
        "since the earlier of both times.",
        directives=[access(MODERATE)],
    )
    async def admin_merge_tags(
        self,
        info: Info,
        input: Annotated[AdminMergeTagsInput, strawberry.argument(description="Which two.")],
    ) -> AdminMergeTagsResult:
        async with info.context.writing() as session:
            done = await tags.merge_tags(session, input.tag, into=input.into, reason=input.reason)
        return TagPayload.of(done)

    @strawberry.mutation(
        description="Delete a tag: nobody offers or wants it any more. Members may bring it back.",
        directives=[access(MODERATE)],
    )
    async def admin_delete_tag(
        self,
        info: Info,
        input: Annotated[AdminDeleteTagInput, strawberry.argument(description="Which.")],
    ) -> AdminDeleteTagResult:
        async with info.context.writing() as session:
            done = await tags.delete_tag(session, input.tag, reason=input.reason)
        return DeleteTagPayload(name=done.tag.name, followed=done.followed)

    @strawberry.mutation(
        description="Add a heading to the directory.",
        directives=[access(MODERATE)],
    )
    async def admin_create_category(
        self,
        info: Info,
        input: Annotated[AdminCreateCategoryInput, strawberry.argument(description="Its name.")],
    ) -> AdminCreateCategoryResult:
        async with info.context.writing() as session:
            done = await categories.create_category(session, input.name, reason=input.reason)
        return CategoryPayload.of(done)

    @strawberry.mutation(
        description="Give a heading another name, and so another slug; its id stays. If there is "
        "one of that name, nothing is done: merge them.",
        directives=[access(MODERATE)],
    )
    async def admin_rename_category(
        self,
        info: Info,
        input: Annotated[
            AdminRenameCategoryInput, strawberry.argument(description="Which, and how.")
        ],
    ) -> AdminRenameCategoryResult:
        async with info.context.writing() as session:
            done = await categories.rename_category(
                session, input.id, name=input.name, reason=input.reason
            )
        return CategoryPayload.of(done)

    @strawberry.mutation(
        description="Make one heading of two: what is filed under the first is filed under the "
        "second.",
        directives=[access(MODERATE)],
    )
    async def admin_merge_categories(
        self,
        info: Info,
        input: Annotated[AdminMergeCategoriesInput, strawberry.argument(description="Which two.")],
    ) -> AdminMergeCategoriesResult:
        async with info.context.writing() as session:
            done = await categories.merge_categories(
                session, input.id, into=input.into_id, reason=input.reason
            )
        return CategoryPayload.of(done)

    @strawberry.mutation(
        description="Delete a heading: nothing is filed under it any more.",
        directives=[access(MODERATE)],
    )
    async def admin_delete_category(
        self,
        info: Info,
        input: Annotated[AdminDeleteCategoryInput, strawberry.argument(description="Which.")],
    ) -> AdminDeleteCategoryResult:
        async with info.context.writing() as session:
            done = await categories.delete_category(session, input.id, reason=input.reason)
        return DeleteCategoryPayload(
            category_id=input.category_id, name=done.category.name, followed=done.followed
        )

    @strawberry.mutation(
        description="File an entity under these headings, and no others.",
        directives=[access(MODERATE)],
    )
    async def admin_assign_categories(
        self,
        info: Info,
        input: Annotated[
            AdminAssignCategoriesInput,
            strawberry.argument(description="Of which entity, and which."),
        ],
    ) -> AdminAssignCategoriesResult:
        async with info.context.writing() as session:
            entity = await categories.assign_categories(
                session,
                id_of(IdPrefix.ENTITY, input.entity_id),
                input.category_uuids,
                expected_version=input.expected_version,
                reason=input.reason,
            )
        return EntityPayload(entity=Entity.of(entity))
