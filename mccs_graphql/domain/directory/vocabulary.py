"""Finds tags and words by what somebody typed, however it is spelled."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.queries import vocabulary as queries
from mccs_graphql.domain.directory.likeness import Likeness, likeness

TAGS_MAX_PER_PHRASE = 30
WORDS_MAX_PER_PHRASE = 30


class _Candidate(Protocol):
    @property
    def place(self) -> int: ...
    @property
    def phrase(self) -> str: ...
    @property
    def folded(self) -> str: ...
    @property
    def name(self) -> str: ...


Candidate = TypeVar("Candidate", bound=_Candidate)
Match = tuple[Likeness, Candidate]


@dataclass(frozen=True)
class TagHit:
    """A tag, and how like it is to the phrase it was found by."""

    tag_id: UUID
    name: str
    likeness: Likeness
    curated: bool


@dataclass(frozen=True)
class WordHit:
    """A word of names and descriptions, and how like it is to the one it was found by."""

    word: str
    likeness: Likeness


async def find_tags(session: AsyncSession, phrases: Sequence[str]) -> list[list[TagHit]]:
    """The tags that are like each phrase, the best first; equally good ones by name.

    Which of two comes first depends on the phrase and on these two alone. At most
    ``PHRASES_MAX`` phrases are looked up, and ``TAGS_MAX_PER_PHRASE`` tags found for each.
    """
    matches = _matches(await queries.tags_alike(session, phrases), len(phrases))
    return [
        [
            TagHit(tag.id, tag.name, likeness, tag.curated)
            for likeness, tag in found[:TAGS_MAX_PER_PHRASE]
        ]
        for found in matches
    ]


async def find_words(session: AsyncSession, words: Sequence[str]) -> list[list[WordHit]]:
    """The words of names and descriptions that are like each word, as ``find_tags`` does it."""
    matches = _matches(await queries.words_alike(session, words), len(words))
    return [
        [WordHit(word.name, likeness) for likeness, word in found[:WORDS_MAX_PER_PHRASE]]
        for found in matches
    ]


def _matches(candidates: Iterable[Candidate], phrases: int) -> list[list[Match[Candidate]]]:
    """What is alike, for each phrase and in order."""
    matches: list[list[Match[Candidate]]] = [[] for _ in range(phrases)]
    for candidate, alike in _alike(candidates):
        matches[candidate.place - 1].append((alike, candidate))
    for found in matches:
        found.sort(key=lambda match: (match[0].rank, match[1].name))
    return matches


def _alike(candidates: Iterable[Candidate]) -> Iterator[tuple[Candidate, Likeness]]:
    for candidate in candidates:
        alike = likeness(candidate.phrase, candidate.folded)
        if alike:
            yield candidate, alike
