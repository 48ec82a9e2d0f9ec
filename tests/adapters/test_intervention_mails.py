"""What arrives at members when an admin decides about them or about their transfers."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import (
    AdminRole,
    Entity,
    EntityStatus,
    Membership,
    Role,
    Transfer,
    User,
)
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.domain.administration import statuses, transfers
from mccs_graphql.domain.administration.statuses import Decision
from mccs_graphql.domain.administration.transfers import Movement
from mccs_graphql.domain.identity import sessions
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.money import Money
from mccs_graphql.schema.ids import IdPrefix, encode_id
from mccs_graphql.settings import Language
from tests.access.askers import join
from tests.factories import Member, make_admin, make_member
from tests.mails import states
from tests.sending import Sender, html_of, link_in, text_of, update

REASON = "<b>Paid</b> to the\nwrong bakery."
AMOUNT = Money(125_000)


@pytest.fixture
async def ana(sender: Sender) -> Member:
    """A bakery that may pay much."""
    return await make_member(sender.database, entity_name="Ana's Bakery", floor="5000.00")


@pytest.fixture
async def ben(sender: Sender) -> Member:
    """A joinery that may receive much."""
    return await make_member(sender.database, entity_name="Ben's Joinery", ceiling="5000.00")


async def admin_in(sender: Sender, session: AsyncSession) -> Viewer:
    admin = await make_admin(sender.database, AdminRole.ADMIN)
    return await sessions.authenticate(session, admin.session_id, admins_need_second_factor=False)


async def decide(sender: Sender, about: Member, to: EntityStatus, message: str = "") -> None:
    async with sender.database.writing() as session:
        decision = Decision(to=to, message=message)
        await statuses.change_status(session, about.entity_id, decision, expected_version=1)


async def pay(sender: Sender, payer: Member, payee: Member) -> Transfer:
    movement = Movement(payer.entity_id, payee.entity_id, AMOUNT, "Rolls", REASON)
    async with sender.database.writing() as session:
        return await transfers.make(session, await admin_in(sender, session), movement, key=uuid7())


async def propose(sender: Sender, payer: Member, payee: Member) -> Transfer:
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
    async with sender.database.writing() as session:
        session.add(proposal)
    return proposal


def on_one_line(text: str) -> str:
    return " ".join(text.split())


class TestStatus:
    async def test_is_not_told_to_who_has_left(self, sender: Sender, ana: Member) -> None:
        await decide(sender, ana, EntityStatus.REJECTED)
        async with sender.database.writing() as session:
            membership = await session.get_one(Membership, (ana.user_id, ana.entity_id))
            await session.delete(membership)

        assert await sender.send() == []
        assert await states(sender.database) == ["dropped"]

    async def test_is_told_to_each_member_and_nobody_else(
        self, sender: Sender, ana: Member, ben: Member
    ) -> None:
        eve = await make_member(sender.database)
        await join(sender.database, eve, ana, Role.VIEWER)
        await decide(sender, ana, EntityStatus.TRADING_REJECTED)

        received = await sender.send()

        assert {mail["To"] for mail in received} == {ana.email, eve.email}

    async def test_says_from_what_to_what_with_the_message(
        self, sender: Sender, ana: Member
    ) -> None:
        await decide(sender, ana, EntityStatus.REJECTED, "Sorry.\n<b>Ask again</b> in May.")

        (received,) = await sender.send()

        assert received["Subject"] == "Ana's Bakery has another status: rejected"
        said = on_one_line(text_of(received))
        assert "Its status before: accepted for trading. Its status now: rejected." in said
        assert "It is not in the directory, and cannot make transfers." in said
        assert "> Sorry.\n> <b>Ask again</b> in May." in text_of(received)
        assert "<b>" not in html_of(received)
        assert link_in(received) == f"https://app.mccs.example/entities/{ana.id}"

    async def test_without_a_message_quotes_nothing(self, sender: Sender, ana: Member) -> None:
        await decide(sender, ana, EntityStatus.ACCEPTED)

        (received,) = await sender.send()

        assert "They write" not in text_of(received)


class TestTransfer:
    async def test_is_not_told_to_who_has_no_address(
        self, sender: Sender, ana: Member, ben: Member
    ) -> None:
        await update(sender.database, Entity, ana.entity_id, email="")
        await pay(sender, ana, ben)

        assert [mail["To"] for mail in await sender.send()] == [ben.email]

    async def test_is_told_to_each_side_as_it_is_for_it(
        self, sender: Sender, ana: Member, ben: Member
    ) -> None:
        transfer = await pay(sender, ana, ben)

        received = {mail["To"]: mail for mail in await sender.send()}

        assert {to: mail["Subject"] for to, mail in received.items()} == {
            ana.email: "1,250.00 credits went from you to Ben's Joinery",
            ben.email: "1,250.00 credits came to you from Ana's Bakery",
        }
        for mail in received.values():
            said = on_one_line(text_of(mail))
            assert "1,250.00 credits went from Ana's Bakery to Ben's Joinery." in said
            assert "> <b>Paid</b> to the\n> wrong bakery." in text_of(mail)
            assert "<b>" not in html_of(mail)
            id_ = encode_id(IdPrefix.TRANSFER, transfer.id)
            assert link_in(mail) == f"https://app.mccs.example/transfers/{id_}"

    async def test_that_is_taken_back_says_so(
        self, sender: Sender, ana: Member, ben: Member
    ) -> None:
        transfer = await pay(sender, ana, ben)
        async with sender.database.writing() as session:
            viewer = await admin_in(sender, session)
            await transfers.reverse(session, viewer, transfer.id, key=uuid7(), reason=REASON)

        *_, received = await sender.send()

        assert received["Subject"] == "A transfer of 1,250.00 credits was taken back"
        said = on_one_line(text_of(received))
        assert "took back a transfer from Ana's Bakery to Ben's Joinery" in said
        assert "1,250.00 credits went back from Ben's Joinery to Ana's Bakery." in said

    async def test_that_is_cancelled_is_told_to_each_side(
        self, sender: Sender, ana: Member, ben: Member
    ) -> None:
        proposal = await propose(sender, ana, ben)
        async with sender.database.writing() as session:
            viewer = await admin_in(sender, session)
            await transfers.cancel(session, viewer, proposal.id, key=uuid7(), reason=REASON)

        received = {mail["To"]: mail for mail in await sender.send()}

        assert {to: mail["Subject"] for to, mail in received.items()} == {
            ana.email: "A payment of 1,250.00 credits to Ben's Joinery was cancelled",
            ben.email: "A payment of 1,250.00 credits from Ana's Bakery was cancelled",
        }
        for mail in received.values():
            assert "Nothing was moved." in on_one_line(text_of(mail))
            assert "> <b>Paid</b> to the\n> wrong bakery." in text_of(mail)

    async def test_is_in_the_language_of_the_entity(
        self, sender: Sender, ana: Member, ben: Member
    ) -> None:
        await update(sender.database, User, ben.user_id, language=Language.DE)
        await pay(sender, ana, ben)

        received = {mail["To"]: mail for mail in await sender.send()}

        assert received[ben.email]["Subject"] == "1.250,00 credits kamen von Ana's Bakery zu dir"
        assert received[ana.email]["Subject"].startswith("1,250.00 credits went")
