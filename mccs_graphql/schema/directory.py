"""Tags and categories."""

from datetime import datetime

import strawberry

from mccs_graphql.db.models import Category as CategoryRow
from mccs_graphql.db.queries.tags import CarriedTag


@strawberry.type(description="A word for goods or services, created by members.")
class Tag:
    name: str = strawberry.field(description="The word, in its normal form.")
    since: datetime | None = strawberry.field(
        description="Since when the entity in question offers or wants it; null if none is."
    )

    @classmethod
    def of(cls, carried: CarriedTag) -> "Tag":
        """The tag as one entity carries it."""
        return cls(name=carried.name, since=carried.since)


@strawberry.type(description="A heading of the directory, curated by admins.")
class Category:
    name: str = strawberry.field(description="The heading.")

    @classmethod
    def of(cls, row: CategoryRow) -> "Category":
        """The row as clients see it."""
        return cls(name=row.name)
