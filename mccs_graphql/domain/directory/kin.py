"""Which tags are alike enough to bring those who offer and those who want them together.

Stricter than a search: who searches sees what was found and goes on, who is told of a match comes
for nothing if it is none. So tags are taken for finished words, and other words do not count:
car is not kin to carpentry, soup not to soap, fresh-bread not to bread-ovens.
"""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.queries import kin as queries
from mccs_graphql.db.queries import vocabulary
from mccs_graphql.db.queries.kin import KIN_MAX, Kin
from mccs_graphql.domain.directory.likeness import Likeness, MatchQuality, likeness, same_word

SLIP = 89
"""Score of a word that differs from another by a slip: one letter in nine. With fewer letters
another letter is mostly another word, as in massage and message."""
LETTERS_OF_A_ROOT = 6
"""Letters of a word that say what longer ones are about that begin so, as garden does for
gardening. Shorter ones, as car and plan, begin words about anything."""
_QUALITIES = list(MatchQuality)


async def relate(session: AsyncSession, tags: Mapping[str, UUID]) -> None:
    """Find the kin of these tags, which must be written, by their names.

    Others who relate new tags wait until the commit, so that of two new tags the later one finds
    the earlier. No new tag may be written after this in the same transaction: who waits here has
    written theirs, and nobody may wait for them. What is known already stays.
    """
    await queries.take_turns(session)
    all_names = list(tags)
    for start in range(0, len(all_names), vocabulary.PHRASES_MAX):
        names = all_names[start : start + vocabulary.PHRASES_MAX]
        candidates = await vocabulary.tags_alike(session, names)
        found = list(_kin_of(names, tags, candidates))
        if found:
            await queries.add(session, found)


def kinship(one: str, other: str) -> MatchQuality | None:
    """In which way two tags match, or None; the same whichever comes first.

    Both are as SQL ``spaced()`` gives them.
    """
    if not _akin(one.split(), other.split()):
        return None
    ways = [way for way in (likeness(one, other), likeness(other, one)) if way]
    best = min(ways, key=_rank, default=None)
    return best.quality if best else MatchQuality.SIMILAR


def _kin_of(
    names: Sequence[str],
    tags: Mapping[str, UUID],
    candidates: Sequence[vocabulary.TagCandidate],
) -> Iterator[Kin]:
    for place, name in enumerate(names, start=1):
        found = [
            (_QUALITIES.index(quality), candidate.name, Kin(tags[name], candidate.id, quality))
            for candidate in candidates
            if candidate.place == place and candidate.name != name
            if (quality := kinship(candidate.phrase, candidate.folded))
        ]
        yield from (kin for *_, kin in sorted(found, key=itemgetter(0, 1))[:KIN_MAX])


def _akin(one: Sequence[str], other: Sequence[str]) -> bool:
    """All words of one are in the other, or they are the same letters with other gaps."""
    fewer, more = sorted((one, other), key=len)
    if not fewer:
        return False
    if "".join(one) == "".join(other):
        return True
    if len(fewer) < len(more):
        return all(any(same_word(word, found) for found in more) for word in fewer)
    return _covers(one, other) and _covers(other, one)


def _covers(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether each word has its counterpart, be it with a slip or with another ending."""
    return all(any(_counterpart(word, found) for found in other) for word in one)


def _counterpart(one: str, other: str) -> bool:
    if same_word(one, other):
        return True
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= LETTERS_OF_A_ROOT and longer.startswith(shorter):
        return True
    found = likeness(one, other)
    return bool(found and found.quality is MatchQuality.SIMILAR and found.score >= SLIP)


def _rank(likeness: Likeness) -> tuple[int, int]:
    return likeness.rank
