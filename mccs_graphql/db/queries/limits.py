"""Limits of accounts, what became of them, and who follows a default."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, not_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Account, Entity, EntityStatus, LimitChange, LimitDefault
from mccs_graphql.db.queries.keyset import Ordering, Page, Window, page_of

Column = TypeVar("Column")

HISTORY_ORDER = Ordering((LimitChange.number,), descending=True)
FOLLOWER_ORDER = Ordering((Account.entity_id,))
BATCH = 1_000
"""Accounts changed by one statement, so that none of them takes long."""


@dataclass(frozen=True)
class Followers:
    """The accounts of a status whose limits are these: those of a default.

    With ``beyond`` only those whose balance lies outside of that range.
    """

    status: EntityStatus
    limits: tuple[int, int]
    beyond: tuple[int, int] | None = None

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """On accounts joined with their entities."""
        negative, positive = self.limits
        found = [
            Entity.status == self.status,
            Account.max_negative_balance == negative,
            Account.max_positive_balance == positive,
        ]
        if self.beyond is not None:
            floor, ceiling = self.beyond
            found.append(not_(Account.balance.between(-floor, ceiling)))
        return found


@dataclass(frozen=True)
class Noted:
    """An entry in the history of an account's limits; ``forced`` if its balance lies outside."""

    entity_id: UUID
    number: int
    forced: bool


async def lock_account(session: AsyncSession, entity_id: UUID) -> Account | None:
    """The account as it is now; nobody else changes it until the commit."""
    return await session.get(
        Account, entity_id, with_for_update={"key_share": True}, populate_existing=True
    )


async def count_changes(session: AsyncSession, entity_id: UUID) -> int:
    """How often an account's limits have changed; the account must be locked."""
    last = select(func.max(LimitChange.number)).where(LimitChange.entity_id == entity_id)
    return await session.scalar(last) or 0


async def page_of_changes(
    session: AsyncSession, entity_id: UUID, window: Window
) -> Page[LimitChange]:
    """A window of what became of an account's limits, newest first."""
    own = select(LimitChange).where(LimitChange.entity_id == entity_id)
    rows = await session.scalars(HISTORY_ORDER.apply(own, window.shape), window.parameters)
    return page_of(rows.all(), window)


async def find_default(
    session: AsyncSession, status: EntityStatus, *, held: bool
) -> LimitDefault | None:
    """What was set for a status; if ``held``, nobody changes it until the transaction ends."""
    wanted = select(LimitDefault).where(LimitDefault.status == status)
    if held:
        wanted = wanted.with_for_update(read=True)
    found: LimitDefault | None = await session.scalar(wanted)
    return found


async def lock_default(session: AsyncSession, status: EntityStatus) -> LimitDefault | None:
    """What was set for a status; of two who ask for the same one, one waits for the other."""
    await session.execute(_LOCK, {"status": status.value})
    found: LimitDefault | None = await session.scalar(
        select(LimitDefault)
        .where(LimitDefault.status == status)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def now(session: AsyncSession) -> datetime:
    """The time of the transaction, by the database's clock."""
    moment: datetime = (await session.execute(select(func.now()))).scalar_one()
    return moment


async def all_defaults(session: AsyncSession) -> Sequence[LimitDefault]:
    """What was set for any status."""
    return (await session.scalars(select(LimitDefault))).all()


async def page_of_followers(
    session: AsyncSession, wanted: Followers, window: Window
) -> Page[Entity]:
    """A window of the followers, by id."""
    found = _join(select(Entity), wanted)
    rows = await session.scalars(FOLLOWER_ORDER.apply(found, window.shape), window.parameters)
    return page_of(rows.all(), window)


async def count_followers(session: AsyncSession, wanted: Followers) -> int:
    """How many followers there are."""
    return await session.scalar(_join(select(func.count()), wanted)) or 0


async def lock_followers(session: AsyncSession, wanted: Followers, *, after: UUID) -> list[UUID]:
    """The next followers, at most ``BATCH``, locked in the order of their ids."""
    found = await session.scalars(
        _join(select(Account.entity_id), wanted)
        .where(Account.entity_id > after)
        .order_by(Account.entity_id)
        .limit(BATCH)
        .with_for_update(of=[Account, Entity], key_share=True)
    )
    return list(found)


async def change_many(
    session: AsyncSession, ids: Sequence[UUID], *, to: tuple[int, int], reason: str, admin_id: UUID
) -> list[Noted]:
    """Give locked accounts these limits; the entry that each has of it in its history."""
    values = {"ids": list(ids), "negative": to[0], "positive": to[1]}
    inserted = await session.execute(
        _NOTE_CHANGES, values | {"reason": reason, "admin_id": admin_id}
    )
    noted = [Noted(row.entity_id, row.number, row.forced) for row in inserted]
    await session.execute(_CHANGE_LIMITS, values)
    # What waits to be checked at the commit is checked batch by batch, so that none takes long.
    for when in ("IMMEDIATE", "DEFERRED"):
        await session.execute(text(f"SET CONSTRAINTS limit_changes_checked {when}"))
    return noted


def _join(statement: Select[Column], wanted: Followers) -> Select[Column]:
    return (
        statement.select_from(Account)
        .join(Entity, Entity.id == Account.entity_id)
        .where(*wanted.conditions)
    )


_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('limit_defaults'), hashtext(:status))")
_NOTE_CHANGES = text("""
    INSERT INTO limit_changes (entity_id, number, max_negative_before, max_positive_before,
                               max_negative_after, max_positive_after, reason, forced, by_default,
                               changed_by)
    SELECT entity_id,
           1 + COALESCE((SELECT max(number) FROM limit_changes c
                          WHERE c.entity_id = a.entity_id), 0),
           max_negative_balance, max_positive_balance,
           CAST(:negative AS bigint), CAST(:positive AS bigint), :reason,
           balance NOT BETWEEN -CAST(:negative AS bigint) AND CAST(:positive AS bigint),
           true, CAST(:admin_id AS uuid)
      FROM accounts a WHERE entity_id = ANY(CAST(:ids AS uuid[]))
    RETURNING entity_id, number, forced
""")
_CHANGE_LIMITS = text("""
    UPDATE accounts SET max_negative_balance = :negative, max_positive_balance = :positive
     WHERE entity_id = ANY(CAST(:ids AS uuid[]))
""")
