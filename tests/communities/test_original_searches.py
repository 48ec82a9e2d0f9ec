"""What the original's functionality document promises of searches, on the original's own data."""

import os
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mccs_graphql.communities.original import import_original
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import TagKind
from mccs_graphql.db.queries.categories import page_of_categories
from mccs_graphql.db.queries.keyset import Window
from mccs_graphql.db.queries.tags import add, share
from mccs_graphql.domain.directory.matching import find_matches
from mccs_graphql.domain.directory.search import search
from mccs_graphql.domain.directory.wanted import Wanted
from mccs_graphql.embedded import Servers
from tests.communities.test_import_original import original
from tests.conftest import settings_for
from tests.databases import temporary_database

PETE, JOE = "Pete's Painting", "Joe's Woodworking"
FREDDY, BETTY, HERBIE = "Farmer Freddy's Veg", "Betty's Baked Goods", "Herbie's Hipster Brews"
PAGE = Window(20)


@pytest.fixture(scope="module")
async def community(started: Servers, template: str) -> AsyncIterator[Database]:
    """The original's entities, of which the last takes up what somebody mistyped."""
    folder = original("mccs-seed")
    prefix = f"mccs_original_{os.getpid()}"
    async with temporary_database(started.owner_url, prefix, template=template) as name:
        settings = settings_for(started, name)
        database = Database(settings)
        await import_original(
            database, settings, folder, skip_refused=False, progress=lambda _line: None
        )
        async with database.writing() as session:
            (herbie,) = (await search(session, None, Wanted(text="Herbie"), PAGE)).page.rows
            shared = await share(session, {"vegetalbes"})
            await add(session, herbie.id, [(TagKind.WANT, shared.ids["vegetalbes"])])
        yield database
        await database.close()


async def found(database: Database, **wanted: Any) -> list[str]:
    async with database.reading() as session:
        page = (await search(session, None, Wanted(**wanted), PAGE)).page
    return [entity.name for entity in page.rows]


async def test_vegetables_are_found_exactly_then_inside_then_mistyped(community: Database) -> None:
    async with community.reading() as session:
        result = await search(session, None, Wanted(wants=("vegetables",)), PAGE)
    likes = sorted(
        (hit.likeness.rank, hit.name, hit.likeness.quality.value)
        for hit in result.looked_up.wants[0]
    )
    assert [(name, quality) for _, name, quality in likes] == [
        ("vegetables", "exact"),
        ("organic-vegetables", "inside"),
        ("vegetalbes", "similar"),
    ]
    assert [entity.name for entity in result.page.rows] == [PETE, HERBIE]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({"offers": ("vegetables",)}, [FREDDY]),
        ({"offers": ("carpentry",)}, [JOE]),
        ({"offers": ("painting",)}, [JOE, PETE]),
        ({"offers": ("beer",)}, [HERBIE]),
        ({"offers": ("flour",)}, [FREDDY]),
        ({"offers": ("bread",)}, [BETTY]),
        ({"offers": ("bred",)}, [BETTY]),
        ({"offers": ("organic",)}, [FREDDY]),
        ({"wants": ("beer",)}, [FREDDY, JOE]),
        ({"wants": ("flour",)}, [BETTY, HERBIE]),
        ({"wants": ("organic-fruits", "wine")}, [BETTY, PETE]),
        ({"offers": ("painting",), "wants": ("pizza",)}, [JOE]),
        ({"text": "painting"}, [PETE]),
        ({"text": "herbies"}, [HERBIE]),
        ({"category": "organic-produce"}, [FREDDY]),
        ({"category": "brewery"}, [HERBIE]),
    ],
    ids=str,
)
async def test_search(community: Database, wanted: dict[str, Any], names: list[str]) -> None:
    assert await found(community, **wanted) == names


async def test_only_the_four_listed_statuses_are_found(community: Database) -> None:
    listed = await found(community)
    assert {"AA", "DD"}.isdisjoint(listed)
    assert {"EE", "GG", "II", "JJ"} <= set(listed)


async def test_headings_are_browsed_alphabetically(community: Database) -> None:
    async with community.reading() as session:
        page = await page_of_categories(session, PAGE, prefix="")
    slugs = [category.slug for category in page.rows]
    assert slugs == sorted(slugs)
    assert "organic-produce" in slugs
    assert len(slugs) == 8


async def test_trades_are_proposed_mutual_ones_first(community: Database) -> None:
    async with community.reading() as session:
        (joe,) = (await search(session, None, Wanted(text="Joe"), PAGE)).page.rows
        page = (await find_matches(session, joe.id, since=None, window=PAGE)).page
    proposed = [(match.entity.name, match.mutual) for match in page.rows]
    assert proposed == [(HERBIE, False), (FREDDY, False)]
