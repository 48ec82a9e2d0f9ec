"""All tags of the community, carried or not, as admins look for them."""

from hashlib import blake2b

import strawberry

from mccs_graphql.db.models import Tag as TagRow
from mccs_graphql.db.models.directory import TAG_MAX
from mccs_graphql.db.queries.all_tags import TagConditions, count_tags
from mccs_graphql.db.queries.keyset import Page
from mccs_graphql.domain.access import INSPECT
from mccs_graphql.domain.administration.tags import tag_conditions
from mccs_graphql.schema import cursors
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.directory import Tag
from mccs_graphql.schema.pages import PageInfo, page_info

CURSOR_READERS = (cursors.text,)


@strawberry.input(
    description="Which tags; all that is said has to hold, what is not said does not matter."
)
class AllTagsFilterInput:
    contains: str | None = strawberry.field(
        default=None,
        description=f"What stands somewhere in the name, at most {TAG_MAX} characters, however it "
        "is written.",
    )
    carried: bool | None = strawberry.field(
        default=None,
        description="Only those that an entity offers or wants, listed or not; or only the others.",
    )
    curated: bool | None = strawberry.field(
        default=None, description="Only those that admins have created, or only the others."
    )

    def to_conditions(self) -> TagConditions:
        """As the search takes it. Raises InvalidInput."""
        return tag_conditions(self.contains or "", carried=self.carried, curated=self.curated)


@strawberry.type(description="A tag in a list.", directives=[access(INSPECT)])
class AllTagsEdge:
    cursor: str = strawberry.field(description="Its position, to go on from.")
    node: Tag = strawberry.field(description="The tag.")
    curated: bool = strawberry.field(
        description="Whether admins have created it: then it is suggested though nobody carries it."
    )


@strawberry.type(description="A page of the community's tags.", directives=[access(INSPECT)])
class AllTagsConnection:
    conditions: strawberry.Private[TagConditions]
    edges: list[AllTagsEdge] = strawberry.field(description="The tags with their positions.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")

    @strawberry.field(description="The tags alone.")
    def nodes(self) -> list[Tag]:
        return [edge.node for edge in self.edges]

    @strawberry.field(description="How many there are on all pages; counted when asked for.")
    async def total_count(self, info: Info) -> int | None:
        async with info.context.database.reading() as session:
            return await count_tags(session, self.conditions)

    @classmethod
    def of(cls, page: Page[TagRow], conditions: TagConditions) -> "AllTagsConnection":
        """The page as clients see it."""
        kind = cursor_kind(conditions)
        edges = [
            AllTagsEdge(
                cursor=cursors.encode_cursor(kind, row.name),
                node=Tag.of_row(row),
                curated=row.curated,
            )
            for row in page.rows
        ]
        info = page_info(page, edge_cursors=[edge.cursor for edge in edges])
        return cls(conditions=conditions, edges=edges, page_info=info)


def cursor_kind(conditions: TagConditions) -> str:
    """What cursors of this search are marked with: they are positions in no other list."""
    return f"allTags:{blake2b(repr(conditions).encode(), digest_size=8).hexdigest()}"
