"""The ledger against a plain model: whatever members do in whatever order, both say the same."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID, uuid4

from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Account, AdminRole, Entity, EntityStatus, Role, User
from mccs_graphql.domain.administration import transfers as by_admin
from mccs_graphql.domain.administration.limits import NewLimits, change_limits
from mccs_graphql.domain.administration.transfers import Movement
from mccs_graphql.domain.errors import Refusal
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.ledger import decisions, proposals
from mccs_graphql.domain.ledger.books import check_books
from mccs_graphql.domain.ledger.commands import Direction, Proposal, Receiver
from mccs_graphql.domain.ledger.limits import Limits
from mccs_graphql.domain.ledger.proposals import Outcome
from mccs_graphql.domain.money import Money
from mccs_graphql.settings import Settings
from tests.factories import make_admin, make_member

FLOORS, CEILINGS = (1000, 300, 0), (500, 1000, 300)
Command = Callable[[AsyncSession], Awaitable[Outcome]]


@dataclass
class ModelAccount:
    """What the model knows of a member."""

    floor: int
    ceiling: int
    viewer: Viewer
    balance: int = 0
    trading: bool = True

    @property
    def entity_id(self) -> UUID:
        (id_,) = self.viewer.entity_ids
        return id_


@dataclass
class ModelTransfer:
    """What the model knows of a transfer."""

    id: UUID
    payer: ModelAccount
    payee: ModelAccount
    initiator: ModelAccount
    amount: int
    state: str = "initiated"
    ended_by: str | None = None
    reversed: bool = False
    is_reversal: bool = False

    def complete(self) -> None:
        """Move the balances."""
        self.state = "completed"
        self.payer.balance -= self.amount
        self.payee.balance += self.amount

    @property
    def receiver(self) -> ModelAccount:
        return self.payee if self.initiator is self.payer else self.payer

    @property
    def too_much_for_payer(self) -> bool:
        return self.payer.balance - self.amount < -self.payer.floor

    @property
    def too_much_for_payee(self) -> bool:
        return self.payee.balance + self.amount > self.payee.ceiling


@dataclass
class World:
    """The real ledger, driven from ordinary functions."""

    runner: asyncio.Runner
    database: Database
    admin: Viewer
    members: list[ModelAccount] = field(default_factory=list)

    def found(self) -> None:
        """Three new members."""
        self.members = self.runner.run(self._found())

    def do(self, command: Command) -> str:
        """Carry a command out as a resolver would; the state it leads to, or the refusal's code."""
        return self.runner.run(self._do(command))

    async def _found(self) -> list[ModelAccount]:
        members = []
        for floor, ceiling in zip(FLOORS, CEILINGS, strict=True):
            made = await make_member(
                self.database, floor=f"{floor / 100:.2f}", ceiling=f"{ceiling / 100:.2f}"
            )
            viewer = Viewer(User(id=made.user_id), uuid4(), {made.entity_id: Role.OWNER})
            members.append(ModelAccount(floor, ceiling, viewer))
        return members

    def change_limits(self, member: ModelAccount, new: NewLimits) -> str:
        """The code with which an admin's change of limits is refused; else nothing."""
        return self.runner.run(self._change_limits(member, new))

    async def _change_limits(self, member: ModelAccount, new: NewLimits) -> str:
        try:
            async with self.database.writing() as session:
                await change_limits(session, self.admin, member.entity_id, new)
        except Refusal as refusal:
            return refusal.code
        return ""

    async def _do(self, command: Command) -> str:
        try:
            async with self.database.writing() as session:
                outcome = await command(session)
        except Refusal as refusal:
            return refusal.code
        return outcome.refusal.code if outcome.refusal else outcome.transfer.state.value


