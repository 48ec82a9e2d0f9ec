"""Counting attempts so that no two at the same moment see the same count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

FORGET_BATCH = 20
"""More than one attempt can leave behind, so what is forgotten does not pile up."""


@dataclass(frozen=True)
class Name:
    """What a count is about. Letter case in ``subject`` does not matter, as in users' addresses."""

    rule: str
    place: str
    subject: str


@dataclass(frozen=True)
class Count:
    """A count as it was written, and the moment at which it was read, with its row locked."""

    key: bytes
    rule: str
    level: float
    counted_at: datetime
    forgotten_at: datetime
    now: datetime


@dataclass(frozen=True)
class Change:
    """What a locked count becomes."""

    key: bytes
    level: float
    forgotten_at: datetime


async def lock_counts(session: AsyncSession, names: Sequence[Name]) -> list[Count]:
    """The counts with these names, which are there from now on, each locked until the commit."""
    found = await session.execute(_LOCK, _parameters(names))
    return [Count(*row) for row in found]


async def is_remembered(session: AsyncSession, name: Name) -> bool:
    """Whether there is something under this name that is not forgotten yet."""
    return bool(await session.scalar(_IS_REMEMBERED, _parameters([name])))


async def remember(session: AsyncSession, name: Name, *, kept: timedelta) -> bool:
    """Remember a name for so long from now on; whether it was remembered before.

    Of two at the same moment both may be the first, unless a lock keeps them apart.
    """
    parameters = _parameters([name]) | {"kept": kept}
    return bool(await session.scalar(_REMEMBER, parameters))


async def change_counts(session: AsyncSession, changes: Sequence[Change]) -> None:
    """Write locked counts, as of now."""
    parameters = {
        "keys": [change.key for change in changes],
        "levels": [change.level for change in changes],
        "ends": [change.forgotten_at for change in changes],
    }
    await session.execute(_CHANGE, parameters)


async def forget(session: AsyncSession) -> None:
    """Remove some of what is of no use any more."""
    await session.execute(_FORGET, {"most": FORGET_BATCH})


def _parameters(names: Sequence[Name]) -> dict[str, list[str]]:
    return {
        "rules": [name.rule for name in names],
        "places": [name.place for name in names],
        "subjects": [name.subject for name in names],
    }


# Letters are made small by the same function as in the index on users: what finds one user is one
# subject. In the order of their keys, so that nobody waits for a row of one who waits for theirs.
_NAMED = """
    SELECT sha256(convert_to(concat_ws('|', rule, place, lower(subject)), 'UTF8')) AS key, rule
    FROM unnest(CAST(:rules AS text[]), CAST(:places AS text[]), CAST(:subjects AS text[]))
        AS name (rule, place, subject)"""
_LOCK = text(f"""
    INSERT INTO attempt_counts AS a (key, rule, level, counted_at, forgotten_at)
    SELECT key, rule, 0, clock_timestamp(), clock_timestamp() FROM ({_NAMED}) AS named ORDER BY key
    ON CONFLICT (key) DO UPDATE SET rule = excluded.rule
    RETURNING a.key, a.rule, a.level, a.counted_at, a.forgotten_at, clock_timestamp()
""")  # noqa: S608 - every word of it is here
_IS_REMEMBERED = text(f"""
    SELECT EXISTS (SELECT FROM attempt_counts JOIN ({_NAMED}) AS named USING (key)
                   WHERE forgotten_at > clock_timestamp())
""")  # noqa: S608
# What the statement itself writes is not seen by the part that looks.
_REMEMBER = text(f"""
    INSERT INTO attempt_counts AS a (key, rule, level, counted_at, forgotten_at)
    SELECT key, rule, 0, clock_timestamp(), clock_timestamp() + CAST(:kept AS interval)
    FROM ({_NAMED}) AS named
    ON CONFLICT (key) DO UPDATE
        SET counted_at = excluded.counted_at, forgotten_at = excluded.forgotten_at
    RETURNING EXISTS (SELECT FROM attempt_counts AS before
                      WHERE before.key = a.key AND before.forgotten_at > clock_timestamp())
""")  # noqa: S608
_CHANGE = text("""
    UPDATE attempt_counts AS a
    SET level = new.level, counted_at = clock_timestamp(), forgotten_at = new.forgotten_at
    FROM unnest(CAST(:keys AS bytea[]), CAST(:levels AS float8[]), CAST(:ends AS timestamptz[]))
        AS new (key, level, forgotten_at)
    WHERE a.key = new.key
""")
_FORGET = text("""
    DELETE FROM attempt_counts WHERE key IN (
        SELECT key FROM attempt_counts WHERE forgotten_at < clock_timestamp()
        ORDER BY forgotten_at LIMIT :most FOR UPDATE SKIP LOCKED)
""")
