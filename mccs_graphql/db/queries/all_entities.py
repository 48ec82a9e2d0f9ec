"""Looking through all entities, listed or not, as admins do."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from mccs_graphql.db.models import (
    Account,
    Entity,
    EntityCategory,
    EntityStatus,
    EntityTag,
    Tag,
    TagKind,
)
from mccs_graphql.db.queries.bounded import Sorting, Sought, page_statement
from mccs_graphql.db.queries.conditions import TermGroups, category_id, has_terms
from mccs_graphql.db.queries.keyset import Page, Window, page_of


class EntitySortKey(StrEnum):
    """What all entities are sorted by."""

    NAME = "name"
    CREATED = "created"
    STATUS = "status"
    BALANCE = "balance"
    MAX_NEGATIVE_BALANCE = "max_negative_balance"
    MAX_POSITIVE_BALANCE = "max_positive_balance"
    DECLARED_TURNOVER = "declared_turnover"


@dataclass(frozen=True)
class Range:
    """From ``least`` to ``most``, both included; None means no bound."""

    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class EntityConditions:
    """What every entity found meets; what is None or empty does not matter.

    ``names`` are terms of names; amounts count the smallest unit; of ``offers`` and of ``wants``,
    which are names of tags, one each is carried. ``created_from`` is included, ``created_until``
    not. ``deleted`` finds those that are, and no others.
    """

    names: TermGroups = ()
    email_prefix: str = ""
    statuses: tuple[EntityStatus, ...] = ()
    balance: Range = Range()
    max_negative_balance: Range = Range()
    max_positive_balance: Range = Range()
    declared_turnover: Range = Range()
    created_from: datetime | None = None
    created_until: datetime | None = None
    offers: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    category: str | None = None
    places: tuple[tuple[str, str], ...] = ()
    deleted: bool = False


class FoundEntity(NamedTuple):
    """An entity, and the value it is sorted by."""

    entity: Entity
    key: Any


_KEYS: dict[EntitySortKey, InstrumentedAttribute[Any]] = {
    EntitySortKey.NAME: Entity.sort_name,
    EntitySortKey.CREATED: Entity.created_at,
    EntitySortKey.STATUS: Entity.status,
    EntitySortKey.BALANCE: Account.balance,
    EntitySortKey.MAX_NEGATIVE_BALANCE: Account.max_negative_balance,
    EntitySortKey.MAX_POSITIVE_BALANCE: Account.max_positive_balance,
    EntitySortKey.DECLARED_TURNOVER: Entity.turnover_key,
}
Condition = tuple[InstrumentedAttribute[Any] | None, ColumnElement[bool]]
"""With the column that it bounds, if it bounds one."""


async def page_of_entities(
    session: AsyncSession,
    conditions: EntityConditions,
    window: Window,
    *,
    key: EntitySortKey,
    descending: bool,
) -> Page[FoundEntity]:
    """A page of the entities that meet the conditions, in one statement."""
    column = _KEYS[key]
    id_ = Account.entity_id if column.class_ is Account else Entity.id
    statement = page_statement(
        _sought(conditions, column), Sorting(column, id_, descending), window.shape
    )
    rows = await session.execute(statement, window.parameters)
    return page_of([FoundEntity(*row) for row in rows], window)


async def count_entities(session: AsyncSession, conditions: EntityConditions) -> int:
    """How many entities meet the conditions."""
    finding = _finding(conditions, tuple(_conditions(conditions)))
    return await session.scalar(finding(func.count())) or 0


def _sought(conditions: EntityConditions, key: InstrumentedAttribute[Any]) -> Sought:
    all_ = tuple(_conditions(conditions))
    on_key = [element for column, element in all_ if column is key]
    walkable = len(on_key) == len(all_) and not conditions.deleted
    return Sought(Entity, _finding(conditions, all_, key), on_key, walkable)


def _finding(
    conditions: EntityConditions,
    all_: tuple[Condition, ...],
    *keys: InstrumentedAttribute[Any],
) -> "_Finding":
    used = (*keys, *(column for column, _ in all_ if column is not None))
    accounts = any(column.class_ is Account for column in used)
    return _Finding(all_, deleted=conditions.deleted, accounts=accounts)


@dataclass(frozen=True)
class _Finding:
    """Reads columns of the entities that meet the conditions; with ``accounts``, also of these."""

    conditions: tuple[Condition, ...]
    deleted: bool
    accounts: bool

    def __call__(self, *columns: Any) -> Select[Any]:
        statement = select(*columns).select_from(Entity)
        if self.accounts:
            statement = statement.join(Account, Account.entity_id == Entity.id)
        there = Entity.deleted_at.is_not(None) if self.deleted else Entity.deleted_at.is_(None)
        return statement.where(there, *(element for _, element in self.conditions))


def _conditions(wanted: EntityConditions) -> Iterator[Condition]:
    if (terms := _terms(wanted)) is not None:
        yield None, terms
    if wanted.email_prefix:
        yield Entity.email_key, begins(Entity.email_key, wanted.email_prefix)
    if wanted.statuses:
        yield Entity.status, Entity.status.in_(wanted.statuses)
    yield from within(Entity.created_at, wanted.created_from, wanted.created_until)
    for column, range_ in (
        (Account.balance, wanted.balance),
        (Account.max_negative_balance, wanted.max_negative_balance),
        (Account.max_positive_balance, wanted.max_positive_balance),
        (Entity.turnover_key, _said(wanted.declared_turnover)),
    ):
        yield from _inside(column, range_)
    for kind, names in ((TagKind.OFFER, wanted.offers), (TagKind.WANT, wanted.wants)):
        if names:
            yield None, Entity.id.in_(_carriers(kind, names))
    if wanted.category is not None:
        filed = EntityCategory.category_id == category_id(wanted.category)
        yield None, Entity.id.in_(select(EntityCategory.entity_id).where(filed))


def _terms(wanted: EntityConditions) -> ColumnElement[bool] | None:
    """Words and places, said for both indexes of terms: of what is listed, and of what is not."""
    places = [
        Entity.terms.contains(array([literal(f"{place}:") + func.spaced(name)]))
        for place, name in wanted.places
    ]
    terms = [*has_terms(wanted.names), *places]
    if not terms:
        return None
    return or_(and_(Entity.listed == true(), *terms), and_(Entity.listed == false(), *terms))


def begins(column: InstrumentedAttribute[str], beginning: str) -> ColumnElement[bool]:
    """The column, which is in small letters, begins so; its index is of use."""
    escaped = beginning.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return column.like(func.lower(escaped) + "%")


def within(
    column: InstrumentedAttribute[datetime], since: datetime | None, until: datetime | None
) -> Iterator[Condition]:
    """A moment from ``since`` on and before ``until``."""
    if since is not None:
        yield column, column >= since
    if until is not None:
        yield column, column < until


def _inside(column: InstrumentedAttribute[int], range_: Range) -> Iterator[Condition]:
    if range_.least is not None:
        yield column, column >= range_.least
    if range_.most is not None:
        yield column, column <= range_.most


def _said(turnover: Range) -> Range:
    """Who does not say a turnover has none below the ``most`` either."""
    return turnover if turnover == Range() else replace(turnover, least=turnover.least or 0)


def _carriers(kind: TagKind, names: tuple[str, ...]) -> Select[Any]:
    meant = select(Tag.id).where(Tag.name.in_(names))
    return select(EntityTag.entity_id).where(EntityTag.kind == kind, EntityTag.tag_id.in_(meant))
