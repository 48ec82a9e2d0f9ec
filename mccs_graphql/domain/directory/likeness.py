"""How like a tag, or another word of the directory, is to what somebody typed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

LENGTH_MAX = 100
"""Characters that are looked at; tags and words are shorter, what is typed may be anything."""

LETTERS_OF_TWO_SLIPS = 6
LETTERS_OF_ANY_SLIP = 8
"""The shorter of two words has at least so many letters if two of them, or also the first one, may
be mistyped."""

SHORT = 3
"""Letters that do not say enough to be looked for in the middle of a word, or to guess by."""

PLURALS = (
    (re.compile(r"ies\Z"), "y"),
    (re.compile(r"ves\Z"), "f"),
    (re.compile(r"ves\Z"), "fe"),
    (re.compile(r"(?<=[hosxz])es\Z"), ""),
    (re.compile(r"(?<!s)s\Z"), ""),
)
"""English endings, and what they are in the singular."""
TRADES = ("ers", "er", "ing", "ings")
"""English endings of those who do something, and of what they do."""

SAME_NUMBER = 97
"""Score of a plural for its singular, and the other way round."""
UNFINISHED = 90
"""Score of a word for its beginning."""
INSIDE_WORD = 75
"""Score of a word for its middle or its end."""
SAME_TRADE = 75
"""Score of gardening for gardener, and the other way round."""
JOINED_MAX = 98
"""Score of words for the same letters with other gaps."""

WORDS_KEPT = 8192
"""Results that are remembered of each function that is asked the same again and again."""


class MatchQuality(StrEnum):
    """The ways to be alike, the best one first."""

    EXACT = "exact"
    PREFIX = "prefix"
    INSIDE = "inside"
    SIMILAR = "similar"


_PLACES = {quality: place for place, quality in enumerate(MatchQuality)}


@dataclass(frozen=True)
class Likeness:
    """In which way two texts are alike, and how much: ``score`` is 0 to 100, more is closer."""

    quality: MatchQuality
    score: int

    @property
    def rank(self) -> tuple[int, int]:
        """Sorts the best first."""
        return _PLACES[self.quality], 100 - self.score


def likeness(query: str, word: str) -> Likeness | None:
    """How like ``word`` is to ``query``, or None. Both are as SQL ``spaced()`` gives them.

    Depends on these two alone, so that an order made of it stays when other words come and go.
    Only the first ``LENGTH_MAX`` characters count.
    """
    query, word = query[:LENGTH_MAX], word[:LENGTH_MAX]
    asked, found = query.split(), word.split()
    if query == word or (asked and sorted(asked) == sorted(found)):
        return Likeness(MatchQuality.EXACT, _closeness(query, word))
    if not asked or not found:
        return None
    if word.startswith(query):
        return Likeness(MatchQuality.PREFIX, _score_inside(asked, found, fuzz.ratio(query, word)))
    if all(_occurs(part, word) for part in asked):
        closeness = fuzz.token_sort_ratio(query, word)
        return Likeness(MatchQuality.INSIDE, _score_inside(asked, found, closeness))
    score = max(_score_similar(asked, found), _score_joined(asked, found))
    return Likeness(MatchQuality.SIMILAR, score) if score else None


def same_word(one: str, other: str) -> bool:
    """Whether two words are the same but for singular and plural, in English."""
    return not _forms(one).isdisjoint(_forms(other))


def _closeness(query: str, word: str) -> int:
    """Whole texts compared, where another order of the same words is worth a little less."""
    return round((fuzz.ratio(query, word) + 3 * fuzz.token_sort_ratio(query, word)) / 4)


def _occurs(part: str, word: str) -> bool:
    """Few Latin letters are in too many words, unless these begin with them."""
    if len(part) < SHORT and part.isascii():
        return f" {part}" in f" {word}"
    return part in word


def _score_inside(asked: list[str], found: list[str], closeness: float) -> int:
    """Whole words first, then beginnings of words, then the rest; the shorter tag first in each."""
    if "".join(asked) == "".join(found):
        return JOINED_MAX
    wholeness = sum(max(_wholeness(part, word) for word in found) for part in asked)
    return round((wholeness / len(asked) * 100 + closeness) / 3)


def _wholeness(part: str, word: str) -> int:
    if not _forms(part).isdisjoint(_forms(word)):
        return 2
    return int(word.startswith(part))


def _score_joined(asked: list[str], found: list[str]) -> int:
    """For the same letters with other gaps: book keeping, bookkeeping. 0 if they are not."""
    if len(asked) == len(found):
        return 0
    return min(_score_mistyped("".join(asked), "".join(found)), JOINED_MAX)


def _score_similar(asked: list[str], found: list[str]) -> int:
    """For all that is asked for in the words of the tag, or all of the tag in what is asked for.

    The latter is how "fresh bread" finds bread, but neither fresh pasta nor bread ovens. As much
    is guessed then already, each word has to be there as it is.
    """
    scores = [max(_score_word(part, word) for word in found) for part in asked]
    if not any(scores):
        return 0
    if not all(scores):
        scores = [max(_score_same(part, word) for word in found) for part in asked]
        if not _covered(found, asked):
            return 0
    matched = sum(score * len(part) for score, part in zip(scores, asked, strict=True))
    whole = fuzz.token_sort_ratio(" ".join(asked), " ".join(found))
    return round((2 * matched / sum(map(len, asked)) + whole) / 3)


def _covered(found: list[str], asked: list[str]) -> bool:
    return all(any(_score_same(part, word) for part in asked) for word in found)


@lru_cache(WORDS_KEPT)
def _score_word(part: str, word: str) -> int:
    """How like one word of a tag is to one that is asked for, 0 to 100; 0 is not at all."""
    if same := _score_same(part, word):
        return same
    if len(part) >= SHORT and word.startswith(part):
        return UNFINISHED
    if len(part) > SHORT and part in word:
        return INSIDE_WORD
    return max(_score_mistyped(one, other) for one in _forms(part) for other in _forms(word))


def _score_same(part: str, word: str) -> int:
    """The score of words with one meaning; 0 for others."""
    if part == word:
        return 100
    if not _forms(part).isdisjoint(_forms(word)):
        return SAME_NUMBER
    return 0 if _trades(part).isdisjoint(_trades(word)) else SAME_TRADE


def _score_mistyped(part: str, word: str) -> int:
    allowed = _slips_allowed(part, word)
    slips = OSA.distance(part, word, score_cutoff=allowed) if allowed else 1
    return round(100 - 100 * slips / max(len(part), len(word))) if slips <= allowed else 0


def _slips_allowed(part: str, word: str) -> int:
    """How many slips may make one word of the other: the fewer letters, the fewer.

    People rarely mistype the first letter, and short words that differ in it are other words.
    Three letters may only be swapped, doubled, or single where they are doubled.
    """
    shorter = min(len(part), len(word))
    if shorter < LETTERS_OF_ANY_SLIP and part[:1] != word[:1]:
        return 0
    if shorter > SHORT:
        return 1 + (shorter >= LETTERS_OF_TWO_SLIPS)
    return int(shorter == SHORT and set(part) == set(word))


@lru_cache(WORDS_KEPT)
def _forms(word: str) -> frozenset[str]:
    """The word and what its singular may be, in English; some of these are no words."""
    return frozenset([word, *_singulars(word)])


def _singulars(word: str) -> Iterator[str]:
    for plural, ending in PLURALS:
        singular = plural.sub(ending, word)
        if len(singular) >= SHORT:
            yield singular


@lru_cache(WORDS_KEPT)
def _trades(word: str) -> frozenset[str]:
    """What remains without the ending of a trade; nothing if it has none."""
    stems = (word.removesuffix(ending) for ending in TRADES if word.endswith(ending))
    return frozenset(stem for stem in stems if len(stem) >= SHORT)
