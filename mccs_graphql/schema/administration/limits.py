"""Default limits as admins see them, and what a new one would mean."""

from datetime import datetime
from uuid import UUID

import strawberry

from mccs_graphql.db.models import Entity as EntityRow
from mccs_graphql.db.models import EntityStatus
from mccs_graphql.db.queries.keyset import Page
from mccs_graphql.db.queries.limits import Followers, count_followers, page_of_followers
from mccs_graphql.domain.access import ADMINISTER, INSPECT
from mccs_graphql.domain.administration import default_limits as domain
from mccs_graphql.schema import cursors
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import Entity
from mccs_graphql.schema.limits import Limits
from mccs_graphql.schema.pages import (
    After,
    Before,
    First,
    Last,
    PageInfo,
    page_info,
    window_of,
)
from mccs_graphql.schema.people import NamedUser, load_named


@strawberry.type(description="What members of a status start with.", directives=[access(INSPECT)])
class DefaultLimits:
    admin_id: strawberry.Private[UUID | None]
    status: EntityStatus = strawberry.field(description="Of whom.")
    limits: Limits = strawberry.field(description="The limits.")
    changed_at: datetime | None = strawberry.field(
        description="Since when; null if they are still those of the settings."
    )
    reason: str | None = strawberry.field(description="Why, in the admin's own words.")

    @strawberry.field(description="The admin who set them.")
    async def changed_by(self, info: Info) -> NamedUser | None:
        return await load_named(info, self.admin_id)

    @classmethod
    def of(cls, value: domain.DefaultLimits) -> "DefaultLimits":
        """As clients see them."""
        row = value.row
        return cls(
            admin_id=row.changed_by if row else None,
            status=value.status,
            limits=Limits.of(value.limits),
            changed_at=row.changed_at if row else None,
            reason=row.reason if row else None,
        )


@strawberry.type(description="An entity in a list.", directives=[access(ADMINISTER)])
class FollowerEdge:
    cursor: str = strawberry.field(description="Its position, to go on from.")
    node: Entity = strawberry.field(description="The entity.")


@strawberry.type(
    description="A page of entities that would follow a new default, in the order in which they "
    "joined.",
    directives=[access(ADMINISTER)],
)
class FollowerConnection:
    wanted: strawberry.Private[Followers]
    edges: list[FollowerEdge] = strawberry.field(description="The entities with their positions.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")

    @strawberry.field(description="The entities alone.")
    def nodes(self) -> list[Entity]:
        return [edge.node for edge in self.edges]

    @strawberry.field(description="How many there are on all pages; counted when asked for.")
    async def total_count(self, info: Info) -> int | None:
        async with info.context.database.reading() as session:
            return await count_followers(session, self.wanted)

    @classmethod
    def of(cls, page: Page[EntityRow], wanted: Followers) -> "FollowerConnection":
        """The page as clients see it."""
        edges = [
            FollowerEdge(cursor=cursors.encode_cursor(_kind(wanted), row.id), node=Entity.of(row))
            for row in page.rows
        ]
        return cls(
            wanted=wanted,
            edges=edges,
            page_info=page_info(page, edge_cursors=[edge.cursor for edge in edges]),
        )


@strawberry.type(
    description="What a new default would mean for those who are there. Nothing is changed.",
    directives=[access(ADMINISTER)],
)
class DefaultLimitsPreview:
    value: strawberry.Private[domain.Preview]

    @strawberry.field(
        description="Members of the status whose limits are those of the default so far: "
        "ALL_AT_DEFAULT takes them along."
    )
    async def following(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> FollowerConnection | None:
        return await _load(
            info, self.value.following, first=first, after=after, last=last, before=before
        )

    @strawberry.field(description="Those of them whose balance lies outside of the new limits.")
    async def out_of_range(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> FollowerConnection | None:
        return await _load(
            info, self.value.out_of_range, first=first, after=after, last=last, before=before
        )


async def _load(
    info: Info,
    wanted: Followers,
    *,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
) -> FollowerConnection:
    window = window_of(
        _kind(wanted), cursors.identity, first=first, after=after, last=last, before=before
    )
    async with info.context.database.reading() as session:
        page = await page_of_followers(session, wanted, window)
    return FollowerConnection.of(page, wanted)


def _kind(wanted: Followers) -> str:
    """Of the cursors: they are positions in no other list."""
    return f"followers:{wanted.status}:{wanted.limits}:{wanted.beyond}"
