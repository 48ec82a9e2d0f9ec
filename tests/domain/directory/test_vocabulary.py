"""Finding tags and words in PostgreSQL, however they are spelled."""

from collections.abc import Iterable

import pytest
from sqlalchemy import insert

from bench.searches import BARS, evaluate, fill, passes, searches, shares, vocabulary
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Tag, Word
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.domain.directory.likeness import MatchQuality
from mccs_graphql.domain.directory.vocabulary import (
    TAGS_MAX_PER_PHRASE,
    WORDS_MAX_PER_PHRASE,
    find_tags,
    find_words,
)

EXACT, INSIDE, SIMILAR = MatchQuality.EXACT, MatchQuality.INSIDE, MatchQuality.SIMILAR


async def add_tags(database: Database, names: Iterable[str]) -> None:
    async with database.writing() as session:
        await session.execute(insert(Tag), [{"id": uuid7(), "name": name} for name in names])


async def add_words(database: Database, words: Iterable[str]) -> None:
    async with database.writing() as session:
        await session.execute(insert(Word), [{"word": word} for word in words])


async def tags_for(database: Database, phrase: str) -> list[tuple[str, MatchQuality]]:
    async with database.reading() as session:
        (hits,) = await find_tags(session, [phrase])
    return [(hit.name, hit.likeness.quality) for hit in hits]


@pytest.mark.parametrize("phrase", ["", " ", "!?", "🍞", "'"])
async def test_phrase_without_a_word_finds_nothing(empty_database: Database, phrase: str) -> None:
    await add_tags(empty_database, ["bread", "s"])

    assert await tags_for(empty_database, phrase) == []


async def test_very_long_phrase_is_cut(empty_database: Database) -> None:
    await add_tags(empty_database, ["bread"])

    assert await tags_for(empty_database, "bread " * 1000) == [("bread", INSIDE)]


async def test_exact_comes_before_inside_before_similar(empty_database: Database) -> None:
    await add_tags(empty_database, ["vegetalbes", "organic-vegetables", "vegetables", "beards"])

    assert await tags_for(empty_database, "Vegetables") == [
        ("vegetables", EXACT),
        ("organic-vegetables", INSIDE),
        ("vegetalbes", SIMILAR),
    ]


async def test_each_phrase_has_its_own_tags(empty_database: Database) -> None:
    await add_tags(empty_database, ["bread", "honey"])

    async with empty_database.reading() as session:
        found = await find_tags(session, ["hony", "", "bread", "hony"])

    names = [[hit.name for hit in hits] for hits in found]
    assert names == [["honey"], [], ["bread"], ["honey"]]


async def test_no_phrase_finds_no_list(empty_database: Database) -> None:
    async with empty_database.reading() as session:
        assert await find_tags(session, []) == []


async def test_equally_good_tags_come_by_name_up_to_a_bound(empty_database: Database) -> None:
    names = [f"bread-{number:03}" for number in range(TAGS_MAX_PER_PHRASE + 10)]
    await add_tags(empty_database, reversed(names))

    found = [name for name, _ in await tags_for(empty_database, "bread")]

    assert found == names[:TAGS_MAX_PER_PHRASE]


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
        ("CREME", "crème"),
        ("strasse", "straße"),
        ("ХЛЕБ", "хлеб"),
        ("木工", "木工"),
        ("miod", "miód"),
    ],
)
async def test_case_and_accents_do_not_matter(
    empty_database: Database, typed: str, tag: str
) -> None:
    await add_tags(empty_database, [tag])

    assert await tags_for(empty_database, typed) == [(tag, EXACT)]


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
        ("saop", "soap"),
        ("hnoey", "honey"),
        ("braeds", "bread"),
        ("cra", "car"),
        ("gadren", "garden"),
    ],
)
async def test_swapped_letters_of_a_short_word_are_found(
    empty_database: Database, typed: str, tag: str
) -> None:
    await add_tags(empty_database, [tag])

    assert [name for name, _ in await tags_for(empty_database, typed)] == [tag]


async def test_one_letter_finds_what_begins_with_it(empty_database: Database) -> None:
    await add_tags(empty_database, ["茶", "茶道", "日本-茶", "抹茶"])

    assert [name for name, _ in await tags_for(empty_database, "茶")][:2] == ["茶", "茶道"]


async def test_words_of_names_and_descriptions_are_found_likewise(
    empty_database: Database,
) -> None:
    await add_words(empty_database, ["bakery", "bakeries", "banking", "homebakery"])

    async with empty_database.reading() as session:
        found = await find_words(session, ["bakery", "bankign"])

    assert [[hit.word for hit in hits] for hits in found] == [
        ["bakery", "homebakery", "bakeries"],
        ["banking"],
    ]


async def test_words_for_one_word_are_bounded(empty_database: Database) -> None:
    await add_words(empty_database, [f"bread{number:03}" for number in range(60)])

    async with empty_database.reading() as session:
        (found,) = await find_words(session, ["bread"])

    assert len(found) == WORDS_MAX_PER_PHRASE


async def test_labelled_searches_find_what_was_meant(empty_database: Database) -> None:
    async with empty_database.writing() as session:
        await fill(session)
        outcomes = await evaluate(session)

    assert passes(shares(outcomes)), f"{shares(outcomes)} is worse than {BARS}"


def test_labels_are_tags_of_the_vocabulary() -> None:
    labels = {tag for search in searches() for tag in search.tags}

    assert labels <= set(vocabulary())
