"""Ledgers whose every moment is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import (
    Account,
    Canceller,
    Entity,
    EntityStatus,
    LimitChange,
    Posting,
    SystemReason,
    Transfer,
    TransferState,
    User,
)
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.domain.identity.sign_up import Application, Terms, add_member, new_member
from mccs_graphql.domain.ledger.postings import post
from mccs_graphql.domain.money import Money
from mccs_graphql.domain.statistics.figures import measure
from mccs_graphql.domain.statistics.period import Period
from mccs_graphql.domain.statistics.values import Statistics

HOUR = timedelta(hours=1)
_number = count(1)


def on(month: int, day: int, hour: int = 12) -> datetime:
    """A moment of the year 2026, in UTC."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


SPRING = Period(on(3, 1, 0), on(5, 1, 0))
"""March and April; the members of a ledger joined before."""
BEFORE = on(1, 10)


@dataclass(frozen=True)
class Ledger:
    """What the tests put into the books of a community. Amounts count the smallest unit."""

    database: Database
    admin_id: UUID

    async def members(self, number: int, *, joined: datetime = BEFORE, **terms: Any) -> list[UUID]:
        """Some that may go from -100.00 to 100.00 and trade, unless the terms say otherwise."""
        return [await self._member(joined, **terms) for _ in range(number)]

    async def _member(
        self,
        joined: datetime,
        *,
        floor: int = 10_000,
        ceiling: int = 10_000,
        status: EntityStatus = EntityStatus.TRADING_ACCEPTED,
    ) -> UUID:
        number = next(_number)
        email, name = f"ledger{number}@example.com", f"Shop {number}"
        application = Application(email=email, password="", entity_name=name)
        terms = Terms(status, Money(floor), Money(ceiling))
        made = new_member(application, email=email, password_hash="!", terms=terms)
        made.entity.created_at = joined
        made.account.created_at = joined
        async with self.database.writing() as session:
            await add_member(session, made)
        return made.entity.id

    async def propose(
        self, payer: UUID, payee: UUID, amount: int, at: datetime, **more: Any
    ) -> Transfer:
        """A proposal of the payer that nobody has decided."""
        transfer = self._proposal(payer, payee, amount, at, **more)
        async with self.database.writing() as session:
            session.add(transfer)
        return transfer

    async def pay(
        self,
        payer: UUID,
        payee: UUID,
        amount: int,
        at: datetime,
        *,
        waited: timedelta = HOUR,
        **more: Any,
    ) -> UUID:
        """A transfer that completed at this moment."""
        transfer = self._proposal(payer, payee, amount, at - waited, **more)
        async with self.database.writing() as session:
            session.add(transfer)
            await session.flush()  # every transfer begins as initiated
            transfer.state, transfer.decided_at = TransferState.COMPLETED, at
            sides = [await session.get_one(Account, id_) for id_ in (payer, payee)]
            post(session, transfer, payer=sides[0], payee=sides[1])
            for row in session.new:
                if isinstance(row, Posting):
                    row.posted_at = at
        return transfer.id

    def _proposal(
        self, payer: UUID, payee: UUID, amount: int, at: datetime, **more: Any
    ) -> Transfer:
        return Transfer(
            id=uuid7(),
            payer_id=payer,
            payee_id=payee,
            initiator_id=payer,
            payer_name="Payer",
            payee_name="Payee",
            amount=amount,
            proposed_at=at,
            proposed_by=self.admin_id,
            **more,
        )

    async def cancel(
        self, proposal: Transfer, at: datetime, by: Canceller = Canceller.RECEIVER
    ) -> None:
        """End a proposal; by the receiver it is rejected."""
        async with self.database.writing() as session:
            transfer = await session.get_one(Transfer, proposal.id)
            transfer.state, transfer.decided_at = TransferState.CANCELLED, at
            transfer.cancelled_by = by
            if by is Canceller.SYSTEM:
                transfer.system_reason = SystemReason.PAYER_CREDIT_LIMIT

    async def reverse(self, transfer_id: UUID, at: datetime) -> UUID:
        """Take a transfer back, as an admin does."""
        async with self.database.reading() as session:
            undone = await session.get_one(Transfer, transfer_id)
        return await self.pay(
            undone.payee_id,
            undone.payer_id,
            undone.amount,
            at,
            waited=timedelta(),
            admin_id=self.admin_id,
            admin_reason="Paid twice.",
            reverses_id=transfer_id,
        )

    async def ring(
        self, members: Sequence[UUID], amount: int, at: datetime, **more: Any
    ) -> list[UUID]:
        """Each pays the next, the last the first: no balance is another one afterwards."""
        following = [*members[1:], members[0]]
        pairs = zip(members, following, strict=True)
        return [await self.pay(payer, payee, amount, at, **more) for payer, payee in pairs]

    async def delete(self, entity_id: UUID, at: datetime, *, settle_with: UUID) -> None:
        """Delete an entity that holds something, which goes to another one at the same moment."""
        async with self.database.reading() as session:
            balance = (await session.get_one(Account, entity_id)).balance
        await self.pay(entity_id, settle_with, balance, at, waited=timedelta())
        async with self.database.writing() as session:
            entity = await session.get_one(Entity, entity_id)
            entity.status, entity.deleted_at = EntityStatus.REJECTED, at

    async def limit(self, entity_id: UUID, floor: int, at: datetime) -> None:
        """From this moment on the entity may owe so much."""
        async with self.database.writing() as session:
            account = await session.get_one(Account, entity_id)
            change = LimitChange(
                entity_id=entity_id,
                number=1,
                max_negative_before=account.max_negative_balance,
                max_positive_before=account.max_positive_balance,
                max_negative_after=floor,
                max_positive_after=account.max_positive_balance,
                reason="A larger oven.",
                forced=False,
                changed_by=self.admin_id,
                changed_at=at,
            )
            account.max_negative_balance = floor
            session.add(change)

    async def measured(self, period: Period = SPRING) -> Statistics:
        """The figures of this period."""
        async with self.database.snapshot() as session:
            return await measure(session, period)


async def open_ledger(database: Database) -> Ledger:
    """An empty one, and an admin to step in."""
    async with database.writing() as session:
        user = User(email=f"ledger{next(_number)}@example.com", password_hash="!")
        session.add(user)
        await session.flush()
    return Ledger(database, user.id)
