"""Completing tags while they are typed."""

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Counted, TagKind
from mccs_graphql.db.queries.counts import counts_of
from mccs_graphql.domain.directory.vocabulary import TAGS_MAX_PER_PHRASE, TagHit, find_tags
from mccs_graphql.domain.directory.wanted import Wanted, require_searchable

TAGS_SHOWN_MAX = TAGS_MAX_PER_PHRASE
_KINDS = {TagKind.OFFER: Counted.OFFER, TagKind.WANT: Counted.WANT}


async def complete(session: AsyncSession, typed: str, *, kind: TagKind | None) -> list[TagHit]:
    """Tags like what was typed, the likest first, that a listed entity carries or an admin made.

    Raises InvalidInput. What only entities carry that are not listed is nobody else's business.
    """
    require_searchable(Wanted(offers=(typed,)))
    (hits,) = await find_tags(session, [typed])
    counts = await counts_of(session, [hit.tag_id for hit in hits])
    kinds = _KINDS.values() if kind is None else (_KINDS[kind],)
    return [
        hit for hit in hits if hit.curated or any(counts.get((one, hit.tag_id)) for one in kinds)
    ]
