"""What the mutations take and lead to by which admins look after tags and categories."""

from typing import Annotated
from uuid import UUID

import strawberry

from mccs_graphql.db.models.directory import CATEGORIES_MAX, CATEGORY_MAX, TAG_MAX
from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.administration.categories import CuratedCategory
from mccs_graphql.domain.administration.tags import CuratedTag
from mccs_graphql.schema.access import access
from mccs_graphql.schema.administration.changes import REASON
from mccs_graphql.schema.directory import Category, Tag
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.profile_results import EntityPayload
from mccs_graphql.schema.refusals import (
    CategoriesNotFound,
    CategoryExists,
    CategoryNotFound,
    EntityChanged,
    EntityNotFound,
    InvalidInput,
    MergeTargetNotFound,
    MergeWithItself,
    TagExists,
    TagNotFound,
)

_TAG = "Its name, however it is written: `Fresh bread` is `fresh-bread`."
_TAG_NAME = f"The name to have; at most {TAG_MAX} characters once it has the form of a tag."
_CATEGORY = "The id of the category."
_CATEGORY_NAME = f"The name to have; at most {CATEGORY_MAX} characters, with a letter or digit."
_FOLLOWED = "How many entities followed, listed or not: each of them has a new `version`."


@strawberry.input(description="A tag to be suggested though nobody carries it yet.")
class AdminCreateTagInput:
    name: str = strawberry.field(description=_TAG_NAME)
    reason: str = strawberry.field(default="", description=REASON)


@strawberry.input(description="Which tag, and its new name.")
class AdminRenameTagInput:
    tag: str = strawberry.field(description=_TAG)
    name: str = strawberry.field(description=_TAG_NAME)
    reason: str = strawberry.field(default="", description=REASON)


@strawberry.input(description="Two tags that are to be one.")
class AdminMergeTagsInput:
    tag: str = strawberry.field(description=f"The tag that goes. {_TAG}")
    into: str = strawberry.field(description="The name of the tag that stays.")
    reason: str = strawberry.field(default="", description=REASON)


@strawberry.input(description="Which tag.")
class AdminDeleteTagInput:
    tag: str = strawberry.field(description=_TAG)
    reason: str = strawberry.field(default="", description=REASON)


@strawberry.input(description="A new heading of the directory.")
class AdminCreateCategoryInput:
    name: str = strawberry.field(description=_CATEGORY_NAME)
    reason: str = strawberry.field(default="", description=REASON)


@strawberry.input(description="Which category.")
class AdminDeleteCategoryInput:
    category_id: strawberry.ID = strawberry.field(description=_CATEGORY)
    reason: str = strawberry.field(default="", description=REASON)

    @property
    def id(self) -> UUID:
        """The id as the domain takes it."""
        return id_of(IdPrefix.CATEGORY, self.category_id)


@strawberry.input(description="Which category, and its new name.")
class AdminRenameCategoryInput(AdminDeleteCategoryInput):
    name: str = strawberry.field(description=_CATEGORY_NAME)


@strawberry.input(description="Two categories that are to be one.")
class AdminMergeCategoriesInput(AdminDeleteCategoryInput):
    into: strawberry.ID = strawberry.field(description="The id of the category that stays.")

    @property
    def into_id(self) -> UUID:
        """The id of the one that stays, as the domain takes it."""
        return id_of(IdPrefix.CATEGORY, self.into)


@strawberry.input(description="All the categories of an entity.")
class AdminAssignCategoriesInput:
    entity_id: strawberry.ID = strawberry.field(description="The id of the entity.")
    expected_version: int = strawberry.field(
        description="Its `version` when you read it: nothing is changed if it is another by now."
    )
    category_ids: list[strawberry.ID] = strawberry.field(
        description=f"The ids of its categories from now on, at most {CATEGORIES_MAX}; one given "
        "twice counts once, and none leaves it without."
    )
    reason: str = strawberry.field(default="", description=REASON)

    @property
    def category_uuids(self) -> list[UUID]:
        """The categories as the domain takes them."""
        return [id_of(IdPrefix.CATEGORY, text) for text in self.category_ids]


@strawberry.type(description="A tag, as the mutation left it.", directives=[access(HOLDER)])
class TagPayload:
    tag: Tag = strawberry.field(description="The tag; of two that were merged the one that stays.")
    followed: int = strawberry.field(description=_FOLLOWED)

    @classmethod
    def of(cls, done: CuratedTag) -> "TagPayload":
        """What was done, as clients see it."""
        return cls(tag=Tag.of_row(done.tag), followed=done.followed)


@strawberry.type(description="A tag that is no more.", directives=[access(HOLDER)])
class DeleteTagPayload:
    name: str = strawberry.field(description="The name it had.")
    followed: int = strawberry.field(description=_FOLLOWED)


@strawberry.type(description="A category, as the mutation left it.", directives=[access(HOLDER)])
class CategoryPayload:
    category: Category = strawberry.field(
        description="The category; of two that were merged the one that stays."
    )
    followed: int = strawberry.field(description=_FOLLOWED)

    @classmethod
    def of(cls, done: CuratedCategory) -> "CategoryPayload":
        """What was done, as clients see it."""
        return cls(category=Category.of(done.category), followed=done.followed)


@strawberry.type(description="A category that is no more.", directives=[access(HOLDER)])
class DeleteCategoryPayload:
    category_id: strawberry.ID = strawberry.field(description="The id it had.")
    name: str = strawberry.field(description="The name it had.")
    followed: int = strawberry.field(description=_FOLLOWED)


AdminCreateTagResult = Annotated[
    TagPayload | InvalidInput | TagExists,
    strawberry.union("AdminCreateTagResult", description="What `adminCreateTag` leads to."),
]
AdminRenameTagResult = Annotated[
    TagPayload | InvalidInput | TagExists | TagNotFound,
    strawberry.union("AdminRenameTagResult", description="What `adminRenameTag` leads to."),
]
AdminMergeTagsResult = Annotated[
    TagPayload | InvalidInput | MergeTargetNotFound | MergeWithItself | TagNotFound,
    strawberry.union("AdminMergeTagsResult", description="What `adminMergeTags` leads to."),
]
AdminDeleteTagResult = Annotated[
    DeleteTagPayload | InvalidInput | TagNotFound,
    strawberry.union("AdminDeleteTagResult", description="What `adminDeleteTag` leads to."),
]
AdminCreateCategoryResult = Annotated[
    CategoryPayload | CategoryExists | InvalidInput,
    strawberry.union(
        "AdminCreateCategoryResult", description="What `adminCreateCategory` leads to."
    ),
]
AdminRenameCategoryResult = Annotated[
    CategoryPayload | CategoryExists | CategoryNotFound | InvalidInput,
    strawberry.union(
        "AdminRenameCategoryResult", description="What `adminRenameCategory` leads to."
    ),
]
AdminMergeCategoriesResult = Annotated[
    CategoryPayload | CategoryNotFound | InvalidInput | MergeTargetNotFound | MergeWithItself,
    strawberry.union(
        "AdminMergeCategoriesResult", description="What `adminMergeCategories` leads to."
    ),
]
AdminDeleteCategoryResult = Annotated[
    DeleteCategoryPayload | CategoryNotFound | InvalidInput,
    strawberry.union(
        "AdminDeleteCategoryResult", description="What `adminDeleteCategory` leads to."
    ),
]
AdminAssignCategoriesResult = Annotated[
    EntityPayload | CategoriesNotFound | EntityChanged | EntityNotFound | InvalidInput,
    strawberry.union(
        "AdminAssignCategoriesResult", description="What `adminAssignCategories` leads to."
    ),
]
