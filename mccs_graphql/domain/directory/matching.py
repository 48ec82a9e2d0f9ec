"""Who offers what an entity wants, and wants what it offers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Entity, TagKind
from mccs_graphql.db.queries import kin
from mccs_graphql.db.queries.keyset import Page, Position, Window
from mccs_graphql.db.queries.kin import AlikeTag
from mccs_graphql.db.queries.matches import page_of_matches
from mccs_graphql.db.queries.ranking import EVER, Rank
from mccs_graphql.db.queries.tags import CarriedTag
from mccs_graphql.domain.directory.likeness import MatchQuality
from mccs_graphql.domain.directory.relevance import slot_window

_QUALITIES = list(MatchQuality)
_OPPOSITE = {TagKind.OFFER: TagKind.WANT, TagKind.WANT: TagKind.OFFER}
_GROUPS = {TagKind.WANT: 0, TagKind.OFFER: 1}
_MUTUAL, _ONE_SIDED = "0", "1"


@dataclass(frozen=True)
class Reason:
    """A tag of one's ``own`` and one of the other's, which that one carries as ``kind``."""

    kind: TagKind
    own: str
    tag: str
    quality: MatchQuality


@dataclass(frozen=True)
class Ranking:
    """The tags that match, the best one first, and the keys of all slots."""

    ranks: Sequence[Rank]
    keys: Sequence[str]


@dataclass(frozen=True)
class Matching:
    """What the tags of an entity match; with ``since`` only what is new since that moment.

    Something is new if either of the two began to carry its tag since then.
    """

    alike: Sequence[AlikeTag]
    since: datetime = EVER

    def reasons(self, carried: Iterable[CarriedTag]) -> list[Reason]:
        """Why these tags of another entity match, the best reason first."""
        found = [
            Reason(tag.kind, own.own, tag.name, MatchQuality(own.quality))
            for tag in carried
            for own in self._by_match.get((tag.kind, tag.tag_id), ())
            if max(own.since, tag.since) >= self.since
        ]
        return sorted(
            found,
            key=lambda one: (_QUALITIES.index(one.quality), one.kind.value, one.tag, one.own),
        )

    def ranking(self) -> Ranking:
        """Those who carry something of both kinds first, then by likeness, tag and kind.

        The place of a tag depends on it and on the tag it is like, so cursors outlive the others.
        """
        ranks = dict(sorted((_key(match, own), match) for match, own in self._by_match.items()))
        placed = [self._rank(*match) for match in ranks.values()]
        keys = [f"{turn}{key}" for turn in (_MUTUAL, _ONE_SIDED) for key in ranks]
        return Ranking(placed, keys)

    @cached_property
    def _by_match(self) -> Mapping[tuple[TagKind, UUID], list[AlikeTag]]:
        """The own tags that each tag of others matches, by kind and id."""
        by_match: dict[tuple[TagKind, UUID], list[AlikeTag]] = {}
        for own in self.alike:
            by_match.setdefault((_OPPOSITE[own.kind], own.tag_id), []).append(own)
        return by_match

    def _rank(self, kind: TagKind, tag_id: UUID) -> Rank:
        new = any(own.since >= self.since for own in self._by_match[kind, tag_id])
        return Rank(kind, tag_id, group=_GROUPS[kind], since=EVER if new else self.since)


@dataclass(frozen=True)
class Match:
    """An entity that matches, whether both ways, and the position for its cursor."""

    entity: Entity
    mutual: bool
    position: Position


@dataclass(frozen=True)
class Matches:
    """A page of matches, and what they are matched by."""

    page: Page[Match]
    matching: Matching


async def read_matching(
    session: AsyncSession, entity_id: UUID, *, since: datetime | None = None
) -> Matching:
    """What the tags that the entity carries now match."""
    return Matching(await kin.alike_to_those_of(session, entity_id), since=since or EVER)


async def find_matches(
    session: AsyncSession, entity_id: UUID, *, since: datetime | None, window: Window
) -> Matches:
    """The listed entities that match. Positions are (key, sort_name, id)."""
    matching = await read_matching(session, entity_id, since=since)
    ranking = matching.ranking()
    positioned = slot_window(ranking.keys, window)
    page = await page_of_matches(session, entity_id, ranking.ranks, positioned)
    rows = [_match(ranking.keys[hit.slot], hit.entity) for hit in page.rows]
    found = Page(rows, has_next=page.has_next, has_previous=page.has_previous)
    return Matches(found, matching)


def _match(key: str, entity: Entity) -> Match:
    return Match(entity, key.startswith(_MUTUAL), (key, entity.sort_name, entity.id))


def _key(match: tuple[TagKind, UUID], own: Sequence[AlikeTag]) -> str:
    best = min(_QUALITIES.index(MatchQuality(one.quality)) for one in own)
    return f"{best}{own[0].tag} {match[0]}"
