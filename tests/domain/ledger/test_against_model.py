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
from mccs_graphql.db.models import Account, Entity, EntityStatus, Role, User
from mccs_graphql.domain.errors import Refusal
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.ledger import decisions, proposals
from mccs_graphql.domain.ledger.books import check_books
from mccs_graphql.domain.ledger.commands import Direction, Proposal, Receiver
from mccs_graphql.domain.ledger.proposals import Outcome
from mccs_graphql.domain.money import Money
from mccs_graphql.settings import Settings
from tests.factories import make_member

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

    async def _do(self, command: Command) -> str:
        try:
            async with self.database.writing() as session:
                outcome = await command(session)
        except Refusal as refusal:
            return refusal.code
        return outcome.refusal.code if outcome.refusal else outcome.transfer.state.value


class LedgerAgainstModel(RuleBasedStateMachine):
    """Members propose, decide, repeat themselves and get suspended."""

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
        transfer.state = "completed"
        transfer.payer.balance -= transfer.amount
        transfer.payee.balance += transfer.amount
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
        LedgerAgainstModel.world = World(runner, database)
        try:
            run_state_machine_as_test(LedgerAgainstModel, settings=SEARCH)
            differences = runner.run(differences_in(database))
        finally:
            runner.run(database.close())
    assert differences == ()


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
