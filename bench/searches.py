"""Labelled searches for tags, and how many of them find what was meant."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Tag
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.db.queries.vocabulary import PHRASES_MAX
from mccs_graphql.domain.directory.tags import parse_tag
from mccs_graphql.domain.directory.vocabulary import find_tags

WORDS = Path(__file__).parent / "words"
PLACES = 10

STRANGERS = "strangers"
"""The category of searches with tags that should not be found."""
NEIGHBOURS = "neighbours"
"""The category of searches with tags that should not be found first."""


@dataclass(frozen=True)
class Search:
    """What is typed, and the tags that are labelled: in most categories those that are meant."""

    category: str
    query: str
    tags: frozenset[str]


@dataclass(frozen=True)
class Outcome:
    """A search, and the tags that it found, the best first."""

    search: Search
    found: Sequence[str]

    @property
    def is_meant(self) -> bool:
        """Whether the labelled tags are those to be found."""
        return self.search.category not in {STRANGERS, NEIGHBOURS}

    @property
    def recalled(self) -> frozenset[str]:
        """The labelled tags among the first ten."""
        return self.search.tags.intersection(self.found[:PLACES])

    @property
    def is_first(self) -> bool:
        """Whether a labelled tag came first."""
        return bool(self.search.tags.intersection(self.found[:1]))

    @property
    def wrong(self) -> frozenset[str]:
        """What was found against the label."""
        if self.search.category == STRANGERS:
            return self.search.tags.intersection(self.found)
        if self.search.category == NEIGHBOURS:
            return self.search.tags.intersection(self.found[:1])
        return frozenset()


@dataclass(frozen=True)
class Shares:
    """How good outcomes are, in shares from 0 to 1.

    ``recall``: of the tags that are meant, those among the first ten. ``first``: of the searches
    for them, those that begin with one. ``wrong``: of the tags that should not be found, or not
    first, those that are.
    """

    recall: float
    first: float
    wrong: float


BARS = Shares(recall=0.95, first=0.9, wrong=0.05)
"""``recall`` and ``first`` have to reach theirs, ``wrong`` must not pass it."""


def vocabulary() -> list[str]:
    """The tags of the made-up community, each once."""
    groups = tomllib.loads((WORDS / "vocabulary.toml").read_text("utf-8")).values()
    written = (tag for group in groups for tag in group.replace("\n", ",").split(","))
    return list(dict.fromkeys(parse_tag(tag) for tag in written if tag.strip()))


def searches() -> list[Search]:
    """The labelled searches."""
    categories = tomllib.loads((WORDS / "queries.toml").read_text("utf-8"))
    return [
        Search(category, query, frozenset(map(parse_tag, tags)))
        for category, queries in categories.items()
        for query, tags in queries.items()
    ]


async def fill(session: AsyncSession) -> None:
    """Add the vocabulary to a database that has no tag."""
    await session.execute(insert(Tag), [{"id": uuid7(), "name": name} for name in vocabulary()])
    await session.execute(text("ANALYZE tags"))


async def evaluate(session: AsyncSession) -> list[Outcome]:
    """Run every labelled search in the vocabulary."""
    asked = searches()
    outcomes = []
    for start in range(0, len(asked), PHRASES_MAX):
        some = asked[start : start + PHRASES_MAX]
        found = await find_tags(session, [search.query for search in some])
        outcomes += [
            Outcome(search, [hit.name for hit in hits])
            for search, hits in zip(some, found, strict=True)
        ]
    return outcomes


def shares(outcomes: Iterable[Outcome]) -> Shares:
    """How good all these are together."""
    outcomes = list(outcomes)
    meant = [one for one in outcomes if one.is_meant]
    others = [one for one in outcomes if not one.is_meant]
    return Shares(
        recall=_share([(len(one.recalled), len(one.search.tags)) for one in meant]),
        first=_share([(one.is_first, 1) for one in meant]),
        wrong=_share([(len(one.wrong), len(one.search.tags)) for one in others]),
    )


def passes(found: Shares) -> bool:
    """Whether the bars are held."""
    return found.recall >= BARS.recall and found.first >= BARS.first and found.wrong <= BARS.wrong


def _share(counts: Sequence[tuple[int, int]]) -> float:
    """Of pairs of a part and its whole; not a number if there are none."""
    whole = sum(of for _, of in counts)
    return sum(part for part, _ in counts) / whole if whole else nan
