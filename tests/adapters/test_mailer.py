"""Mails go from the outbox to a real SMTP server."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from mccs_graphql.adapters import smtp
from mccs_graphql.adapters.housekeeping import Housekeeping
from mccs_graphql.adapters.mailer import Mailer
from mccs_graphql.adapters.smtp import SmtpPost
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Entity, EntityStatus, MailKind, MailState
from mccs_graphql.db.queries.tokens import add_mails
from mccs_graphql.domain.mails import outbox, retrying
from mccs_graphql.settings import Settings
from tests.factories import make_member
from tests.mails import (
    change,
    mail_of,
    pass_time,
    queue,
    queue_contact,
    states,
    waits_for,
)
from tests.post_office import post_office
from tests.sending import (
    DAY,
    HOUR,
    MINUTE,
    PATIENCE_SECONDS,
    SOON,
    Sender,
    until,
    update,
    with_smtp,
)


class TestNothingIsSent:
    async def test_for_work_that_was_rolled_back(self, sender: Sender) -> None:
        ana = await make_member(sender.database)
        with suppress(LookupError):
            async with sender.database.writing() as session:
                await add_mails(session, ana.user_id, [MailKind.PASSWORD_RESET])
                raise LookupError

        assert await sender.send() == []
        assert sender.office.connections == 0

    async def test_to_nobody_and_it_takes_nobodys_place(self, sender: Sender) -> None:
        await queue(sender.database, None)
        await queue(sender.database, await make_member(sender.database))

        assert len(await sender.send(mails_per_minute=1)) == 1
        assert await states(sender.database) == ["dropped", "sent"]

    async def test_to_an_entity_that_has_no_address_any_more(self, sender: Sender) -> None:
        ana, ben = await make_member(sender.database), await make_member(sender.database)
        mail = await queue_contact(sender.database, ana, ben)
        await update(sender.database, Entity, ben.entity_id, email="")

        assert await sender.send() == []
        assert "no address" in (await mail_of(sender.database, mail)).error

    async def test_from_who_has_left_the_directory(self, sender: Sender) -> None:
        ana, ben = await make_member(sender.database), await make_member(sender.database)
        await queue_contact(sender.database, ana, ben)
        await update(sender.database, Entity, ana.entity_id, status=EntityStatus.REJECTED)

        assert await sender.send() == []
        assert await states(sender.database) == ["dropped"]

    async def test_when_a_later_one_takes_its_place(self, sender: Sender) -> None:
        ana = await make_member(sender.database)
        for _ in range(3):
            last = await queue(sender.database, ana)

        (received,) = await sender.send()
        assert received["Message-ID"] == f"<{last}@mccs.example>"
        assert await states(sender.database) == ["dropped", "dropped", "sent"]

    async def test_of_a_password_reset_that_is_a_day_late(self, sender: Sender) -> None:
        mail = await queue(sender.database, await make_member(sender.database))
        await pass_time(sender.database, DAY + MINUTE)

        assert await sender.send() == []
        assert (await mail_of(sender.database, mail)).error == "It is too late for it."

    async def test_where_nothing_is_set(
        self, empty_settings: Settings, empty_database: Database
    ) -> None:
        await queue(empty_database, await make_member(empty_database))
        async with Housekeeping(empty_settings, publish=lambda _: None).running():
            await asyncio.sleep(SOON)

        assert await states(empty_database) == ["queued"]


class TestTrouble:
    async def test_server_that_is_away_costs_no_attempt(
        self, sender: Sender, caplog: pytest.LogCaptureFixture
    ) -> None:
        mail = await queue(sender.database, await make_member(sender.database))
        async with post_office() as gone:
            nowhere = with_smtp(sender.settings, gone.port)
        worker = Mailer(nowhere, sender.database, SmtpPost(nowhere))

        for _ in range(2):
            assert not await worker.send_due()

        waiting = await mail_of(sender.database, mail)
        assert (waiting.state, waiting.attempts) == (MailState.QUEUED, 0)
        assert caplog.text.count("cannot be reached") == 1
        assert len(await sender.send()) == 1

    async def test_temporary_refusal_is_followed_by_longer_and_longer_pauses(
        self, sender: Sender
    ) -> None:
        ana = await make_member(sender.database)
        mail = await queue(sender.database, ana)
        sender.office.recipient_answers = [f"450 4.2.0 <{ana.email}> Greylisted"]

        for minutes in (1, 2, 4, 8):
            await sender.send()
            pause = await waits_for(sender.database, mail) / timedelta(minutes=minutes)
            assert 1 - outbox.JITTER - 0.05 <= pause <= 1 + outbox.JITTER
            await pass_time(sender.database, HOUR)

        kept = await mail_of(sender.database, mail)
        assert (kept.state, kept.attempts) == (MailState.QUEUED, 4)
        assert kept.error == "450 4.2.0 ... Greylisted"

    async def test_mail_is_given_up_after_its_last_attempt(self, sender: Sender) -> None:
        mail = await queue(sender.database, await make_member(sender.database))
        await change(sender.database, mail, attempts=outbox.ATTEMPTS_MAX - 1)
        sender.office.data_answers = ["451 Try again"]

        await sender.send()

        assert (await mail_of(sender.database, mail)).state is MailState.FAILED

    async def test_refused_receiver_is_given_up_at_once_and_others_are_not(
        self, sender: Sender
    ) -> None:
        for _ in range(2):
            await queue(sender.database, await make_member(sender.database))
        sender.office.recipient_answers = ["550 5.1.1 No such user", "250 OK"]

        assert len(await sender.send()) == 1
        assert await states(sender.database) == ["failed", "sent"]

    async def test_silent_server_holds_up_nobody(
        self, sender: Sender, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(smtp, "SEND_SECONDS", SOON)
        mail = await queue(sender.database, await make_member(sender.database))
        sender.office.silent.set()

        async with asyncio.timeout(PATIENCE_SECONDS):
            await sender.send()
        sender.office.silent.clear()
        await pass_time(sender.database, HOUR)

        assert (await mail_of(sender.database, mail)).state is MailState.QUEUED
        assert len(await sender.send()) == 1

    async def test_mail_that_cannot_be_written_does_not_hold_up_others(
        self, sender: Sender, caplog: pytest.LogCaptureFixture
    ) -> None:
        ana, ben = await make_member(sender.database), await make_member(sender.database)
        broken = await queue_contact(sender.database, ana, ben)
        await change(sender.database, broken, facts={})
        await queue(sender.database, ben)

        await sender.send()

        assert len(await sender.send()) == 1
        assert (await mail_of(sender.database, broken)).error == "KeyError"
        assert "could not be sent" in caplog.text

    async def test_dead_letters_are_sent_when_somebody_has_them_retried(
        self, sender: Sender
    ) -> None:
        await queue(sender.database, await make_member(sender.database))
        sender.office.recipient_answers = ["550 5.1.1 No such user", "250 OK"]
        await sender.send()

        async with sender.database.writing() as session:
            assert await retrying.retry_all(session) == 1

        assert len(await sender.send()) == 1


class TestRunning:
    async def test_serving_process_sends_what_is_due(self, sender: Sender) -> None:
        await queue(sender.database, await make_member(sender.database))
        settings = with_smtp(sender.settings, sender.office.port)

        async with Housekeeping(settings, publish=lambda _: None).running():
            await until(lambda: len(sender.office.received) == 1)

    async def test_process_ends_between_two_mails(self, sender: Sender) -> None:
        for _ in range(15):
            await queue(sender.database, await make_member(sender.database))
        sender.office.delay = 0.5
        settings = with_smtp(sender.settings, sender.office.port)

        async with Housekeeping(settings, publish=lambda _: None).running():
            await until(lambda: len(sender.office.received) == 1)

        sent = ["sent"] * len(sender.office.received)
        assert await states(sender.database) == sent + ["queued"] * (15 - len(sent))
        assert len(sent) < 15

    async def test_old_mails_are_forgotten(self, sender: Sender) -> None:
        await queue(sender.database, await make_member(sender.database))
        await sender.send()
        waiting = await queue(sender.database, await make_member(sender.database))
        await pass_time(sender.database, 31 * DAY)

        await sender.worker().forget_old()

        assert await states(sender.database) == ["queued"]
        assert (await mail_of(sender.database, waiting)).attempts == 0
