"""In which order what was found is shown: rankings whose places do not depend on one another."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, product
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import TagKind
from mccs_graphql.db.queries.conditions import Conditions
from mccs_graphql.db.queries.keyset import Page, Window
from mccs_graphql.db.queries.ranking import EVER, FIRST, LAST, Hit, Rank, group_count, page_by_tags
from mccs_graphql.db.queries.search import Tier, page_by_words
from mccs_graphql.domain.directory.likeness import MatchQuality
from mccs_graphql.domain.directory.vocabulary import TagHit, WordHit

_WORST = (MatchQuality.EXACT, MatchQuality.INSIDE, MatchQuality.SIMILAR)
"""The worst quality of a tier of words; in each, what stands in the name comes first."""
_PARTS = ("name", "text")


class Ranking(Protocol):
    """An order of relevance. A page's positions are (key, sort_name, id).

    A key stays what it is while tags come and go, so a cursor that keeps it stays good.
    """

    @property
    def keys(self) -> Sequence[str]:
        """The keys of all slots, in their order."""

    async def page(
        self, session: AsyncSession, conditions: Conditions, window: Window
    ) -> Page[Hit]:
        """A page; positions are (slot, sort_name, id)."""


@dataclass(frozen=True)
class TagRanking:
    """By the likeness of the tags that the entities carry; so these need no condition."""

    kind: TagKind
    ranks: Sequence[Rank]
    keys: Sequence[str]

    async def page(
        self, session: AsyncSession, conditions: Conditions, window: Window
    ) -> Page[Hit]:
        if self.kind is TagKind.OFFER:
            others = replace(conditions, offers=None)
        else:
            others = replace(conditions, wants=None)
        return await page_by_tags(session, self.ranks, others, window)


@dataclass(frozen=True)
class WordRanking:
    """By the likeness of the words in names and descriptions; so these need no condition."""

    tiers: Sequence[Tier]
    keys: Sequence[str]

    async def page(
        self, session: AsyncSession, conditions: Conditions, window: Window
    ) -> Page[Hit]:
        return await page_by_words(session, self.tiers, replace(conditions, terms=()), window)


def rank_tags(
    kind: TagKind, found: Sequence[Sequence[TagHit]], *, since: datetime | None
) -> TagRanking:
    """Rank the tags that were found for each phrase: the likest first, then by phrase and name."""
    ranks = {
        _tag_key(hit, phrase): Rank(kind, hit.tag_id, group=phrase, since=since or EVER)
        for phrase, hits in enumerate(found)
        for hit in hits
    }
    placed = sorted(ranks)
    keys = [f"{turn}{key}" for turn in range(2) for key in placed]
    ranking = [ranks[key] for key in placed]
    return TagRanking(kind, ranking, keys if group_count(ranking) > 1 else keys[: len(placed)])


def _tag_key(hit: TagHit, phrase: int) -> str:
    quality, distance = hit.likeness.rank
    return f"{quality}{distance:03}{phrase:02}{hit.name}"


def rank_words(found: Sequence[Sequence[WordHit]]) -> WordRanking:
    """Tiers of words: the exact ones, those that have them inside, the similar ones."""
    tiers: list[Tier] = []
    known: set[str] = set()
    for worst, part in product(_WORST, _PARTS):
        groups = tuple(_terms(part, hits, worst=worst) for hits in found)
        terms = set(chain.from_iterable(groups))
        tiers.append(Tier(groups, fresh=tuple(sorted(terms - known)) if all(groups) else ()))
        known |= terms
    return WordRanking(tiers, [str(number) for number in range(len(tiers))])


def _terms(part: str, hits: Sequence[WordHit], *, worst: MatchQuality) -> tuple[str, ...]:
    qualities = list(MatchQuality)
    limit = qualities.index(worst)
    return tuple(
        f"{part}:{hit.word}" for hit in hits if qualities.index(hit.likeness.quality) <= limit
    )


def slot_window(keys: Sequence[str], window: Window) -> Window:
    """The window with the slot of its position's key; a key that is gone is between two slots."""
    if window.position is None:
        return window
    key, *edge = window.position
    slot = bisect_left(keys, str(key))
    if slot < len(keys) and keys[slot] == key:
        return replace(window, position=(slot, *edge))
    if window.backward:
        return replace(window, position=(slot - 1, *LAST))
    return replace(window, position=(slot, *FIRST))
