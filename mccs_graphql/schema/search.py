"""Looking for entities: what is asked, and why each of those found was found."""

from datetime import datetime
from hashlib import blake2b
from uuid import UUID

import strawberry

from mccs_graphql.db.models import TagKind
from mccs_graphql.db.queries.conditions import Conditions, count
from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.directory.likeness import MatchQuality
from mccs_graphql.domain.directory.search import Found, LookedUp
from mccs_graphql.domain.directory.wanted import (
    PHRASES_MAX,
    TEXT_WORDS_MAX,
    EntityOrder,
    MatchKind,
    Wanted,
)
from mccs_graphql.schema import cursors
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import Entity
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.pages import PageInfo, page_info
from mccs_graphql.schema.scalars import refuse

_PHRASES = (
    f"1 to {PHRASES_MAX} phrases such as `organic vegetables`, of which one is enough: the same "
    "tag, one that begins so or has it inside, or one that differs by a slip of the pen."
)


@strawberry.input(
    description="Which entities; all that is said has to hold, what is not said does not matter."
)
class EntityFilterInput:
    offers: list[str] | None = strawberry.field(
        default=None, description=f"What they offer. {_PHRASES}"
    )
    wants: list[str] | None = strawberry.field(
        default=None, description=f"What they want. {_PHRASES}"
    )
    tagged_since: datetime | None = strawberry.field(
        default=None,
        description="Only if they offer or want what was found since this moment; needs `offers` "
        "or `wants`.",
    )
    text: str | None = strawberry.field(
        default=None,
        description=f"At most {TEXT_WORDS_MAX} words, each of which stands in the name or the "
        "description: the same word, one that begins so or has it inside, or one that differs by a "
        "slip of the pen.",
    )
    category: str | None = strawberry.field(
        default=None, description="Only those under the heading with this `slug`."
    )
    city: str | None = strawberry.field(
        default=None, description="Only there; letter case and accents do not count."
    )
    region: str | None = strawberry.field(
        default=None, description="Only there; letter case and accents do not count."
    )
    country: str | None = strawberry.field(
        default=None, description="Only there; letter case and accents do not count."
    )
    name_prefix: str | None = strawberry.field(
        default=None,
        description="Only names that begin so; letter case, accents and punctuation do not count.",
    )
    favorites_only: bool = strawberry.field(
        default=False, description="Only favourites of the entity that you act for."
    )
    acting_for: strawberry.ID | None = strawberry.field(
        default=None, description="The entity you act for, whose favourites are meant."
    )

    def to_wanted(self, order: EntityOrder) -> Wanted:
        """As the domain takes it."""
        if self.favorites_only and self.acting_for is None:
            refuse("Say by `actingFor` whose favourites are meant.")
        if self.tagged_since and self.offers is None and self.wants is None:
            refuse("`taggedSince` needs `offers` or `wants`.")
        return Wanted(
            offers=None if self.offers is None else tuple(self.offers),
            wants=None if self.wants is None else tuple(self.wants),
            tagged_since=self.tagged_since,
            text=self.text,
            category=self.category,
            city=self.city,
            region=self.region,
            country=self.country,
            name_prefix=self.name_prefix,
            favorites_of=self._favorites_of(),
            order=order,
        )

    def _favorites_of(self) -> UUID | None:
        if not self.favorites_only or self.acting_for is None:
            return None
        return id_of(IdPrefix.ENTITY, self.acting_for)


@strawberry.type(description="Why an entity was found.", directives=[access(HOLDER)])
class Match:
    tag: str = strawberry.field(description="The tag, or the word of the name or description.")
    kind: MatchKind = strawberry.field(description="Where it stands.")
    quality: MatchQuality = strawberry.field(description="How like it is to what was looked for.")


@strawberry.type(description="An entity in a list.", directives=[access(HOLDER)])
class EntityEdge:
    looked_up: strawberry.Private[LookedUp]
    cursor: str = strawberry.field(description="Its position, to go on from.")
    node: Entity = strawberry.field(description="The entity.")

    @strawberry.field(
        description="Why it was found, the best reason first; empty if no words were looked for."
    )
    async def matches(self, info: Info) -> list[Match] | None:
        found = [
            *await self._tags(info, TagKind.OFFER, MatchKind.OFFER),
            *await self._tags(info, TagKind.WANT, MatchKind.WANT),
            *await self._words(info),
        ]
        qualities, kinds = list(MatchQuality), list(MatchKind)
        return sorted(
            found,
            key=lambda match: (qualities.index(match.quality), kinds.index(match.kind), match.tag),
        )

    async def _tags(self, info: Info, kind: TagKind, shown: MatchKind) -> list[Match]:
        likes = self.looked_up.likes(kind)
        if not likes:
            return []
        carried = await info.context.loaders.tags.load((self.node.row.id, kind))
        return [
            Match(tag=tag.name, kind=shown, quality=likes[tag.tag_id].quality)
            for tag in carried
            if tag.tag_id in likes
        ]

    async def _words(self, info: Info) -> list[Match]:
        likes = self.looked_up.word_likes
        if not likes:
            return []
        terms = await info.context.loaders.terms.load(self.node.row.id)
        return [
            Match(tag=word, kind=kind, quality=likeness.quality)
            for word, likeness in likes.items()
            if (kind := _place_of(word, terms)) is not None
        ]


def _place_of(word: str, terms: frozenset[str]) -> MatchKind | None:
    """Where a word stands; a word of the name is in both terms."""
    places = (MatchKind.NAME, MatchKind.DESCRIPTION)
    return next((place for place in places if f"{place}:{word}" in terms), None)


@strawberry.type(description="A page of entities.", directives=[access(HOLDER)])
class EntityConnection:
    conditions: strawberry.Private[Conditions]
    edges: list[EntityEdge] = strawberry.field(description="The entities with their positions.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")

    @strawberry.field(description="The entities alone.")
    def nodes(self) -> list[Entity]:
        return [edge.node for edge in self.edges]

    @strawberry.field(description="How many there are on all pages; counted when asked for.")
    async def total_count(self, info: Info) -> int | None:
        async with info.context.database.reading() as session:
            return await count(session, self.conditions)

    @classmethod
    def of(cls, found: Found, *, kind: str) -> "EntityConnection":
        """What was found, as clients see it, with cursors of this kind."""
        edges = [
            EntityEdge(
                looked_up=found.looked_up,
                cursor=cursors.encode_cursor(kind, *position),
                node=Entity.of(row),
            )
            for row, position in zip(found.page.rows, found.positions, strict=True)
        ]
        return cls(
            conditions=found.conditions,
            edges=edges,
            page_info=page_info(found.page, edge_cursors=[edge.cursor for edge in edges]),
        )


def cursor_kind(wanted: Wanted) -> str:
    """What cursors of this search are marked with: they are positions in no other list."""
    return f"entities:{blake2b(repr(wanted).encode(), digest_size=8).hexdigest()}"


def cursor_readers(wanted: Wanted) -> tuple[cursors.Reader, ...]:
    """How the positions of this search are read."""
    if wanted.by_relevance:
        return cursors.text, cursors.text, cursors.identity
    if wanted.order is EntityOrder.NEWEST:
        return cursors.moment, cursors.identity
    return cursors.text, cursors.identity
