"""What is looked for in the directory, and whether it can be."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from mccs_graphql.db.models.directory import CATEGORY_MAX, TAG_MAX
from mccs_graphql.db.models.entity import ENTITY_NAME_MAX, PLACE_MAX
from mccs_graphql.domain import text
from mccs_graphql.domain.directory.tags import normal_tag
from mccs_graphql.domain.errors import Problem

PHRASES_MAX = 10
"""Of each of the two lists."""
PHRASE_MAX = 2 * TAG_MAX
TEXT_MAX = 200
TEXT_WORDS_MAX = 10
SLUG_MAX = 2 * CATEGORY_MAX
_APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}"


class EntityOrder(StrEnum):
    """How the entities found are sorted."""

    RELEVANCE = "relevance"
    NAME = "name"
    NEWEST = "newest"


class MatchKind(StrEnum):
    """Where something was found; the last two are also the prefixes of an entity's terms."""

    OFFER = "offer"
    WANT = "want"
    NAME = "name"
    DESCRIPTION = "text"


@dataclass(frozen=True)
class Wanted:
    """What is looked for; all of it at once, and what is None does not matter.

    Of ``offers`` and of ``wants`` one phrase is enough, of ``text`` every word counts.
    """

    offers: tuple[str, ...] | None = None
    wants: tuple[str, ...] | None = None
    tagged_since: datetime | None = None
    text: str | None = None
    category: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None
    name_prefix: str | None = None
    favorites_of: UUID | None = None
    order: EntityOrder = EntityOrder.RELEVANCE

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the text, each once."""
        return words_of(self.text or "")

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """The kinds of places that matter, and their names."""
        named = (("city", self.city), ("region", self.region), ("country", self.country))
        return tuple((kind, name) for kind, name in named if name)

    @property
    def by_relevance(self) -> bool:
        """Whether there is anything that entities can be more or less relevant to."""
        asked = self.offers is not None or self.wants is not None or self.text is not None
        return asked and self.order is EntityOrder.RELEVANCE


def require_searchable(wanted: Wanted) -> None:
    """Raise InvalidInput with all that cannot be looked for."""
    text.require(_problems(wanted))


def words_of(value: str) -> tuple[str, ...]:
    """The words of a text, each once: what stands between punctuation, symbols and white space."""
    spaced = "".join(" " if _parts_words(character) else character for character in value)
    return tuple(dict.fromkeys(spaced.split()))


def _parts_words(character: str) -> bool:
    return unicodedata.category(character)[0] in "PSZC" and character not in _APOSTROPHES


def _problems(wanted: Wanted) -> Iterator[Problem]:
    for name, phrases in (("offers", wanted.offers), ("wants", wanted.wants)):
        if phrases is not None:
            yield from _of_phrases(name, phrases)
    if wanted.text is not None:
        yield from _of_text(wanted.text, wanted.words)
    for name, value, most in (
        ("category", wanted.category, SLUG_MAX),
        ("city", wanted.city, PLACE_MAX),
        ("region", wanted.region, PLACE_MAX),
        ("country", wanted.country, PLACE_MAX),
        ("name_prefix", wanted.name_prefix, ENTITY_NAME_MAX),
    ):
        yield from text.problems_of(name, value or "", most=most)


def _of_phrases(name: str, phrases: Sequence[str]) -> Iterator[Problem]:
    if not 1 <= len(phrases) <= PHRASES_MAX:
        yield Problem((name,), "NOT_SO_MANY", f"1 to {PHRASES_MAX} phrases, or none of this.")
        return
    for place, phrase in enumerate(phrases):
        path = (name, str(place))
        for problem in text.problems_of(name, phrase, most=PHRASE_MAX):
            yield Problem(path, problem.code, problem.message)
        if not normal_tag(phrase[:PHRASE_MAX]):
            yield Problem(path, "NOTHING_TO_LOOK_FOR", "There is no letter or digit in it.")


def _of_text(value: str, words: Sequence[str]) -> Iterator[Problem]:
    yield from text.problems_of("text", value, most=TEXT_MAX)
    if len(words) > TEXT_WORDS_MAX:
        yield Problem(("text",), "TOO_MANY", f"At most {TEXT_WORDS_MAX} words.")
    if not any(map(str.isalnum, value)):
        yield Problem(("text",), "NOTHING_TO_LOOK_FOR", "There is no letter or digit in it.")
