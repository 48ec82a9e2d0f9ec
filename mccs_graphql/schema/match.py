"""Matches: who wants what an entity offers and offers what it wants."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from mccs_graphql.db.models import TagKind
from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.directory.likeness import MatchQuality
from mccs_graphql.domain.directory.matching import Match, Matches, Matching, Reason, find_matches
from mccs_graphql.domain.visibility import may_see_matches
from mccs_graphql.schema import cursors
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.pages import PageInfo, page_info, window_of

if TYPE_CHECKING:
    from mccs_graphql.schema.entity import Entity

CURSOR_READERS = (cursors.text, cursors.text, cursors.identity)

LazyEntity = Annotated["Entity", strawberry.lazy("mccs_graphql.schema.entity")]


@strawberry.type(
    description="A tag of the entity's own, and one of the other's that is like it.",
    directives=[access(HOLDER)],
)
class MatchReason:
    kind: TagKind = strawberry.field(description="Whether the other entity offers or wants it.")
    own: str = strawberry.field(description="The entity's own tag.")
    tag: str = strawberry.field(description="The other's tag.")
    quality: MatchQuality = strawberry.field(description="How like the two tags are.")

    @classmethod
    def of(cls, reason: Reason) -> "MatchReason":
        """The reason as clients see it."""
        return cls(kind=reason.kind, own=reason.own, tag=reason.tag, quality=reason.quality)


@strawberry.type(description="A match in a list.", directives=[access(HOLDER)])
class MatchEdge:
    matching: strawberry.Private[Matching]
    cursor: str = strawberry.field(description="Its position, to go on from.")
    node: LazyEntity = strawberry.field(description="The entity that matches.")
    mutual: bool = strawberry.field(
        description="Whether it both offers what is wanted and wants what is offered; of what is "
        "new, if only new matches were asked for."
    )

    @strawberry.field(description="Why it matches, the best reason first.")
    async def reasons(self, info: Info) -> list[MatchReason] | None:
        return await load_reasons(info, self.matching, self.node.row.id)


@strawberry.type(description="A page of matches.", directives=[access(HOLDER)])
class MatchConnection:
    edges: list[MatchEdge] = strawberry.field(description="The matches with their positions.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")

    @strawberry.field(description="The entities alone.")
    def nodes(self) -> list[LazyEntity]:
        return [edge.node for edge in self.edges]

    @classmethod
    def of(cls, found: Matches, *, kind: str) -> "MatchConnection":
        """The matches as clients see them, with cursors of this kind."""
        edges = [_edge(match, found.matching, kind=kind) for match in found.page.rows]
        return cls(
            edges=edges,
            page_info=page_info(found.page, edge_cursors=[edge.cursor for edge in edges]),
        )


async def load_matches(
    info: Info,
    entity_id: UUID,
    *,
    since: datetime | None,
    list_name: str,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
) -> MatchConnection | None:
    """A page of an entity's matches, for its members. Cursors are good for this list only."""
    kind = f"{list_name}:{entity_id}"
    window = window_of(kind, *CURSOR_READERS, first=first, after=after, last=last, before=before)
    if not may_see_matches(info.context.viewer, entity_id):
        return None
    async with info.context.database.reading() as session:
        found = await find_matches(session, entity_id, since=since, window=window)
    return MatchConnection.of(found, kind=kind)


async def load_reasons(info: Info, matching: Matching, other_id: UUID) -> list[MatchReason]:
    """Why another entity matches, by the tags that it carries now."""
    keys = [(other_id, kind) for kind in TagKind]
    lists = await info.context.loaders.tags.load_many(keys)
    reasons = matching.reasons(carried for tags in lists for carried in tags)
    return list(map(MatchReason.of, reasons))


def _edge(match: Match, matching: Matching, *, kind: str) -> MatchEdge:
    from mccs_graphql.schema.entity import Entity  # noqa: PLC0415 - entities list matches

    return MatchEdge(
        matching=matching,
        cursor=cursors.encode_cursor(kind, *match.position),
        node=Entity.of(match.entity),
        mutual=match.mutual,
    )
