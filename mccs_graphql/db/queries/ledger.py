"""Reading and locking what the ledger decides on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Account, Entity, IdempotencyKey, Transfer, TransferState

Columns = TypeVarTuple("Columns")


@dataclass(frozen=True)
class Side:
    """One end of a transfer: the account and the entity it belongs to."""

    account: Account
    entity: Entity


@dataclass(frozen=True)
class Found:
    """A transfer and its two sides at a moment by the database's clock."""

    transfer: Transfer
    sides: list[Side]
    now: datetime


async def find_sides(
    session: AsyncSession,
    entity_ids: Sequence[UUID],
    *,
    account_number: str | None = None,
    lock: bool,
) -> list[Side]:
    """The sides with these ids or this account number, in the order of their ids.

    Locked in that order too: two transactions that want the same rows never wait for each other in
    a circle. The lock lets others go on referring to the rows, but not change them.
    """
    rows = await session.execute(
        _LOCKED_SIDES if lock else _SIDES,
        {"entity_ids": entity_ids, "account_number": account_number},
    )
    return [Side(account, entity) for account, entity in rows]


async def find_transfer(session: AsyncSession, transfer_id: UUID, *, lock: bool) -> Found | None:
    """A transfer and its two sides; locked in the order transfer, lower id, higher id."""
    statement = _LOCKED_TRANSFER if lock else _TRANSFER
    rows = (await session.execute(statement, {"id": transfer_id})).all()
    if not rows:
        return None
    sides = [Side(account, entity) for _, account, entity, _ in rows]
    return Found(transfer=rows[0][0], sides=sides, now=rows[0][3])


async def lock_open_transfers(
    session: AsyncSession, entity_id: UUID, *, most: int
) -> Sequence[Transfer]:
    """Transfers of an entity that are not decided, locked in the order of their ids.

    Before any account is locked: that is the order of all who decide one.
    """
    found = await session.scalars(
        select(Transfer)
        .where(_open_of(entity_id))
        .order_by(Transfer.id)
        .limit(most)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return found.all()


async def oldest_open_transfer(session: AsyncSession, *, before: datetime) -> UUID | None:
    """One that was proposed before this moment and is not decided; not locked."""
    found: UUID | None = await session.scalar(
        select(Transfer.id)
        .where(Transfer.state == TransferState.INITIATED, Transfer.proposed_at < before)
        .order_by(Transfer.id)
        .limit(1)
    )
    return found


async def count_open_transfers(session: AsyncSession, entity_id: UUID) -> tuple[int, datetime]:
    """How many transfers of an entity are not decided, and the time by the database's clock.

    Exact until the commit if the account is locked.
    """
    counted = select(func.count(), func.now()).select_from(Transfer).where(_open_of(entity_id))
    count, now = (await session.execute(counted)).one()
    return count, now


def _open_of(entity_id: UUID) -> ColumnElement[bool]:
    sides = or_(Transfer.payer_id == entity_id, Transfer.payee_id == entity_id)
    return and_(sides, Transfer.state == TransferState.INITIATED)


async def claim_key(session: AsyncSession, claim: IdempotencyKey) -> IdempotencyKey:
    """Keep ``claim`` if its key is new, else answer what the key already stands for.

    While another transaction holds the same key, this waits for its end.
    """
    inserted = await session.execute(
        insert(IdempotencyKey)
        .values(
            actor_id=claim.actor_id,
            key=claim.key,
            request_hash=claim.request_hash,
            transfer_id=claim.transfer_id,
        )
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    if inserted.scalar_one_or_none() is not None:
        return claim
    return (
        await session.execute(
            select(IdempotencyKey).where(
                IdempotencyKey.actor_id == claim.actor_id, IdempotencyKey.key == claim.key
            )
        )
    ).scalar_one()


# Built once: putting a statement together costs as much time as running it.
_SIDES = (
    select(Account, Entity)
    .join(Entity, Entity.id == Account.entity_id)
    .where(
        or_(
            Account.entity_id.in_(bindparam("entity_ids", expanding=True)),
            Account.account_number == bindparam("account_number", type_=String),
        )
    )
    .order_by(Account.entity_id)
)
_TRANSFER = (
    select(Transfer, Account, Entity, func.now())
    .join(Account, Account.entity_id.in_((Transfer.payer_id, Transfer.payee_id)))
    .join(Entity, Entity.id == Account.entity_id)
    .where(Transfer.id == bindparam("id"))
    .order_by(Account.entity_id)
)


def _locked(statement: Select[*Columns], *rows: type) -> Select[*Columns]:
    return statement.with_for_update(of=rows, key_share=True).execution_options(
        populate_existing=True
    )


_LOCKED_SIDES = _locked(_SIDES, Account, Entity)
_LOCKED_TRANSFER = _locked(_TRANSFER, Transfer, Account, Entity)
