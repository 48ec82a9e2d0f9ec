"""Looking for entities and users as an admin: in any order, whatever their status."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models.entity import ENTITY_NAME_MAX, PLACE_MAX
from mccs_graphql.db.models.user import EMAIL_MAX
from mccs_graphql.db.queries import all_entities, all_users
from mccs_graphql.db.queries.all_entities import EntityConditions, EntitySortKey, FoundEntity
from mccs_graphql.db.queries.all_users import FoundUser, UserConditions, UserSortKey
from mccs_graphql.db.queries.keyset import Page, Window
from mccs_graphql.domain import text
from mccs_graphql.domain.directory.tags import normal_tag
from mccs_graphql.domain.directory.vocabulary import find_words
from mccs_graphql.domain.directory.wanted import PHRASE_MAX, PHRASES_MAX, SLUG_MAX, words_of
from mccs_graphql.domain.errors import Problem

WORDS_MAX = 10
SortKey = TypeVar("SortKey")


@dataclass(frozen=True)
class Order(Generic[SortKey]):
    """By what, and in which direction; what is equal comes in the order of its ids."""

    by: SortKey
    descending: bool = False


@dataclass(frozen=True)
class EntitiesWanted:
    """Which entities. Every word of ``name`` is like one of theirs; ``given`` is the rest."""

    name: str
    given: EntityConditions

    @property
    def words(self) -> tuple[str, ...]:
        return words_of(self.name)


async def entity_conditions(session: AsyncSession, wanted: EntitiesWanted) -> EntityConditions:
    """What the entities wanted have to meet. Raises InvalidInput.

    Words are those of the directory's vocabulary that are like what was typed: one statement, or
    none without a name.
    """
    text.require(_problems_of_entities(wanted))
    given = replace(
        wanted.given, offers=_tags(wanted.given.offers), wants=_tags(wanted.given.wants)
    )
    if not wanted.name:
        return given
    found = await find_words(session, wanted.words)
    return replace(given, names=tuple(tuple(f"name:{hit.word}" for hit in hits) for hits in found))


async def find_entities(
    session: AsyncSession,
    conditions: EntityConditions,
    order: Order[EntitySortKey],
    window: Window,
) -> Page[FoundEntity]:
    """A page of the entities that meet the conditions, in one statement."""
    return await all_entities.page_of_entities(
        session, conditions, window, key=order.by, descending=order.descending
    )


async def find_users(
    session: AsyncSession, wanted: UserConditions, order: Order[UserSortKey], window: Window
) -> Page[FoundUser]:
    """A page of the users wanted, in one statement. Raises InvalidInput."""
    text.require(_problems_of_users(wanted))
    return await all_users.page_of_users(
        session, wanted, window, key=order.by, descending=order.descending
    )


def _tags(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(normal_tag, names)))


def _problems_of_entities(wanted: EntitiesWanted) -> Iterator[Problem]:
    given, places = wanted.given, wanted.given.places
    if wanted.name:
        yield from _problems_of_name(wanted.name)
    for name, value, most in (
        ("email", given.email_prefix, EMAIL_MAX),
        ("category", given.category or "", SLUG_MAX),
        *((kind, place, PLACE_MAX) for kind, place in places),
    ):
        yield from text.problems_of(name, value, most=most)
    for name, phrases in (("offers", given.offers), ("wants", given.wants)):
        yield from _problems_of_tags(name, phrases)


def _problems_of_users(wanted: UserConditions) -> Iterator[Problem]:
    if wanted.name:
        yield from _problems_of_name(wanted.name)
    yield from text.problems_of("email", wanted.email_prefix, most=EMAIL_MAX)


def _problems_of_name(name: str) -> Iterator[Problem]:
    yield from text.problems_of("name", name, most=ENTITY_NAME_MAX)
    if len(words_of(name)) > WORDS_MAX:
        yield Problem(("name",), "TOO_MANY", f"At most {WORDS_MAX} words.")
    if not any(map(str.isalnum, name)):
        yield Problem(("name",), "NOTHING_TO_LOOK_FOR", "There is no letter or digit in it.")


def _problems_of_tags(name: str, tags: Sequence[str]) -> Iterator[Problem]:
    if len(tags) > PHRASES_MAX:
        yield Problem((name,), "TOO_MANY", f"At most {PHRASES_MAX} tags.")
        return
    for place, tag in enumerate(tags):
        for problem in text.problems_of(name, tag, most=PHRASE_MAX):
            yield Problem((name, str(place)), problem.code, problem.message)
