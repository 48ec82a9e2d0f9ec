"""What the directory is asked, in words that the community of the day knows."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import asyncpg

from bench.api import Client, LogIn, request
from mccs_graphql.communities.large.members import EMAIL
from mccs_graphql.communities.sample.logins import SAMPLE_PASSWORD

VARIANTS = 10
"""Different words for each question, so that nothing is answered from what was just read."""
PAGE = 20
DEPTH = 499 * PAGE
"""So many come before page 500."""
STRIDE = 100
"""Pages of that size lead there."""
TYPED_MIN = 6
"""Letters of a word that is still known with two of them swapped."""

SEARCH = """query Search($filter: EntityFilterInput, $orderBy: EntityOrder!, $after: String) {
  entities(filter: $filter, orderBy: $orderBy, after: $after, first: 20) {
    nodes { id name city offers { name } wants { name } categories { name } }
    pageInfo { hasNextPage endCursor } } }"""
MATCHES = """query Matches($filter: EntityFilterInput) {
  entities(filter: $filter, first: 20) {
    edges { matches { kind quality tag } node { id name } } } }"""
LOG_IN = """mutation LogIn($input: LogInInput!) { logIn(input: $input) {
  ... on LogInPayload { token user { entities { id } } } } }"""
OWN_MATCHES = """query OwnMatches($id: ID!) { entity(id: $id) { matches(first: 20) {
  edges { mutual reasons { own tag quality } node { id name } } } } }"""
COUNT = """query Count($filter: EntityFilterInput) {
  entities(filter: $filter, first: 20) { totalCount nodes { id name } } }"""
TAGS = "query Tags($search: String!) { tags(search: $search, first: 10) { name } }"
WALK = """query Walk($filter: EntityFilterInput, $after: String, $first: Int!) {
  entities(filter: $filter, orderBy: NAME, after: $after, first: $first) {
    pageInfo { hasNextPage endCursor } } }"""


@dataclass(frozen=True)
class Known:
    """What there is to ask for: tags and headings by use, common words, large towns."""

    offers: Sequence[str]
    wants: Sequence[str]
    headings: Sequence[str]
    cities: Sequence[str]


@dataclass(frozen=True)
class Prepared:
    """A request, and who asks."""

    body: bytes
    by: LogIn | None = None


Body = Callable[[Client], Awaitable[Prepared]]
"""Makes a request; it may have to ask for a cursor first, or to log in."""


@dataclass(frozen=True)
class Question:
    """One row of the results. ``finds`` says that an answer without entities is wrong."""

    what: str
    variants: Callable[[Known], Iterator[Body]]
    finds: bool = True


async def read_known(connection: Any) -> Known:
    """Read it from the database itself."""
    return Known(
        offers=await _by_use(connection, "tags", "offer", "name"),
        wants=await _by_use(connection, "tags", "want", "name"),
        headings=await _by_use(connection, "categories", "category", "slug"),
        cities=await _names(
            connection, "SELECT city FROM entities GROUP BY 1 ORDER BY count(*) DESC LIMIT 50"
        ),
    )


async def _by_use(connection: Any, table: str, kind: str, column: str) -> list[str]:
    return await _names(
        connection,
        f"SELECT {column} FROM {table} JOIN listing_counts ON subject_id = {table}.id "  # noqa: S608 - our own words
        f"WHERE kind = '{kind}' GROUP BY {table}.id ORDER BY sum(entities) DESC, {column}",
    )


async def _names(connection: asyncpg.Connection, statement: str) -> list[str]:
    return [row[0] for row in await connection.fetch(statement)]


def _asking(document: str, **variables: object) -> Body:
    async def body(_client: Client) -> Prepared:
        return Prepared(request(document, **variables))

    return body


def _search(*, order: str = "RELEVANCE", **conditions: object) -> Body:
    return _asking(SEARCH, filter=conditions, orderBy=order, after=None)


def _plain(tag: str) -> str:
    return tag.replace("-", " ")


def _mistyped(tag: str) -> str:
    """The third and the fourth letter swapped."""
    return f"{tag[:2]}{tag[3]}{tag[2]}{tag[4:]}"


def _common(known: Known) -> list[str]:
    """The tags used most whose first word is long enough to be mistyped."""
    long = (tag for tag in known.offers if len(tag.partition("-")[0]) >= TYPED_MIN)
    return list(islice(long, VARIANTS))


def _two_tags(known: Known) -> Iterator[Body]:
    """A common one that is offered, and one that is wanted."""
    for offer, want in zip(_common(known), known.wants[:VARIANTS], strict=False):
        yield _search(offers=[_plain(offer)], wants=[_plain(want)])


def _one_tag(known: Known) -> Iterator[Body]:
    yield from (_search(offers=[_plain(tag)]) for tag in _common(known))


def _rare_tag(known: Known) -> Iterator[Body]:
    """Of the hindmost fifth."""
    first = len(known.offers) * 4 // 5
    yield from (_search(offers=[_plain(tag)]) for tag in known.offers[first : first + VARIANTS])


def _typo(known: Known) -> Iterator[Body]:
    yield from (_search(offers=[_plain(_mistyped(tag))]) for tag in _common(known))


def _text(known: Known) -> Iterator[Body]:
    """The words of a tag, wherever they stand: a common one and, mostly, a less common one."""
    yield from (_search(text=_plain(tag)) for tag in _common(known))


def _common_word(_known: Known) -> Iterator[Body]:
    """The worst there is: a word of which nearly every description has some."""
    yield from (_search(text=word) for word in ("and", "the", "for", "with", "our"))


def _in_city(known: Known) -> Iterator[Body]:
    for tag, city in zip(_common(known), known.cities, strict=False):
        yield _search(offers=[_plain(tag)], city=city)


def _category(known: Known) -> Iterator[Body]:
    yield from (_search(order="NAME", category=slug) for slug in known.headings[:VARIANTS])


def _newest(known: Known) -> Iterator[Body]:
    yield from (_search(order="NEWEST", category=slug) for slug in known.headings[:VARIANTS])


def _first_page(_known: Known) -> Iterator[Body]:
    yield _asking(SEARCH, filter={}, orderBy="NAME", after=None)


def _deep(_known: Known) -> Iterator[Body]:
    yield _page_behind(DEPTH, {})


def _deep_in_category(known: Known) -> Iterator[Body]:
    yield _page_behind(DEPTH, {"category": known.headings[0]})


def _page_behind(depth: int, conditions: dict[str, object]) -> Body:
    """The page behind so many entities, or the last but one in a smaller community."""

    async def body(client: Client) -> Prepared:
        after: str | None = None
        for done in range(0, depth, STRIDE):
            size = min(STRIDE, depth - done)
            page = await client.ask(WALK, filter=conditions, after=after, first=size)
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        return Prepared(request(SEARCH, filter=conditions, orderBy="NAME", after=after))

    return body


def _matches(known: Known) -> Iterator[Body]:
    for tag in _common(known):
        yield _asking(MATCHES, filter={"offers": [_plain(tag)], "text": tag.split("-")[0]})


def _own_matches(_known: Known) -> Iterator[Body]:
    """Each member for their own entity."""
    yield from (_matches_of(EMAIL.format(number)) for number in range(1, VARIANTS + 1))


def _matches_of(email: str) -> Body:
    async def body(client: Client) -> Prepared:
        found = await client.ask(LOG_IN, input={"email": email, "password": SAMPLE_PASSWORD})
        (entity,) = found["user"]["entities"]
        return Prepared(request(OWN_MATCHES, id=entity["id"]), LogIn(found["token"]))

    return body


def _count(known: Known) -> Iterator[Body]:
    yield from (_asking(COUNT, filter={"offers": [_plain(tag)]}) for tag in _common(known))


def _typing(known: Known) -> Iterator[Body]:
    yield from (_asking(TAGS, search=tag[:4]) for tag in _common(known))


QUESTIONS = (
    Question("First page by name", _first_page),
    Question("Page 500 by name", _deep),
    Question("A heading's page", _category),
    Question("A heading's page 500", _deep_in_category),
    Question("A heading's newest", _newest),
    Question("One common tag", _one_tag),
    Question("One rare tag", _rare_tag),
    Question("Offers one, wants another", _two_tags, finds=False),
    Question("A tag in a town", _in_city, finds=False),
    Question("A mistyped tag", _typo),
    Question("Free text", _text),
    Question("A word of every description", _common_word, finds=False),
    Question("One common tag, with reasons", _matches),
    Question("Matches of an entity", _own_matches, finds=False),
    Question("One common tag, counted", _count),
    Question("Typing a tag, 4 letters", _typing),
)
