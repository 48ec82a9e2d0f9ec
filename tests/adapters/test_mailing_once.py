"""Each mail is sent once, and not too many are."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from uuid import uuid4

import pytest

from mccs_graphql.adapters.mailer import Mailer
from mccs_graphql.adapters.post import Deliver
from mccs_graphql.adapters.smtp import SmtpPost
from mccs_graphql.db.models import MailState
from mccs_graphql.domain.mails import outbox
from tests.factories import make_member
from tests.mails import (
    change,
    mail_of,
    pass_time,
    queue,
    queue_contact,
)
from tests.sending import (
    DAY,
    HOUR,
    MINUTE,
    Sender,
    with_smtp,
)


class Killed(BaseException):
    """What nothing in a worker catches."""


class KilledAfterwards(SmtpPost):
    """A worker that is killed when the server has the mail, and before it can say so."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Deliver]:
        async with super().open() as deliver:

            async def die(message: EmailMessage) -> None:
                await deliver(message)
                raise Killed

            yield die


class TestDuplicates:
    async def test_workers_never_send_the_same_mail(self, sender: Sender) -> None:
        for _ in range(20):
            await queue(sender.database, await make_member(sender.database))

        workers = [sender.worker(mails_per_minute=0) for _ in range(4)]
        await asyncio.gather(*(worker.send_due() for worker in workers))

        received = [message["Message-ID"] for message in sender.office.received]
        assert len(received) == len(set(received)) == 20

    async def test_mail_is_sent_once(self, sender: Sender) -> None:
        await queue(sender.database, await make_member(sender.database))

        await sender.send()
        await pass_time(sender.database, DAY)

        assert len(await sender.send()) == 1

    async def test_kill_after_sending_costs_one_duplicate_known_by_its_id(
        self, sender: Sender
    ) -> None:
        await queue(sender.database, await make_member(sender.database))
        settings = with_smtp(sender.settings, sender.office.port)
        with pytest.raises(Killed):
            await Mailer(settings, sender.database, KilledAfterwards(settings)).send_due()

        assert len(await sender.send()) == 1, "its lease still runs"
        await pass_time(sender.database, outbox.LEASE)
        first, second = await sender.send()
        await pass_time(sender.database, outbox.LEASE)

        assert first["Message-ID"] == second["Message-ID"]
        assert len(await sender.send()) == 2

    async def test_worker_that_comes_back_too_late_changes_nothing(self, sender: Sender) -> None:
        mail = await queue(sender.database, await make_member(sender.database))
        limits = outbox.Limits(per_minute=0, per_recipient=0)
        taken = []
        for _ in range(2):
            async with sender.database.writing() as session:
                taken.append(await outbox.take(session, limits=limits))
            await pass_time(sender.database, outbox.LEASE)
        late, second = taken
        assert late
        assert second

        async with sender.database.writing() as session:
            assert not await outbox.give_up(session, late, "late")
            assert await outbox.sent(session, second)
        assert (await mail_of(sender.database, mail)).state is MailState.SENT

    async def test_mail_that_kills_its_workers_is_given_up(self, sender: Sender) -> None:
        mail = await queue(sender.database, await make_member(sender.database))
        await change(
            sender.database,
            mail,
            state=MailState.SENDING,
            leased_by=uuid4(),
            attempts=outbox.ATTEMPTS_MAX,
        )

        assert await sender.send() == []
        assert (await mail_of(sender.database, mail)).error == outbox.LEASE_LAPSED


class TestLimits:
    async def test_of_a_minute_holds_for_all_workers(self, sender: Sender) -> None:
        for _ in range(5):
            await queue(sender.database, await make_member(sender.database))

        workers = [sender.worker(mails_per_minute=3) for _ in range(3)]
        await asyncio.gather(*(worker.send_due() for worker in workers))
        assert len(sender.office.received) == 3

        await pass_time(sender.database, MINUTE)
        assert len(await sender.send(mails_per_minute=3)) == 5

    async def test_of_a_minute_holds_for_workers_that_come_at_the_same_moment(
        self, sender: Sender
    ) -> None:
        for _ in range(8):
            await queue(sender.database, await make_member(sender.database))

        async def take() -> bool:
            async with sender.database.writing() as session:
                limits = outbox.Limits(per_minute=3, per_recipient=0)
                return await outbox.take(session, limits=limits) is not None

        assert sum(await asyncio.gather(*(take() for _ in range(8)))) == 3

    async def test_of_a_minute_is_not_used_up_by_mails_that_are_dropped(
        self, sender: Sender
    ) -> None:
        ana = await make_member(sender.database)
        for _ in range(3):
            await queue(sender.database, ana)

        assert len(await sender.send(mails_per_minute=1)) == 1

    async def test_of_one_receiver_is_put_off_and_does_not_hold_up_others(
        self, sender: Sender
    ) -> None:
        ana, ben = await make_member(sender.database), await make_member(sender.database)
        for body in "abc":
            last = await queue_contact(sender.database, ana, ben, body)
        await queue_contact(sender.database, ben, ana)

        received = await sender.send(mails_per_recipient=2)

        assert [message["To"] for message in received] == [ben.email, ben.email, ana.email]
        assert (await mail_of(sender.database, last)).attempts == 0
        await pass_time(sender.database, HOUR)
        assert len(await sender.send(mails_per_recipient=2)) == 4
