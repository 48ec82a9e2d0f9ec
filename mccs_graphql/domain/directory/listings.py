"""What an entity offers and wants: two lists of tags, each given whole."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Entity, TagKind
from mccs_graphql.db.models.directory import TAG_MAX, TAGS_MAX
from mccs_graphql.db.queries import tags as queries
from mccs_graphql.domain import text
from mccs_graphql.domain.audit.changes import note
from mccs_graphql.domain.directory.kin import relate
from mccs_graphql.domain.directory.matchmaking import announce
from mccs_graphql.domain.directory.tags import parse_tag
from mccs_graphql.domain.errors import InvalidInput, Problem

WORDS_MAX = 100
"""How many words are looked at, before those that mean the same are merged."""
WORD_MAX = 4 * TAG_MAX
"""Characters of a word before its white space and punctuation go."""


def read_tags(name: str, value: object) -> tuple[str, ...]:
    """The tags that the words of a list stand for, each once. Raises InvalidInput.

    Problems name a word by its place in the list, counted from 0.
    """
    words = value if isinstance(value, Sequence) else ()
    if len(words) > WORDS_MAX:
        raise InvalidInput(problems=(_too_many(name),))
    tags: dict[str, None] = {}
    problems: list[Problem] = []
    for place, word in enumerate(words):
        try:
            tags[read_tag((name, str(place)), word)] = None
        except InvalidInput as error:
            problems += error.problems
    if len(tags) > TAGS_MAX:
        problems.append(_too_many(name))
    text.require(iter(problems))
    return tuple(tags)


async def replace_tags(
    session: AsyncSession, entity_id: UUID, lists: Mapping[TagKind, Sequence[str]]
) -> bool:
    """Give the entity these lists; whether this changed anything. Its row must be locked.

    A tag that stays keeps the time since when it is there; kinds that are not given stay.
    """
    if not lists:
        return False
    now = await queries.carried_by(session, entity_id)
    wanted = {(kind, name) for kind, names in lists.items() for name in names}
    gone = [use for use in now if use.kind in lists and (use.kind, use.name) not in wanted]
    new = wanted - {(use.kind, use.name) for use in now}
    if gone:
        await queries.remove(session, entity_id, gone)
    if new:
        await _add(session, entity_id, new)
    for kind, names in lists.items():
        before = sorted(use.name for use in now if use.kind is kind)
        if before != sorted(names):
            note(session, Entity, entity_id, fields={f"{kind.value}s": (before, sorted(names))})
    return bool(gone or new)


async def _add(
    session: AsyncSession, entity_id: UUID, new: Collection[tuple[TagKind, str]]
) -> None:
    shared = await queries.share(session, {name for _, name in new})
    if shared.new:
        await relate(session, {name: shared.ids[name] for name in shared.new})
    tags = [(kind, shared.ids[name]) for kind, name in new]
    await queries.add(session, entity_id, tags)
    await announce(session, entity_id, tags)


def read_tag(path: tuple[str, ...], word: str) -> str:
    """The tag that a word stands for. Raises InvalidInput."""
    found = tuple(text.problems_of(path[0], word, most=WORD_MAX))
    if found:
        raise InvalidInput(problems=tuple(Problem(path, p.code, p.message) for p in found))
    try:
        return parse_tag(word)
    except ValueError as error:
        problem = Problem(path, "NOT_A_TAG", f"This tag {error}.")
        raise InvalidInput(problems=(problem,)) from error


def _too_many(name: str) -> Problem:
    return Problem((name,), "TOO_MANY", f"At most {TAGS_MAX} tags.")
