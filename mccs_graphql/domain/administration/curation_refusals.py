"""What admins are refused who look after tags and categories."""

from dataclasses import dataclass

from mccs_graphql.db.models import Category, Tag
from mccs_graphql.domain.errors import Refusal


@dataclass(eq=False)
class TagNotFound(Refusal):
    """There is no tag of this name, or none any more."""

    code = "TAG_NOT_FOUND"
    message = "There is no tag of this name, or none any more."
    path = ("tag",)


@dataclass(eq=False)
class TagExists(Refusal):
    """There is a tag of this name. To make one of two, merge them."""

    code = "TAG_EXISTS"
    message = "There is a tag of this name; merge the two to make them one."
    path = ("name",)

    tag: Tag


@dataclass(eq=False)
class CategoryNotFound(Refusal):
    """There is no such category, or none any more."""

    code = "CATEGORY_NOT_FOUND"
    message = "There is no such category, or none any more."
    path = ("categoryId",)


@dataclass(eq=False)
class CategoryExists(Refusal):
    """There is a category whose name makes the same slug. To make one of two, merge them."""

    code = "CATEGORY_EXISTS"
    message = "There is a category of this name; merge the two to make them one."
    path = ("name",)

    category: Category


@dataclass(eq=False)
class CategoriesNotFound(Refusal):
    """Some of the categories are not there, or not any more. Nothing was assigned."""

    code = "CATEGORIES_NOT_FOUND"
    message = "Some of the categories are not there, or not any more."
    path = ("categoryIds",)

    places: tuple[int, ...]


@dataclass(eq=False)
class MergeTargetNotFound(Refusal):
    """What was to be merged into is not there, or not any more."""

    code = "MERGE_TARGET_NOT_FOUND"
    message = "What to merge into is not there, or not any more."
    path = ("into",)


@dataclass(eq=False)
class MergeWithItself(Refusal):
    """Merging takes two."""

    code = "MERGE_WITH_ITSELF"
    message = "Nothing can be merged into itself."
    path = ("into",)