class LedgerAgainstModel(RuleBasedStateMachine):
    """Members propose, decide, repeat themselves and get suspended; an admin steps in."""

    world: ClassVar[World]
    transfers: Bundle[ModelTransfer] = Bundle("transfers")

    @initialize()
    def found(self) -> None:
        self.world.found()
        self.members = self.world.members

    @rule(
        target=transfers,
        who=st.integers(0, 2),
        other=st.integers(0, 2),
        direction=st.sampled_from(Direction),
        amount=st.integers(1, 700),
    )
    def propose(
        self, who: int, other: int, direction: Direction, amount: int
    ) -> ModelTransfer | MultipleResults[ModelTransfer]:
        asking, receiver = self.members[who], self.members[other]
        out = direction is Direction.OUT
        payer, payee = (asking, receiver) if out else (receiver, asking)
        transfer = ModelTransfer(uuid4(), payer, payee, asking, amount)
        made: list[UUID] = []

        async def command(session: AsyncSession) -> Outcome:
            proposal = Proposal(
                asking.entity_id, Receiver(receiver.entity_id), direction, Money(amount)
            )
            outcome = await proposals.propose(session, asking.viewer, proposal, key=uuid4())
            made.append(outcome.transfer.id)
            return outcome

        refused = refused_proposal(transfer)
        assert self.world.do(command) == (refused or "initiated")
        if refused:
            return multiple()
        transfer.id = made[0]
        return transfer

    @rule(transfer=transfers, who=st.integers(0, 2))
    def accept(self, transfer: ModelTransfer, who: int) -> None:
        member = self.members[who]
        expected = self.expect_acceptance(transfer, member)

        async def command(session: AsyncSession) -> Outcome:
            return await decisions.accept(session, member.viewer, transfer.id, key=uuid4())

        assert self.world.do(command) == expected

    @rule(transfer=transfers, who=st.integers(0, 2), rejecting=st.booleans())
    def end(self, transfer: ModelTransfer, who: int, rejecting: bool) -> None:
        member = self.members[who]
        by = "receiver" if rejecting else "initiator"
        expected = self.expect_end(transfer, member, by)
        decide = decisions.reject if rejecting else decisions.cancel

        async def command(session: AsyncSession) -> Outcome:
            return await decide(session, member.viewer, transfer.id, key=uuid4(), reason=None)

        assert self.world.do(command) == expected

    @rule(who=st.integers(0, 2), trading=st.booleans())
    def set_status(self, who: int, trading: bool) -> None:
        member = self.members[who]
        member.trading = trading
        status = EntityStatus.TRADING_ACCEPTED if trading else EntityStatus.TRADING_REJECTED

        async def change() -> None:
            async with self.world.database.writing() as session:
                (await session.get_one(Entity, member.entity_id)).status = status

        self.world.runner.run(change())

    @rule(
        who=st.integers(0, 2),
        floor=st.integers(0, 1000),
        ceiling=st.integers(0, 1000),
        force=st.booleans(),
    )
    def change_limits(self, who: int, floor: int, ceiling: int, force: bool) -> None:
        member = self.members[who]
        before = Limits(Money(member.floor), Money(member.ceiling))
        after = Limits(Money(floor), Money(ceiling))
        outside = before != after and not -floor <= member.balance <= ceiling
        refused = "BALANCE_OUT_OF_LIMITS" if outside and not force else ""

        new = NewLimits(after, expected=before, reason="Why not", force=force)
        assert self.world.change_limits(member, new) == refused
        if not refused:
            member.floor, member.ceiling = floor, ceiling

    @rule(
        target=transfers,
        payer=st.integers(0, 2),
        payee=st.integers(0, 2),
        amount=st.integers(1, 700),
    )
    def make_for_members(
        self, payer: int, payee: int, amount: int
    ) -> ModelTransfer | MultipleResults[ModelTransfer]:
        paying, paid = self.members[payer], self.members[payee]
        transfer = ModelTransfer(uuid4(), paying, paid, paying, amount)

        async def command(session: AsyncSession) -> Outcome:
            movement = Movement(paying.entity_id, paid.entity_id, Money(amount), "", "Why not")
            made = await by_admin.make(session, self.world.admin, movement, key=uuid4())
            transfer.id = made.id
            return Outcome(made)

        refused = refused_movement(transfer)
        assert self.world.do(command) == (refused or "completed")
        if refused:
            return multiple()
        transfer.complete()
        return transfer

    @rule(target=transfers, transfer=transfers)
    def reverse(self, transfer: ModelTransfer) -> ModelTransfer | MultipleResults[ModelTransfer]:
        back = ModelTransfer(
            uuid4(), transfer.payee, transfer.payer, transfer.payee, transfer.amount
        )

        async def command(session: AsyncSession) -> Outcome:
            made = await by_admin.reverse(
                session, self.world.admin, transfer.id, key=uuid4(), reason="Why not"
            )
            back.id = made.id
            return Outcome(made)

        refused = refused_reversal(transfer, back)
        assert self.world.do(command) == (refused or "completed")
        if refused:
            return multiple()
        back.complete()
        transfer.reversed, back.is_reversal = True, True
        return back

    @rule(transfer=transfers)
    def cancel_for_members(self, transfer: ModelTransfer) -> None:
        expected = "TRANSFER_ALREADY_DECIDED"
        if transfer.state == "initiated" or transfer.ended_by == "admin":
            expected, transfer.state, transfer.ended_by = "cancelled", "cancelled", "admin"

        async def command(session: AsyncSession) -> Outcome:
            return Outcome(
                await by_admin.cancel(
                    session, self.world.admin, transfer.id, key=uuid4(), reason="Why not"
                )
            )

        assert self.world.do(command) == expected

    @invariant()
    def balances_are_those_of_the_model(self) -> None:
        async def read() -> dict[UUID, int]:
            async with self.world.database.reading() as session:
                ids = [member.entity_id for member in self.members]
                rows = await session.execute(
                    select(Account.entity_id, Account.balance).where(Account.entity_id.in_(ids))
                )
                return {row.entity_id: row.balance for row in rows}

        expected = {member.entity_id: member.balance for member in self.members}
        assert self.world.runner.run(read()) == expected
        assert sum(expected.values()) == 0

    def expect_acceptance(self, transfer: ModelTransfer, member: ModelAccount) -> str:
        """What the rules say of an acceptance; and do it to the model."""
        refused = refused_acceptance(transfer, member)
        if refused or transfer.state == "completed":
            return refused or transfer.state
        if transfer.too_much_for_payer or transfer.too_much_for_payee:
            transfer.state, transfer.ended_by = "cancelled", "system"
            return "TRANSFER_CANCELLED_BY_SYSTEM"
        transfer.complete()
        return "completed"

    def expect_end(self, transfer: ModelTransfer, member: ModelAccount, by: str) -> str:
        """What the rules say of a rejection or cancellation; and do it to the model."""
        if member not in (transfer.payer, transfer.payee):
            return "TRANSFER_NOT_FOUND"
        if member is not (transfer.receiver if by == "receiver" else transfer.initiator):
            return "DECISION_NOT_YOURS"
        if transfer.state != "initiated" and transfer.ended_by != by:
            return "TRANSFER_ALREADY_DECIDED"
        transfer.state, transfer.ended_by = "cancelled", by
        return "cancelled"


