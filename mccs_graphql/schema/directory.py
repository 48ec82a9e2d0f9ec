"""Tags and categories."""

import strawberry

from mccs_graphql.db.models import Category as CategoryRow
from mccs_graphql.db.models import Tag as TagRow


@strawberry.type(description="A word for goods or services, created by members.")
class Tag:
    name: str = strawberry.field(description="The word, in its normal form.")

    @classmethod
    def of(cls, row: TagRow) -> "Tag":
        """The row as clients see it."""
        return cls(name=row.name)


@strawberry.type(description="A heading of the directory, curated by admins.")
class Category:
    name: str = strawberry.field(description="The heading.")

    @classmethod
    def of(cls, row: CategoryRow) -> "Category":
        """The row as clients see it."""
        return cls(name=row.name)
