"""Looking through all users, as admins do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from mccs_graphql.db.models import Membership, User
from mccs_graphql.db.queries.all_entities import Condition, begins, within
from mccs_graphql.db.queries.bounded import Sorting, Sought, page_statement
from mccs_graphql.db.queries.keyset import Page, Window, page_of


class UserSortKey(StrEnum):
    """What users are sorted by."""

    NAME = "name"
    EMAIL = "email"
    CREATED = "created"
    LAST_SEEN = "last_seen"


@dataclass(frozen=True)
class UserConditions:
    """What every user found meets; what is None or empty does not matter.

    Each word of ``name`` begins the first or the last name. ``…_from`` is included, ``…_until``
    not. ``deleted`` finds those that are, and no others.
    """

    name: str = ""
    email_prefix: str = ""
    entity_id: UUID | None = None
    second_factor: bool | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None
    seen_from: datetime | None = None
    seen_until: datetime | None = None
    deleted: bool = False


class FoundUser(NamedTuple):
    """A user, and the value they are sorted by."""

    user: User
    key: Any


_KEYS: dict[UserSortKey, InstrumentedAttribute[Any]] = {
    UserSortKey.NAME: User.sort_name,
    UserSortKey.EMAIL: User.email_key,
    UserSortKey.CREATED: User.created_at,
    UserSortKey.LAST_SEEN: User.seen_at,
}


async def page_of_users(
    session: AsyncSession,
    conditions: UserConditions,
    window: Window,
    *,
    key: UserSortKey,
    descending: bool,
) -> Page[FoundUser]:
    """A page of the users who meet the conditions, in one statement."""
    column, all_ = _KEYS[key], tuple(_conditions(conditions))
    on_key = [element for bounded, element in all_ if bounded is column]
    walkable = len(on_key) == len(all_) and not conditions.deleted
    sought = Sought(User, _Finding(all_, deleted=conditions.deleted), on_key, walkable)
    statement = page_statement(sought, Sorting(column, User.id, descending), window.shape)
    rows = await session.execute(statement, window.parameters)
    return page_of([FoundUser(*row) for row in rows], window)


async def count_users(session: AsyncSession, conditions: UserConditions) -> int:
    """How many users meet the conditions."""
    found = _Finding(tuple(_conditions(conditions)), deleted=conditions.deleted)
    return await session.scalar(found(func.count())) or 0


@dataclass(frozen=True)
class _Finding:
    """Reads columns of the users who meet the conditions."""

    conditions: tuple[Condition, ...]
    deleted: bool

    def __call__(self, *columns: Any) -> Select[Any]:
        there = User.deleted_at.is_not(None) if self.deleted else User.deleted_at.is_(None)
        met = (element for _, element in self.conditions)
        return select(*columns).select_from(User).where(there, *met)


def _conditions(wanted: UserConditions) -> Iterator[Condition]:
    if wanted.name:
        yield None, User.beginnings.contains(func.heads_of(wanted.name))
    if wanted.email_prefix:
        yield User.email_key, begins(User.email_key, wanted.email_prefix)
    if wanted.entity_id is not None:
        members = select(Membership.user_id).where(Membership.entity_id == wanted.entity_id)
        yield None, User.id.in_(members)
    if wanted.second_factor is not None:
        since = User.second_factor_at
        yield None, since.is_not(None) if wanted.second_factor else since.is_(None)
    yield from within(User.created_at, wanted.created_from, wanted.created_until)
    yield from within(User.seen_at, wanted.seen_from, wanted.seen_until)