def refused_proposal(transfer: ModelTransfer) -> str | None:
    """The code with which a proposal is refused, told by the rules in their order."""
    asking, other = transfer.initiator, transfer.receiver
    own, theirs = "CREDIT_LIMIT_EXCEEDED", "COUNTERPARTY_LIMIT_EXCEEDED"
    too_much, too_much_there = transfer.too_much_for_payer, transfer.too_much_for_payee
    if asking is transfer.payee:
        own = "BALANCE_CEILING_EXCEEDED"
        too_much, too_much_there = too_much_there, too_much
    reasons = [
        (transfer.payer is transfer.payee, "TRANSFER_WITH_ITSELF"),
        (not asking.trading, "ENTITY_NOT_TRADING"),
        (not other.trading, "COUNTERPARTY_NOT_TRADING"),
        (too_much, own),
        (too_much_there, theirs),
    ]
    return next((code for holds, code in reasons if holds), None)


def refused_movement(transfer: ModelTransfer) -> str | None:
    """The code with which an admin's transfer is refused, told by the rules in their order."""
    reasons = [
        (transfer.payer is transfer.payee, "INVALID_INPUT"),
        (not transfer.payer.trading, "PAYER_NOT_TRADING"),
        (not transfer.payee.trading, "PAYEE_NOT_TRADING"),
        *limit_reasons(transfer),
    ]
    return next((code for holds, code in reasons if holds), None)


def refused_reversal(transfer: ModelTransfer, back: ModelTransfer) -> str | None:
    """The code with which a reversal is refused, told by the rules in their order."""
    reasons = [
        (transfer.state != "completed", "TRANSFER_NOT_COMPLETED"),
        (transfer.is_reversal, "TRANSFER_IS_REVERSAL"),
        (transfer.reversed, "TRANSFER_ALREADY_REVERSED"),
        *limit_reasons(back),
    ]
    return next((code for holds, code in reasons if holds), None)


def limit_reasons(transfer: ModelTransfer) -> list[tuple[bool, str]]:
    """Why the limits of either side are against it."""
    return [
        (transfer.too_much_for_payer, "PAYER_LIMIT_EXCEEDED"),
        (transfer.too_much_for_payee, "PAYEE_LIMIT_EXCEEDED"),
    ]


def refused_acceptance(transfer: ModelTransfer, member: ModelAccount) -> str | None:
    """The code with which an acceptance is refused, told by the rules in their order."""
    open_ = transfer.state == "initiated"
    reasons = [
        (member not in (transfer.payer, transfer.payee), "TRANSFER_NOT_FOUND"),
        (member is not transfer.receiver, "DECISION_NOT_YOURS"),
        (transfer.ended_by == "system", "TRANSFER_CANCELLED_BY_SYSTEM"),
        (transfer.state == "cancelled", "TRANSFER_ALREADY_DECIDED"),
        (open_ and not member.trading, "ENTITY_NOT_TRADING"),
        (open_ and not transfer.initiator.trading, "COUNTERPARTY_NOT_TRADING"),
    ]
    return next((code for holds, code in reasons if holds), None)


def test_ledger_does_what_the_model_does(settings: Settings) -> None:
    with asyncio.Runner() as runner:
        database = Database(settings)
        LedgerAgainstModel.world = World(runner, database, runner.run(introduce(database)))
        try:
            run_state_machine_as_test(LedgerAgainstModel, settings=SEARCH)
            differences = runner.run(differences_in(database))
        finally:
            runner.run(database.close())
    assert differences == ()


async def introduce(database: Database) -> Viewer:
    """An admin, who changes limits and steps in with transfers."""
    made = await make_admin(database, AdminRole.ADMIN)
    return Viewer(User(id=made.user_id), uuid4(), admin_role=AdminRole.ADMIN)


async def differences_in(database: Database) -> tuple[object, ...]:
    """What `check-books` would complain about."""
    async with database.snapshot() as session:
        return (await check_books(session, progress=lambda _: None)).differences


SEARCH = hypothesis_settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
