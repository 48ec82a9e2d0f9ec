"""Tags and categories."""

from datetime import datetime
from uuid import UUID

import strawberry

from mccs_graphql.db.models import Category as CategoryRow
from mccs_graphql.db.models import Counted
from mccs_graphql.db.models import Tag as TagRow
from mccs_graphql.db.queries.categories import count_categories
from mccs_graphql.db.queries.keyset import Page
from mccs_graphql.db.queries.tags import CarriedTag
from mccs_graphql.domain.access import EVERYBODY, HOLDER
from mccs_graphql.schema import cursors
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.ids import IdPrefix, encode_id
from mccs_graphql.schema.nodes import Node
from mccs_graphql.schema.pages import PageInfo, page_info

CATEGORY_CURSOR = "category"
CATEGORY_CURSOR_READERS = (cursors.text, cursors.identity)


@strawberry.type(
    description="A word for goods or services, created by members or admins.",
    directives=[access(EVERYBODY)],
)
class Tag:
    tag_id: strawberry.Private[UUID]
    name: str = strawberry.field(description="The word, in its normal form.")
    since: datetime | None = strawberry.field(
        description="Since when the entity in question offers or wants it; null if none is."
    )

    @classmethod
    def of(cls, carried: CarriedTag) -> "Tag":
        """The tag as one entity carries it."""
        return cls(tag_id=carried.tag_id, name=carried.name, since=carried.since)

    @classmethod
    def of_row(cls, row: TagRow) -> "Tag":
        """The tag for itself, whoever carries it."""
        return cls(tag_id=row.id, name=row.name, since=None)

    @strawberry.field(description="How many listed entities offer it.")
    async def offer_count(self, info: Info) -> int | None:
        return await info.context.loaders.counts.load((Counted.OFFER, self.tag_id))

    @strawberry.field(description="How many listed entities want it.")
    async def want_count(self, info: Info) -> int | None:
        return await info.context.loaders.counts.load((Counted.WANT, self.tag_id))


@strawberry.type(
    description="A heading of the directory, curated by admins.", directives=[access(EVERYBODY)]
)
class Category(Node):
    row: strawberry.Private[CategoryRow]
    name: str = strawberry.field(description="The heading.")
    slug: str = strawberry.field(
        description="Its name in small letters, digits and dashes, for addresses and filters."
    )

    @classmethod
    def of(cls, row: CategoryRow) -> "Category":
        """The row as clients see it."""
        return cls(id=encode_id(IdPrefix.CATEGORY, row.id), row=row, name=row.name, slug=row.slug)

    @strawberry.field(description="How many listed entities are filed under it.")
    async def entity_count(self, info: Info) -> int | None:
        return await info.context.loaders.counts.load((Counted.CATEGORY, self.row.id))


@strawberry.type(description="A category in a list.", directives=[access(HOLDER)])
class CategoryEdge:
    cursor: str = strawberry.field(description="Its position, to go on from.")
    node: Category = strawberry.field(description="The category.")


@strawberry.type(description="A page of categories.", directives=[access(HOLDER)])
class CategoryConnection:
    prefix: strawberry.Private[str]
    edges: list[CategoryEdge] = strawberry.field(description="The categories with their positions.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")

    @strawberry.field(description="The categories alone.")
    def nodes(self) -> list[Category]:
        return [edge.node for edge in self.edges]

    @strawberry.field(description="How many there are on all pages; counted when asked for.")
    async def total_count(self, info: Info) -> int | None:
        async with info.context.database.reading() as session:
            return await count_categories(session, prefix=self.prefix)

    @classmethod
    def of(cls, page: Page[CategoryRow], *, prefix: str) -> "CategoryConnection":
        """The page as clients see it."""
        edges = [
            CategoryEdge(
                cursor=cursors.encode_cursor(CATEGORY_CURSOR, row.sort_name, row.id),
                node=Category.of(row),
            )
            for row in page.rows
        ]
        return cls(
            prefix=prefix,
            edges=edges,
            page_info=page_info(page, edge_cursors=[edge.cursor for edge in edges]),
        )


async def load_category(info: Info, id_: UUID) -> Category | None:
    """The category with this id."""
    row = await info.context.loaders.category.load(id_)
    return Category.of(row) if row else None
