"""How PostgreSQL reads the directory of a large community: by its indexes, never all of a table."""

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.communities.large import load_large, tidy
from mccs_graphql.db.engine import Database
from mccs_graphql.db.queries.categories import categories_of, page_of_categories
from mccs_graphql.db.queries.keyset import Position, Window
from mccs_graphql.db.queries.tags import tags_of
from mccs_graphql.domain.directory.browsing import complete
from mccs_graphql.domain.directory.matching import find_matches
from mccs_graphql.domain.directory.search import search
from mccs_graphql.domain.directory.wanted import EntityOrder, Wanted
from mccs_graphql.embedded import Servers
from tests.conftest import settings_for
from tests.databases import temporary_database

ENTITIES = 20_000
LARGE = {"entities", "entity_tags", "entity_categories", "accounts", "users", "tags", "words"}
"""What grows with the community."""
PAGE = Window(20)
MIDDLE: Position = ("m", UUID(int=0))
Ask = Callable[[AsyncSession], Awaitable[object]]
COMMON = """
    SELECT tags.name FROM tags JOIN listing_counts ON subject_id = tags.id
     WHERE kind = $1 GROUP BY tags.id ORDER BY sum(entities) DESC LIMIT 3
"""
CITY = "SELECT mode() WITHIN GROUP (ORDER BY city) FROM entities"
CARRIER = "SELECT entity_id FROM entity_tags WHERE listed ORDER BY entity_id LIMIT 1"


@dataclass(frozen=True)
class Crowd:
    """A large community, and something of everything that can be looked for in it."""

    database: Database
    connection: asyncpg.Connection
    offer: str
    want: str
    slug: str
    city: str
    entity_id: UUID

    async def plans(self, ask: Ask) -> list[Any]:
        """The plans of the statements that a question leads to, with its own values."""
        seen: list[tuple[str, tuple[Any, ...]]] = []

        def see(_c: object, _k: object, statement: str, values: Any, *_rest: object) -> None:
            seen.append((statement, tuple(values)))

        engine = self.database.reads.sync_engine
        event.listen(engine, "before_cursor_execute", see)
        try:
            async with self.database.reading() as session:
                await ask(session)
        finally:
            event.remove(engine, "before_cursor_execute", see)
        return [await self._explained(*statement) for statement in seen]

    async def _explained(self, statement: str, values: tuple[Any, ...]) -> Any:
        found = await self.connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *values)
        return json.loads(found)[0]["Plan"]


@pytest.fixture(scope="module")
async def crowd(started: Servers, template: str) -> AsyncIterator[Crowd]:
    """Loaded once, and only read."""
    prefix = f"mccs_plans_{os.getpid()}"
    async with temporary_database(started.owner_url, prefix, template=template) as name:
        settings = settings_for(started, name)
        await load_large(settings, entities=ENTITIES, progress=lambda *_: None)
        await tidy(settings, progress=lambda *_: None)
        database = Database(settings)
        plain = make_url(settings.owner_url).set(drivername="postgresql")
        connection = await asyncpg.connect(plain.render_as_string(hide_password=False))
        yield Crowd(
            database,
            connection,
            offer=str(await connection.fetchval(COMMON, "offer")).replace("-", " "),
            want=str(await connection.fetchval(COMMON, "want")).replace("-", " "),
            slug=await connection.fetchval("SELECT min(slug) FROM categories"),
            city=await connection.fetchval(CITY),
            entity_id=await connection.fetchval(CARRIER),
        )
        await connection.close()
        await database.close()


def looking(window: Window = PAGE, **wanted: Any) -> Callable[[Crowd], Ask]:
    """A search; values that begin with a colon are what the crowd knows by that name."""

    def of(crowd: Crowd) -> Ask:
        known = {name: _known(crowd, value) for name, value in wanted.items()}
        return lambda session: search(session, None, Wanted(**known), window)

    return of


def _known(crowd: Crowd, value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_known(crowd, one) for one in value)
    if isinstance(value, str) and value.startswith(":"):
        return getattr(crowd, value[1:])
    return value


def detail(read: Callable[..., Awaitable[object]]) -> Callable[[Crowd], Ask]:
    return lambda crowd: lambda session: read(session, [crowd.entity_id])


QUESTIONS: dict[str, Callable[[Crowd], Ask]] = {
    "by name": looking(),
    "by name, deep": looking(Window(20, MIDDLE)),
    "by name, backward": looking(Window(20, MIDDLE, backward=True)),
    "newest": looking(order=EntityOrder.NEWEST),
    "name prefix": looking(name_prefix="mar"),
    "common tag": looking(offers=(":offer",)),
    "common tag, by name": looking(offers=(":offer",), order=EntityOrder.NAME),
    "two tags": looking(offers=(":offer",), wants=(":want",)),
    "two phrases": looking(offers=(":offer", ":want")),
    "slip of the pen": looking(offers=("vegtables",)),
    "text": looking(text=":offer"),
    "common word": looking(text="and"),
    "heading": looking(category=":slug"),
    "heading, newest": looking(category=":slug", order=EntityOrder.NEWEST),
    "city": looking(city=":city"),
    "tag in a city": looking(offers=(":offer",), city=":city"),
    "headings": lambda _crowd: lambda session: page_of_categories(session, PAGE, prefix="b"),
    "completion": lambda _crowd: lambda session: complete(session, "veg", kind=None),
    "matches": lambda crowd: (
        lambda session: find_matches(session, crowd.entity_id, since=None, window=PAGE)
    ),
    "tags of entities": detail(tags_of),
    "headings of entities": detail(categories_of),
}


def scans(plan: Any) -> Iterator[str]:
    """The tables that a plan reads from end to end, and not only until there are enough rows."""
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        if (plan["Node Type"], part["Node Type"]) != ("Limit", "Seq Scan"):
            yield from scans(part)


@pytest.mark.parametrize("question", QUESTIONS)
async def test_nothing_that_grows_is_read_whole(crowd: Crowd, question: str) -> None:
    plans = await crowd.plans(QUESTIONS[question](crowd))

    assert plans
    for plan in plans:
        assert LARGE.isdisjoint(scans(plan)), json.dumps(plan, indent=1)


async def test_table_that_is_read_whole_is_noticed(crowd: Crowd) -> None:
    plan = await crowd._explained("SELECT * FROM entities WHERE description LIKE '%x%'", ())  # noqa: SLF001 - the same way
    assert list(scans(plan)) == ["entities"]
