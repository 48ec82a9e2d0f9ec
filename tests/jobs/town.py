"""A community whose jobs are done by a clock that the tests move."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.adapters.scheduled import ScheduledWork
from mccs_graphql.adapters.scheduler import Clock
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Entity, Event, JobName, ScheduledJob, Transfer
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.domain.audit.trail import SYSTEM, Deed, audited
from mccs_graphql.domain.events import WakeUp
from mccs_graphql.settings import Settings
from tests.factories import Member, make_member
from tests.listings import carry, tell_all

FAR = datetime(2999, 1, 1, tzinfo=UTC)
AMOUNT = 500


class MovedClock:
    """The one clock of all processes; it stands still until a test moves it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    async def __call__(self, _session: AsyncSession) -> datetime:
        return self.now

    def move(self, period: timedelta) -> None:
        """Let so much time pass."""
        self.now += period


class Town:
    """A database, a clock, and the processes that share both."""

    def __init__(self, settings: Settings, database: Database, clock: MovedClock) -> None:
        self.settings, self.database, self.clock = settings, database, clock
        self.published: list[WakeUp] = []
        self._opened: list[ScheduledWork] = []

    def process(self, *, clock: Clock | None = None, **wishes: object) -> ScheduledWork:
        """A process with connections of its own."""
        settings = self.settings.model_copy(update=wishes)
        opened = ScheduledWork(settings, publish=self.published.extend, clock=clock or self.clock)
        self._opened.append(opened)
        return opened

    def dying(self, *, after: int) -> ScheduledWork:
        """A process that is killed when it has done so many batches with news."""
        batches = 0

        def die(_news: Sequence[WakeUp]) -> None:
            nonlocal batches
            batches += 1
            if batches == after:
                raise Killed

        opened = ScheduledWork(self.settings, publish=die, clock=self.clock)
        self._opened.append(opened)
        return opened

    async def close(self) -> None:
        """End all processes."""
        for opened in self._opened:
            await opened.close()

    async def only(self, *names: JobName) -> None:
        """These jobs are due now, the others never."""
        async with self.database.writing() as session:
            await session.execute(
                update(ScheduledJob).where(ScheduledJob.name.not_in(names)).values(due_at=FAR)
            )
            await session.execute(
                update(ScheduledJob)
                .where(ScheduledJob.name.in_(names))
                .values(due_at=self.clock.now)
            )

    async def job(self, name: JobName) -> ScheduledJob:
        """The row as it is now."""
        async with self.database.reading() as session:
            return await session.get_one(ScheduledJob, name)

    async def member(self, *, wants_digest: bool = False) -> Member:
        """A member, who is written to in the morning or not."""
        made = await make_member(self.database)
        if wants_digest:
            await self.switch_digest(made, on=True)
        return made

    async def switch_digest(self, member: Member, *, on: bool) -> None:
        """The entity wants to be told of matches each morning, or no more."""
        async with self.database.writing() as session:
            await session.execute(
                update(Entity)
                .where(Entity.id == member.entity_id)
                .values(receive_daily_match_notification_email=on)
            )

    async def offer(self, *offers: str) -> Member:
        """Somebody new offers these, and those who want them are told in their logs."""
        made = await self.member()
        await carry(self.database, made, offers=list(offers))
        await tell_all(self.database)
        return made

    async def propose(self, payer: Member, payee: Member) -> UUID:
        """A proposal of this moment by the database's clock."""
        proposal = Transfer(
            id=uuid7(),
            payer_id=payer.entity_id,
            payee_id=payee.entity_id,
            initiator_id=payer.entity_id,
            payer_name=payer.name,
            payee_name=payee.name,
            amount=AMOUNT,
            proposed_by=payer.user_id,
        )
        async with audited(self.database, Deed("propose", SYSTEM)) as session:
            session.add(proposal)
        return proposal.id

    async def transfer(self, id_: UUID) -> Transfer:
        """The row as it is now."""
        async with self.database.reading() as session:
            return await session.get_one(Transfer, id_)

    async def log_of(self, member: Member) -> list[Event]:
        """What the member's log has left."""
        async with self.database.reading() as session:
            found = await session.scalars(
                select(Event).where(Event.entity_id == member.entity_id).order_by(Event.seq)
            )
            return list(found)


class Killed(BaseException):
    """What nothing in a process catches."""
