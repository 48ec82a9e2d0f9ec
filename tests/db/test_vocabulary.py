"""The coarse choice of tags and words: which it takes, and that an index makes it."""

from collections import Counter

from sqlalchemy import TextClause, insert, text

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Tag
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.db.queries.vocabulary import (
    CANDIDATES_MAX,
    PHRASES_MAX,
    TAGS_ALIKE,
    WORDS_ALIKE,
    TagCandidate,
    tags_alike,
    words_alike,
)

FILL_TAGS = """
    INSERT INTO tags (id, name)
    SELECT gen_random_uuid(), substr(md5(n::text), 1, 8) || '-' || substr(md5(n::text), 9, 6)
      FROM generate_series(1, 5000) AS n
"""
FILL_WORDS = """
    INSERT INTO words (word) SELECT substr(md5(n::text), 1, 9) FROM generate_series(1, 5000) AS n
"""


async def add_tags(database: Database, *names: str) -> None:
    async with database.writing() as session:
        await session.execute(insert(Tag), [{"id": uuid7(), "name": name} for name in names])


async def candidates(database: Database, *phrases: str) -> list[TagCandidate]:
    async with database.reading() as session:
        return await tags_alike(session, phrases)


async def plan_of(database: Database, statement: TextClause, phrase: str) -> str:
    explain = text(f"EXPLAIN {statement.text}").bindparams(
        **(statement.compile().params | {"phrases": [phrase]})
    )
    async with database.reading() as session:
        return "\n".join((await session.execute(explain)).scalars())


async def test_tags_that_share_nothing_are_no_candidates(empty_database: Database) -> None:
    await add_tags(empty_database, "honey", "хлеб")

    assert await candidates(empty_database, "wood", "", "!") == []


async def test_phrases_beyond_the_most_are_not_looked_up(empty_database: Database) -> None:
    await add_tags(empty_database, "bread")

    found = await candidates(empty_database, *["bread"] * (PHRASES_MAX + 1))

    assert {tag.place for tag in found} == set(range(1, PHRASES_MAX + 1))


async def test_candidate_says_its_phrase_and_both_texts_as_compared(
    empty_database: Database,
) -> None:
    await add_tags(empty_database, "crème-fraîche")

    (tag,) = await candidates(empty_database, "", "Crême,  fraiche!")

    assert (tag.place, tag.phrase, tag.folded, tag.name) == (
        2,
        "creme fraiche",
        "creme fraiche",
        "crème-fraîche",
    )


async def test_those_that_share_most_are_taken_first(empty_database: Database) -> None:
    others = [f"bread{number:03}" for number in range(CANDIDATES_MAX)]
    await add_tags(empty_database, *others, "bread-for-everybody-in-town")

    found = await candidates(empty_database, "bread")

    assert len(found) == CANDIDATES_MAX
    assert "bread-for-everybody-in-town" in {tag.name for tag in found}


async def test_among_equals_those_of_the_length_are_taken_first(empty_database: Database) -> None:
    others = [f"a-{number:03}-bread" for number in range(CANDIDATES_MAX)]
    await add_tags(empty_database, *others, "oat-bread")

    found = await candidates(empty_database, "bread")

    assert len(found) == CANDIDATES_MAX
    assert "oat-bread" in {tag.name for tag in found}


async def test_candidates_are_bounded_phrase_by_phrase(empty_database: Database) -> None:
    await add_tags(empty_database, *(f"bread-{number}" for number in range(CANDIDATES_MAX + 1)))

    found = await candidates(empty_database, "bread", "breads")

    assert Counter(tag.place for tag in found) == {1: CANDIDATES_MAX, 2: CANDIDATES_MAX}


async def test_words_are_candidates_too(empty_database: Database) -> None:
    async with empty_database.writing() as session:
        await session.execute(text("INSERT INTO words (word) VALUES ('bread'), ('beer')"))

    async with empty_database.reading() as session:
        found = await words_alike(session, ["breads"])

    assert [(word.place, word.name, word.folded) for word in found] == [(1, "bread", "bread")]


async def test_index_finds_the_candidates(empty_database: Database) -> None:
    async with empty_database.writing() as session:
        for statement in (FILL_TAGS, FILL_WORDS):
            await session.execute(text(statement))
        await session.execute(text("ANALYZE tags, words"))

    for phrase in ("organic vegetables", "car"):
        assert "ix_tags_grams" in await plan_of(empty_database, TAGS_ALIKE, phrase)
        assert "ix_words_grams" in await plan_of(empty_database, WORDS_ALIKE, phrase)
