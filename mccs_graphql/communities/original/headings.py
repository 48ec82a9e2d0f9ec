"""One heading for all the ways in which the files spell it."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from string import capwords

from mccs_graphql.communities.original.records import Member, Named
from mccs_graphql.communities.original.tagging import earliest
from mccs_graphql.domain.directory.tags import normal_tag


@dataclass(frozen=True)
class Heading:
    """A category under the name that is shown."""

    name: str
    created_at: datetime | None


def key_of(name: str) -> str:
    """The same for ``Home Textiles`` and ``home-textiles``; empty without letter or digit."""
    return normal_tag("".join(" " if _is_mark(character) else character for character in name))


def choose_headings(
    listed: Iterable[Named], members: Iterable[Member], *, existing: Mapping[str, str]
) -> dict[str, Heading]:
    """A heading for each key of the list and the entities.

    Its name is the one in the database, by key in ``existing``; else the first spelling that was
    written for people, with a capital or a space in it, as on the entities; else one made for them.
    """
    carried = [Named(name=name) for member in members for name in member.entity.categories]
    spellings: dict[str, list[Named]] = {}
    for heading in (*listed, *carried):
        spellings.setdefault(key_of(heading.name), []).append(heading)
    return {
        key: Heading(
            name=existing.get(key) or _name(found),
            created_at=earliest(*(heading.created_at for heading in found)),
        )
        for key, found in spellings.items()
    }


def _name(spellings: list[Named]) -> str:
    names = [heading.name.strip() for heading in spellings]
    for name in names:
        if name != name.lower() or " " in name:
            return name
    return capwords(names[0].replace("-", " "))


def _is_mark(character: str) -> bool:
    """Punctuation or a symbol."""
    return unicodedata.category(character)[0] in {"P", "S"}
