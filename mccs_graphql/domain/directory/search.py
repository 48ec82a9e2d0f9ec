"""Searching the directory: phrases become tags, words become terms, these a page of entities."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Entity, TagKind
from mccs_graphql.db.queries import search as queries
from mccs_graphql.db.queries.conditions import Conditions
from mccs_graphql.db.queries.keyset import Page, Position, Window
from mccs_graphql.domain.access import READ
from mccs_graphql.domain.directory.likeness import Likeness
from mccs_graphql.domain.directory.relevance import Ranking, rank_tags, rank_words, slot_window
from mccs_graphql.domain.directory.vocabulary import TagHit, WordHit, find_tags, find_words
from mccs_graphql.domain.directory.wanted import EntityOrder, Wanted, require_searchable
from mccs_graphql.domain.errors import Unauthenticated
from mccs_graphql.domain.identity.viewer import Viewer

Key = TypeVar("Key")


@dataclass(frozen=True)
class LookedUp:
    """The tags and words of the community that are like what is wanted, phrase by phrase."""

    offers: Sequence[Sequence[TagHit]]
    wants: Sequence[Sequence[TagHit]]
    words: Sequence[Sequence[WordHit]]

    def likes(self, kind: TagKind) -> Mapping[UUID, Likeness]:
        """How like each tag of this kind is to one of the phrases."""
        return self._offers if kind is TagKind.OFFER else self._wants

    @cached_property
    def _offers(self) -> Mapping[UUID, Likeness]:
        return _likest((hit.tag_id, hit.likeness) for hits in self.offers for hit in hits)

    @cached_property
    def _wants(self) -> Mapping[UUID, Likeness]:
        return _likest((hit.tag_id, hit.likeness) for hits in self.wants for hit in hits)

    @cached_property
    def word_likes(self) -> Mapping[str, Likeness]:
        """How like each word is to one of those looked for."""
        return _likest((hit.word, hit.likeness) for hits in self.words for hit in hits)


@dataclass(frozen=True)
class Found:
    """A page of entities, and for each of them the position that its cursor is to keep."""

    page: Page[Entity]
    positions: Sequence[Position]
    conditions: Conditions
    looked_up: LookedUp


async def search(
    session: AsyncSession, viewer: Viewer | None, wanted: Wanted, window: Window
) -> Found:
    """A page of the listed entities that are wanted.

    Positions are (key, sort_name, id) when they come by relevance, else (sort_name, id), or
    (created_at, id) for the newest. Raises InvalidInput; Unauthenticated and Forbidden when the
    favourites are not the viewer's.
    """
    require_searchable(wanted)
    _require_own_favorites(viewer, wanted)
    looked_up = await _look_up(session, wanted)
    conditions = _conditions(wanted, looked_up)
    if wanted.by_relevance:
        return await _by_relevance(session, wanted, looked_up, conditions, window)
    return await _in_order(session, wanted.order, looked_up, conditions, window)


def _likest(found: Iterable[tuple[Key, Likeness]]) -> dict[Key, Likeness]:
    """The best likeness of each."""
    likest: dict[Key, Likeness] = {}
    for key, likeness in found:
        likest[key] = min(likest.get(key, likeness), likeness, key=lambda one: one.rank)
    return likest


def _require_own_favorites(viewer: Viewer | None, wanted: Wanted) -> None:
    if wanted.favorites_of is None:
        return
    if viewer is None:
        raise Unauthenticated
    viewer.require(READ, wanted.favorites_of)


async def _look_up(session: AsyncSession, wanted: Wanted) -> LookedUp:
    """One statement for all tags, one for all words; none for what is not asked."""
    offers, wants = wanted.offers or (), wanted.wants or ()
    tags = await find_tags(session, [*offers, *wants]) if offers or wants else []
    words = await find_words(session, wanted.words) if wanted.words else []
    return LookedUp(offers=tags[: len(offers)], wants=tags[len(offers) :], words=words)


def _conditions(wanted: Wanted, looked_up: LookedUp) -> Conditions:
    return Conditions(
        offers=None if wanted.offers is None else _ids(looked_up.offers),
        wants=None if wanted.wants is None else _ids(looked_up.wants),
        tagged_since=wanted.tagged_since,
        terms=tuple(tuple(f"text:{hit.word}" for hit in hits) for hits in looked_up.words),
        places=wanted.places,
        category=wanted.category,
        name_prefix=wanted.name_prefix or "",
        favorites_of=wanted.favorites_of,
    )


def _ids(found: Sequence[Sequence[TagHit]]) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(hit.tag_id for hits in found for hit in hits))


def _ranking(wanted: Wanted, looked_up: LookedUp) -> Ranking:
    """By offers if any are asked for, else by wants, else by words."""
    since = wanted.tagged_since
    if wanted.offers is not None:
        return rank_tags(TagKind.OFFER, looked_up.offers, since=since)
    if wanted.wants is not None:
        return rank_tags(TagKind.WANT, looked_up.wants, since=since)
    return rank_words(looked_up.words)


async def _by_relevance(
    session: AsyncSession,
    wanted: Wanted,
    looked_up: LookedUp,
    conditions: Conditions,
    window: Window,
) -> Found:
    ranking = _ranking(wanted, looked_up)
    page = await ranking.page(session, conditions, slot_window(ranking.keys, window))
    positions = [(ranking.keys[hit.slot], hit.entity.sort_name, hit.entity.id) for hit in page.rows]
    rows = [hit.entity for hit in page.rows]
    entities = Page(rows, has_next=page.has_next, has_previous=page.has_previous)
    return Found(entities, positions, conditions, looked_up)


async def _in_order(
    session: AsyncSession,
    order: EntityOrder,
    looked_up: LookedUp,
    conditions: Conditions,
    window: Window,
) -> Found:
    if order is EntityOrder.NEWEST:
        page = await queries.page_of_newest(session, conditions, window)
        positions = [(entity.created_at, entity.id) for entity in page.rows]
        return Found(page, positions, conditions, looked_up)
    page = await queries.page_by_name(session, conditions, window)
    return Found(page, [(row.sort_name, row.id) for row in page.rows], conditions, looked_up)
