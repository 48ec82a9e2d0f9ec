"""Tags as the files carry them, brought to their one form."""

from collections.abc import Iterable
from datetime import datetime

from mccs_graphql.communities.original.records import Named
from mccs_graphql.domain.directory.tags import normal_tag


def distinct(carried: Iterable[Named]) -> dict[str, datetime | None]:
    """Each tag in its one form with the earliest time that is given for it, in order."""
    tags: dict[str, datetime | None] = {}
    for use in carried:
        name = normal_tag(use.name)
        tags[name] = earliest(tags.get(name), use.created_at)
    return tags


def earliest(*moments: datetime | None) -> datetime | None:
    """The first of those that are known."""
    return min((moment for moment in moments if moment is not None), default=None)
