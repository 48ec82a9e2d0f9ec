"""Descriptions: a sentence that says what is offered, and others that say little."""

from collections.abc import Sequence
from itertools import product
from random import Random

from mccs_graphql.communities.large.chance import SEED, zipf_urn
from mccs_graphql.communities.large.data import read_words
from mccs_graphql.db.models.entity import DESCRIPTION_MAX

WORDS_MIN, WORDS_MAX = 10, 40
COINED = 1_500
WORD_SHIFT = 4.0
SENTENCE = 11
"""Words of one sentence."""


class Descriptions:
    """Makes texts of 10 to 40 words, of some thousand different ones."""

    def __init__(self) -> None:
        self._words = zipf_urn(_all_words(), shift=WORD_SHIFT)
        self._openings = read_words("words")["openings"]

    def make(self, random: Random, offers: Sequence[str]) -> str:
        """A text that names these tags as people write them, with blanks."""
        told = f"{random.choice(self._openings)} {_listed(offers)}."
        length = random.randint(WORDS_MIN, WORDS_MAX) - told.count(" ") - 1
        rest = self._words.draw(random, max(length, 0))
        sentences = (rest[start : start + SENTENCE] for start in range(0, len(rest), SENTENCE))
        return " ".join([told, *map(_sentence, sentences)])[:DESCRIPTION_MAX]


def _listed(offers: Sequence[str]) -> str:
    *others, last = [offer.replace("-", " ") for offer in offers]
    return f"{', '.join(others)} and {last}" if others else last


def _sentence(words: Sequence[str]) -> str:
    return f"{' '.join(words).capitalize()}."


def _all_words() -> list[str]:
    """Those that everybody uses first; the others as chance will have it."""
    random = Random(SEED)  # noqa: S311 - no secret, the same every time
    words = read_words("words")
    others = [
        *words["adjectives"],
        *(f"{word}ly" for word in words["adjectives"]),
        *(verb + ending for verb, ending in product(words["verbs"], ("", "s", "ing"))),
        *(noun + ending for noun, ending in product(words["nouns"], ("", "s"))),
        *_coined(random),
    ]
    random.shuffle(others)
    return list(dict.fromkeys(words["common"] + others))


def _coined(random: Random) -> list[str]:
    words = read_words("words")
    parts = (words[f"coined_{part}"] for part in ("beginnings", "middles", "endings"))
    return random.sample(["".join(syllables) for syllables in product(*parts)], COINED)
