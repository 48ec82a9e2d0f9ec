"""Tags and words that may be like what somebody typed: a coarse choice, made by an index."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import TextClause

CANDIDATES_MAX = 100
"""Rows for one phrase."""
PHRASES_MAX = 20
PHRASE_MAX = 100
"""Characters of a phrase that are looked at."""

SHORT_WORD = 5
"""Letters of a word in which one slip may leave no four in a row as they were."""
SWAPPED_WORD = 6
"""Letters of a word in which two swapped ones may leave hardly three in a row as they were."""


@dataclass(frozen=True)
class TagCandidate:
    """A tag for the phrase at ``place``, counted from 1. ``phrase`` and ``folded`` are spaced."""

    place: int
    phrase: str
    folded: str
    name: str
    id: UUID
    curated: bool


@dataclass(frozen=True)
class WordCandidate:
    """A word for the phrase at ``place``, counted from 1. ``phrase`` and ``folded`` are spaced."""

    place: int
    phrase: str
    folded: str
    name: str


# Each key is a set of grams that the index finds together. Three letters in a row are shared by
# thousands of names, so words are looked up by two grams in a row, which are four letters; endings
# are left out, as all but the last letters say more. Short words are looked up by single grams,
# but not by their first letter alone if there are others, and with any two letters swapped.
# OFFSET 0 keeps PostgreSQL from folding a phrase again for every row.
_ALIKE = """
SELECT asked.place, asked.phrase, spaced(found.name), found.*
  FROM (SELECT place, spaced(typed) AS phrase, length(spaced(typed)) AS letters
          FROM unnest(CAST(:phrases AS text[])) WITH ORDINALITY AS given (typed, place)
        OFFSET 0) AS asked
 CROSS JOIN LATERAL (
       SELECT {columns}
         FROM (SELECT DISTINCT grams
                 FROM (SELECT word, length(word) AS letters, '  ' || word || ' ' AS padded
                         FROM unnest(words_of(asked.phrase)) AS word OFFSET 0) AS words
                CROSS JOIN LATERAL (
                      SELECT ARRAY[substr(padded, place, 3), substr(padded, place + 1, 3)]
                        FROM generate_series(1, letters - 1) AS place WHERE letters > :short
                      UNION ALL
                      SELECT ARRAY[substr(padded, place, 3)]
                        FROM generate_series(least(2, letters), letters + 1) AS place
                       WHERE letters <= :short
                      UNION ALL
                      SELECT grams_of(overlay(word PLACING reverse(substr(word, place, 2))
                                              FROM place FOR 2))
                        FROM generate_series(1, letters - 1) AS place WHERE letters <= :swapped
                      ) AS keys (grams)
              ) AS keys
         JOIN {table} AS alike ON alike.grams @> keys.grams
        GROUP BY {columns}
        ORDER BY sum(cardinality(keys.grams)) DESC, abs(length({name}) - asked.letters), {name}
        LIMIT :rows
       ) AS found ({names})
"""


def _alike(table: str, *, name: str, more: Sequence[str] = ()) -> TextClause:
    columns = [f"alike.{column}" for column in (name, *more)]
    statement = _ALIKE.format(
        table=table,
        name=columns[0],
        columns=", ".join(columns),
        names=", ".join(("name", *more)),
    )
    return text(statement).bindparams(short=SHORT_WORD, swapped=SWAPPED_WORD, rows=CANDIDATES_MAX)


TAGS_ALIKE = _alike("tags", name="name", more=["id", "curated"])
WORDS_ALIKE = _alike("words", name="word")


async def tags_alike(session: AsyncSession, phrases: Sequence[str]) -> list[TagCandidate]:
    """Tags that share letters with the first ``PHRASES_MAX`` phrases, in one statement.

    For each those that share most, then those of about its length; in no order.
    """
    rows = await session.execute(TAGS_ALIKE, _parameters(phrases))
    return [TagCandidate(*row) for row in rows]


async def words_alike(session: AsyncSession, words: Sequence[str]) -> list[WordCandidate]:
    """Words of names and descriptions, chosen as ``tags_alike`` does it."""
    rows = await session.execute(WORDS_ALIKE, _parameters(words))
    return [WordCandidate(*row) for row in rows]


def _parameters(phrases: Sequence[str]) -> dict[str, list[str]]:
    return {"phrases": [phrase[:PHRASE_MAX] for phrase in phrases[:PHRASES_MAX]]}
