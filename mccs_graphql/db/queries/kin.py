"""Tags that are alike enough to match, and whom they bring together."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, or_, text
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import TagKin, TagKind

KIN_MAX = 20
"""Kin of one tag, about: those that are added at the same moment are not counted."""
KIN_LOCK = 7_237_263_051_401_340
"""Any constant number, as long as nobody else takes it."""


@dataclass(frozen=True)
class Kin:
    """Two tags, and how like they are: the name of a ``MatchQuality``."""

    tag_id: UUID
    kin_id: UUID
    quality: str


@dataclass(frozen=True)
class AlikeTag:
    """A tag that an entity carries since a moment, and one that matches it: itself, or a kin."""

    kind: TagKind
    own: str
    since: datetime
    tag_id: UUID
    tag: str
    quality: str


async def take_turns(session: AsyncSession) -> None:
    """Wait for others who relate new words, and let those who come wait until the commit.

    To be called when the words are written: what is read then has the words of all before.
    """
    await session.execute(text(f"SELECT pg_advisory_xact_lock({KIN_LOCK})"))


async def add(session: AsyncSession, kin: Collection[Kin]) -> None:
    """Keep these from both sides, unless one of the two has as much kin as a tag may have."""
    await session.execute(
        _ADD,
        {
            "ones": [pair.tag_id for pair in kin],
            "others": [pair.kin_id for pair in kin],
            "qualities": [pair.quality for pair in kin],
            "most": KIN_MAX,
        },
    )


async def forget(session: AsyncSession, tag_ids: Collection[UUID]) -> None:
    """These tags have no kin any more."""
    await session.execute(
        delete(TagKin).where(or_(TagKin.tag_id.in_(tag_ids), TagKin.kin_id.in_(tag_ids)))
    )


async def alike_to_those_of(session: AsyncSession, entity_id: UUID) -> list[AlikeTag]:
    """Each tag that an entity carries with all that match it, in one statement."""
    rows = await session.execute(_ALIKE, {"entity_id": entity_id})
    return [AlikeTag(TagKind(kind), *rest) for kind, *rest in rows]


_ADD = text("""
    INSERT INTO tag_kin (tag_id, kin_id, quality)
    SELECT side.tag_id, side.kin_id, quality
      FROM unnest(CAST(:ones AS uuid[]), CAST(:others AS uuid[]), CAST(:qualities AS text[]))
           AS pair (one, other, quality)
     CROSS JOIN LATERAL (VALUES (one, other), (other, one)) AS side (tag_id, kin_id)
     WHERE (SELECT count(*) FROM tag_kin WHERE tag_kin.tag_id = one) < :most
       AND (SELECT count(*) FROM tag_kin WHERE tag_kin.tag_id = other) < :most
    ON CONFLICT DO NOTHING
""")
_ALIKE = text("""
    SELECT carried.kind, own.name, carried.created_at, alike.tag_id, tags.name, alike.quality
      FROM entity_tags AS carried
      JOIN tags AS own ON own.id = carried.tag_id
     CROSS JOIN LATERAL (
           SELECT carried.tag_id, 'exact'
           UNION ALL
           SELECT kin_id, quality FROM tag_kin WHERE tag_id = carried.tag_id
           ) AS alike (tag_id, quality)
      JOIN tags ON tags.id = alike.tag_id
     WHERE carried.entity_id = :entity_id
""")
