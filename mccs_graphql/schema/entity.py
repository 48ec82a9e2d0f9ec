"""Entities, and what belongs to them."""

from typing import Annotated
from uuid import UUID

import strawberry

from mccs_graphql.db.models import Entity as EntityRow
from mccs_graphql.db.models import EntityStatus, TagKind
from mccs_graphql.db.queries import entities as queries
from mccs_graphql.db.queries.keyset import Page
from mccs_graphql.schema import cursors
from mccs_graphql.schema.account import Account
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.directory import Category, Tag
from mccs_graphql.schema.ids import IdPrefix, encode_id
from mccs_graphql.schema.nodes import Node
from mccs_graphql.schema.pages import After, Before, First, Last, PageInfo, page_info
from mccs_graphql.schema.transfer import TransferConnection, TransferFilterInput, load_transfers

CURSOR = "entity"
CURSOR_READERS = (cursors.text, cursors.identity)


@strawberry.type(description="A listed business, organisation or person.")
class Entity(Node):
    row_id: strawberry.Private[UUID]
    name: str = strawberry.field(description="The name it goes by.")
    status: EntityStatus = strawberry.field(description="How far it has come.")
    description: str = strawberry.field(description="What it does, in its own words.")
    website: str = strawberry.field(description="Its address on the web; may be empty.")
    city: str = strawberry.field(description="Where it is; may be empty, as the next two.")
    region: str = strawberry.field(description="The region, county or state.")
    country: str = strawberry.field(description="The country.")

    @classmethod
    def of(cls, row: EntityRow) -> "Entity":
        """The row as clients see it."""
        return cls(
            id=encode_id(IdPrefix.ENTITY, row.id),
            row_id=row.id,
            name=row.name,
            status=row.status,
            description=row.description,
            website=row.website,
            city=row.city,
            region=row.region,
            country=row.country,
        )

    @strawberry.field(description="What it offers, by name.")
    async def offers(self, info: Info) -> list[Tag] | None:
        return await self._tags(info, TagKind.OFFER)

    @strawberry.field(description="What it wants, by name.")
    async def wants(self, info: Info) -> list[Tag] | None:
        return await self._tags(info, TagKind.WANT)

    @strawberry.field(description="The headings it is filed under, by name.")
    async def categories(self, info: Info) -> list[Category] | None:
        return list(map(Category.of, await info.context.loaders.categories.load(self.row_id)))

    @strawberry.field(description="Its account; null unless you are a member of the entity.")
    async def account(self, info: Info) -> Account | None:
        row = await info.context.loaders.accounts.load(self.row_id)
        return Account.of(row, unit=info.context.services.settings.unit) if row else None

    @strawberry.field(
        description="Its transfers, newest first; null unless you are a member of the entity."
    )
    async def transfers(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[
            TransferFilterInput | None, strawberry.argument(description="Only some of them.")
        ] = None,
    ) -> TransferConnection | None:
        return await load_transfers(
            info, self.row_id, filter, first=first, after=after, last=last, before=before
        )

    async def _tags(self, info: Info, kind: TagKind) -> list[Tag]:
        return list(map(Tag.of, await info.context.loaders.tags.load((self.row_id, kind))))


@strawberry.type(description="An entity in a list.")
class EntityEdge:
    cursor: str = strawberry.field(description="Its position, to go on from.")
    node: Entity = strawberry.field(description="The entity.")


@strawberry.type(description="A page of entities.")
class EntityConnection:
    name_prefix: strawberry.Private[str | None]
    edges: list[EntityEdge] = strawberry.field(description="The entities with their positions.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")

    @strawberry.field(description="The entities alone.")
    def nodes(self) -> list[Entity]:
        return [edge.node for edge in self.edges]

    @strawberry.field(description="How many there are on all pages; counted when asked for.")
    async def total_count(self, info: Info) -> int | None:
        async with info.context.database.reading() as session:
            return await queries.count_listed(session, name_prefix=self.name_prefix)

    @classmethod
    def of(cls, page: Page[EntityRow], *, name_prefix: str | None) -> "EntityConnection":
        """The page as clients see it."""
        edges = [
            EntityEdge(
                cursor=cursors.encode_cursor(CURSOR, row.sort_name, row.id), node=Entity.of(row)
            )
            for row in page.rows
        ]
        return cls(
            name_prefix=name_prefix,
            edges=edges,
            page_info=page_info(page, edge_cursors=[edge.cursor for edge in edges]),
        )


async def load_entity(info: Info, id_: UUID) -> Entity | None:
    """The entity, if there is one that the viewer may see."""
    row = await info.context.loaders.entities.load(id_)
    return Entity.of(row) if row else None
