"""The mails that come along with notices, as they arrive."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mccs_graphql.db.models import (
    Channel,
    EventKind,
    Mail,
    MailKind,
    MailState,
    Membership,
    NoticeKind,
    Role,
    Transfer,
    TransferState,
    User,
)
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.db.models.transfer import Canceller, SystemReason
from mccs_graphql.db.queries.ledger import find_sides
from mccs_graphql.domain import events
from mccs_graphql.schema.ids import IdPrefix, encode_id
from mccs_graphql.settings import Language
from tests.access.askers import join
from tests.factories import Member, make_member
from tests.mails import mail_of, queue, states, waits_for
from tests.notices import choose, tell
from tests.sending import HOUR, MINUTE, Sender, html_of, link_in, text_of, update

PROPOSED, MAIL = NoticeKind.TRANSFER_PROPOSED, Channel.MAIL
DESCRIPTION = "<b>Rolls</b> for\na week"


@pytest.fixture
async def ana(sender: Sender) -> Member:
    """A bakery, which proposes."""
    return await make_member(sender.database, entity_name="Ana's Bakery")


@pytest.fixture
async def ben(sender: Sender) -> Member:
    """A joinery, which is to decide."""
    return await make_member(sender.database, entity_name="Ben's Joinery")


async def propose(sender: Sender, ana: Member, ben: Member, *, ana_pays: bool = True) -> Transfer:
    """Ana proposes a transfer to Ben, and those who are to know are told."""
    payer, payee = (ana, ben) if ana_pays else (ben, ana)
    transfer = Transfer(
        id=uuid7(),
        payer_id=payer.entity_id,
        payee_id=payee.entity_id,
        initiator_id=ana.entity_id,
        payer_name=payer.name,
        payee_name=payee.name,
        amount=125_000,
        description=DESCRIPTION,
        proposed_by=ana.user_id,
    )
    async with sender.database.writing() as session:
        session.add(transfer)
    await log(sender, transfer, EventKind.TRANSFER_PROPOSED)
    return transfer


async def cancel(
    sender: Sender, ana: Member, ben: Member, by: Canceller, *, reason: str | None = None
) -> None:
    transfer = await propose(sender, ana, ben)
    await update(
        sender.database,
        Transfer,
        transfer.id,
        state=TransferState.CANCELLED,
        decided_at=datetime.now(UTC),
        cancelled_by=by,
        cancellation_reason=reason,
        system_reason=SystemReason.PAYEE_BALANCE_CEILING if by is Canceller.SYSTEM else None,
    )
    await log(sender, transfer, EventKind.TRANSFER_CANCELLED)


async def log(sender: Sender, transfer: Transfer, kind: EventKind) -> None:
    async with sender.database.writing() as session:
        sides = await find_sides(session, [transfer.payer_id, transfer.payee_id], lock=True)
        accounts = [side.account for side in sides]
        events.record(session, kind=kind, transfer=transfer, accounts=accounts)
    await tell(sender.database)


async def last_mail(sender: Sender) -> Mail:
    async with sender.database.reading() as session:
        id_ = await session.scalar(select(Mail.id).order_by(Mail.id.desc()).limit(1))
    assert id_
    return await mail_of(sender.database, id_)


async def be_quiet(sender: Sender, member: Member, zone: str = "UTC") -> None:
    """From an hour ago for two hours, by the clock on the wall."""
    now = datetime.now(UTC)
    await update(
        sender.database,
        User,
        member.user_id,
        time_zone=zone,
        quiet_from=(now - HOUR).time(),
        quiet_to=(now + HOUR).time(),
    )


class TestProposal:
    async def test_that_is_decided_by_then_is_not_told(
        self, sender: Sender, ana: Member, ben: Member
    ) -> None:
        await cancel(sender, ana, ben, Canceller.INITIATOR)

        received = await sender.send()

        assert all("wants to pay" not in mail["Subject"] for mail in received)
        assert await states(sender.database) == ["dropped", "sent", "sent"]

    async def test_is_told_to_who_is_to_decide(
        self, sender: Sender, ana: Member, ben: Member
    ) -> None:
        transfer = await propose(sender, ana, ben)

        (received,) = await sender.send()

        assert received["To"] == ben.email
        assert received["Subject"] == "Ana's Bakery wants to pay you 1,250.00 credits"
        assert "> <b>Rolls</b> for\n> a week" in text_of(received)
        assert "<b>" not in html_of(received)
        id_ = encode_id(IdPrefix.TRANSFER, transfer.id)
        assert link_in(received) == f"https://app.mccs.example/transfers/{id_}"
        assert ana.email not in received.as_string()

    async def test_of_who_wants_to_be_paid_says_so_in_the_readers_language(
        self, sender: Sender, ana: Member, ben: Member
    ) -> None:
        await update(sender.database, User, ben.user_id, language=Language.DE)
        await propose(sender, ana, ben, ana_pays=False)

        (received,) = await sender.send()

        assert received["Subject"] == "Ana's Bakery bittet dich um 1.250,00 credits"

    async def test_is_not_told_to_who_has_left(
        self, sender: Sender, ana: Member, ben: Member
    ) -> None:
        eve = await make_member(sender.database)
        await join(sender.database, eve, ben, Role.VIEWER)
        await propose(sender, ana, ben)
        async with sender.database.writing() as session:
            key = (eve.user_id, ben.entity_id)
            await session.delete(await session.get_one(Membership, key))

        assert [mail["To"] for mail in await sender.send()] == [ben.email]


class TestEnd:
    async def test_rejection_is_told_to_both_with_its_reason(
        self, sender: Sender, ana: Member, ben: Member
    ) -> None:
        await cancel(sender, ana, ben, Canceller.RECEIVER, reason="No <i>rolls</i>.")

        received = {mail["To"]: mail for mail in await sender.send()}

        assert {to: mail["Subject"] for to, mail in received.items()} == {
            ana.email: "A payment of 1,250.00 credits to Ben's Joinery was rejected",
            ben.email: "A payment of 1,250.00 credits from Ana's Bakery was rejected",
        }
        assert "What you proposed was rejected" in text_of(received[ana.email])
        assert "Your side rejected a proposal" in text_of(received[ben.email])
        for mail in received.values():
            assert "> No <i>rolls</i>." in text_of(mail)
            assert "<i>" not in html_of(mail)

    async def test_cancellation_is_told_to_both(
        self, sender: Sender, ana: Member, ben: Member
    ) -> None:
        await cancel(sender, ana, ben, Canceller.INITIATOR)

        received = {mail["To"]: text_of(mail) for mail in await sender.send()}

        assert "Your side took a proposal back" in received[ana.email]
        assert "What was proposed to you was taken back" in received[ben.email]
        assert "The reason that was given" not in received[ben.email]

    async def test_cancellation_by_a_rule_says_which_one(
        self, sender: Sender, ana: Member, ben: Member
    ) -> None:
        await cancel(sender, ana, ben, Canceller.SYSTEM)

        for mail in await sender.send():
            assert "Ben's Joinery would have held more than its limit allows." in text_of(mail)


class TestPreferences:
    async def test_mail_that_was_turned_off_meanwhile_is_dropped(
        self, sender: Sender, ana: Member, ben: Member
    ) -> None:
        await propose(sender, ana, ben)
        await choose(sender.database, ben, PROPOSED, MAIL, wanted=False)

        assert await sender.send() == []
        assert await states(sender.database) == ["dropped"]

    async def test_what_is_mandatory_is_sent_all_the_same(
        self, sender: Sender, ana: Member
    ) -> None:
        await choose(sender.database, ana, NoticeKind.SECOND_FACTOR_ON, MAIL, wanted=False)
        await queue(sender.database, ana, MailKind.SECOND_FACTOR_ON)

        assert len(await sender.send()) == 1


class TestQuietHours:
    async def test_mail_waits_until_they_end_and_counts_no_attempt(
        self, sender: Sender, ana: Member, ben: Member
    ) -> None:
        await be_quiet(sender, ben)
        await propose(sender, ana, ben)

        assert await sender.send() == []

        mail = await last_mail(sender)
        assert (mail.state, mail.attempts, mail.attempted_at) == (MailState.QUEUED, 0, None)
        assert abs(await waits_for(sender.database, mail.id) - HOUR) < MINUTE

    async def test_mail_goes_out_once_they_have_ended(
        self, sender: Sender, ana: Member, ben: Member
    ) -> None:
        await be_quiet(sender, ben)
        await propose(sender, ana, ben)
        await sender.send()
        await update(sender.database, User, ben.user_id, quiet_from=None, quiet_to=None)
        mail = await last_mail(sender)
        await update(sender.database, Mail, mail.id, next_attempt_at=datetime.now(UTC))

        assert [mail["To"] for mail in await sender.send()] == [ben.email]

    async def test_what_is_mandatory_does_not_wait(self, sender: Sender, ana: Member) -> None:
        await be_quiet(sender, ana)
        await queue(sender.database, ana, MailKind.SECOND_FACTOR_ON)

        assert len(await sender.send()) == 1

    async def test_they_are_by_the_clocks_of_the_community_unless_a_user_says_otherwise(
        self, sender: Sender, ana: Member, ben: Member
    ) -> None:
        await be_quiet(sender, ben)
        await propose(sender, ana, ben)
        await update(sender.database, User, ben.user_id, time_zone=None)

        assert len(await sender.send(time_zone="Pacific/Auckland")) == 1


class TestUnsubscribing:
    async def test_mail_that_cannot_be_turned_off_has_no_link_for_it(
        self, sender: Sender, ana: Member
    ) -> None:
        for kind in (MailKind.SECOND_FACTOR_ON, MailKind.PASSWORD_RESET):
            await queue(sender.database, ana, kind)

        received = await sender.send()

        assert len(received) == 2
        for mail in received:
            assert "List-Unsubscribe" not in mail
            assert "unsubscribe" not in mail.as_string()

    async def test_mail_that_can_be_says_where_in_header_and_text(
        self, sender: Sender, ana: Member, ben: Member
    ) -> None:
        await propose(sender, ana, ben)

        (received,) = await sender.send(api_url="https://api.mccs.example")

        link = received["List-Unsubscribe"].strip("<>")
        assert link.startswith("https://api.mccs.example/unsubscribe?token=transfer_proposed.")
        assert received["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert f"No more mails like this one:\n{link}" in text_of(received)
        assert f'href="{link}"' in html_of(received)

    async def test_header_is_on_one_line_as_it_is_sent(
        self, sender: Sender, ana: Member, ben: Member
    ) -> None:
        await propose(sender, ana, ben)
        await sender.send()

        (envelope,) = sender.office.envelopes
        content = envelope.original_content or b""
        assert b"\nList-Unsubscribe: <https://app.mccs.example/unsubscribe?token=" in content

    async def test_one_click_is_not_offered_without_tls(
        self, sender: Sender, ana: Member, ben: Member
    ) -> None:
        await propose(sender, ana, ben)

        (received,) = await sender.send(api_url="http://127.0.0.1:8000")

        assert "List-Unsubscribe" in received
        assert "List-Unsubscribe-Post" not in received


async def test_news_do_not_hold_up_what_somebody_waits_for(
    sender: Sender, ana: Member, ben: Member
) -> None:
    await propose(sender, ana, ben)
    await sender.send(mails_per_recipient=1)
    await queue(sender.database, ben, MailKind.SECOND_FACTOR_ON)
    await propose(sender, ana, ben)

    received = await sender.send(mails_per_recipient=1)

    assert len(received) == 2
    assert await states(sender.database) == ["sent", "sent", "queued"]
    assert await waits_for(sender.database, (await last_mail(sender)).id) > timedelta(0)
