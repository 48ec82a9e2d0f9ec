"""What those who trade, or want to, have to say of themselves: the original's list."""

from collections.abc import Iterable, Iterator, Mapping

from mccs_graphql.db.models import Entity, EntityStatus, User
from mccs_graphql.domain.errors import Problem

OF_ENTITY = ("inc_type", "description", "address", "city", "region", "postal_code", "country")
OF_USER = ("first_name", "last_name", "telephone")
BOUND = (EntityStatus.TRADING_PENDING, EntityStatus.TRADING_ACCEPTED)
"""The statuses in which it has been said, and has to stay said."""


def missing(row: Entity | User, names: Iterable[str]) -> Iterator[Problem]:
    """The problems of those of the fields that are empty."""
    return _problems(name for name in names if not getattr(row, name).strip())


def cleared(
    row: Entity | User, kept: Mapping[str, object], names: Iterable[str]
) -> Iterator[Problem]:
    """The problems of those of the fields that are to be emptied; ``row`` is as it was before."""
    return _problems(name for name in names if not kept.get(name, True) and getattr(row, name))


def _problems(names: Iterable[str]) -> Iterator[Problem]:
    for name in names:
        yield Problem((name,), "MISSING", "Those who trade have to say this.")
