"""What arrives at those who are invited, who join and who are removed, and at their owners."""

from urllib.parse import parse_qs, urlsplit

import pytest

from mccs_graphql.db.models import Invitation, MailKind, Membership, Role, User
from mccs_graphql.domain.membership import invitations
from mccs_graphql.settings import Language
from tests.access.askers import join
from tests.factories import Member, make_member
from tests.mails import queue, queue_invitation, states
from tests.sending import Sender, html_of, link_in, text_of, update

GUEST = "guest@example.org"


@pytest.fixture
async def ana(sender: Sender) -> Member:
    """The owner of a bakery."""
    return await make_member(
        sender.database, entity_name="Ana's Bakery", first_name="Ana", last_name="Quill"
    )


class TestInvitation:
    async def test_is_not_sent_once_it_is_withdrawn(self, sender: Sender, ana: Member) -> None:
        invitation = await queue_invitation(sender.database, ana, GUEST)
        async with sender.database.writing() as session:
            await session.delete(await session.get_one(Invitation, invitation.id))

        assert await sender.send() == []
        assert await states(sender.database) == ["dropped"]

    async def test_that_was_renewed_is_sent_once(self, sender: Sender, ana: Member) -> None:
        await queue_invitation(sender.database, ana, GUEST, times=2)
        await queue_invitation(sender.database, ana, "another@example.org")

        assert [mail["To"] for mail in await sender.send()] == [GUEST, "another@example.org"]

    async def test_of_one_takes_no_room_of_another(self, sender: Sender, ana: Member) -> None:
        for number in range(3):
            await queue_invitation(sender.database, ana, f"guest{number}@example.org")

        assert len(await sender.send(mails_per_recipient=1)) == 3

    async def test_leads_to_the_front_end_with_a_token_that_works(
        self, sender: Sender, ana: Member
    ) -> None:
        invitation = await queue_invitation(sender.database, ana, GUEST)

        (received,) = await sender.send()

        assert received["To"] == GUEST
        assert received["Subject"] == "You are invited to Ana's Bakery"
        link = urlsplit(link_in(received))
        assert link._replace(query="").geturl() == "https://app.mccs.example/accept-invitation"
        async with sender.database.reading() as session:
            (token,) = parse_qs(link.query)["token"]
            assert (await invitations.find_open(session, token)).id == invitation.id

    async def test_says_who_invites_but_not_the_address(self, sender: Sender, ana: Member) -> None:
        invitation = await queue_invitation(sender.database, ana, GUEST)

        (received,) = await sender.send()

        said = " ".join(text_of(received).split())
        assert "Ana Quill invites you to become a member of Ana's Bakery" in said
        assert "Your role would be: trader." in said
        assert f"{invitation.expires_at:%H:%M} UTC" in said
        assert ana.email not in text_of(received) + html_of(received)

    async def test_message_is_only_a_quote(self, sender: Sender, ana: Member) -> None:
        message = "Come!\n\n<b>https://evil.example</b>"
        await queue_invitation(sender.database, ana, GUEST, message=message)

        (received,) = await sender.send()

        assert "> Come!\n> \n> <b>https://evil.example</b>" in text_of(received)
        assert "<b>" not in html_of(received)

    async def test_name_of_the_inviter_is_on_one_line(self, sender: Sender, ana: Member) -> None:
        await update(sender.database, User, ana.user_id, first_name="Ana\n\nClick", last_name="")
        await queue_invitation(sender.database, ana, GUEST)

        (received,) = await sender.send()

        assert "Ana Click invites you" in text_of(received)

    async def test_is_in_the_language_of_who_has_the_address(
        self, sender: Sender, ana: Member
    ) -> None:
        ben = await make_member(sender.database)
        await update(sender.database, User, ben.user_id, language=Language.DE)
        await queue_invitation(sender.database, ana, ben.email)

        (received,) = await sender.send()

        assert received["Subject"] == "Du bist zu Ana's Bakery eingeladen"


class TestJoined:
    async def test_is_not_told_to_who_owns_the_entity_no_more(
        self, sender: Sender, ana: Member
    ) -> None:
        ben = await make_member(sender.database)
        async with sender.database.writing() as session:
            membership = await session.get_one(Membership, (ana.user_id, ana.entity_id))
            membership.role = Role.TRADER
        await _tell_of_joining(sender, ana, ben)

        assert await sender.send() == []
        assert await states(sender.database) == ["dropped"]

    @pytest.mark.parametrize("named", [True, False], ids=["named", "nameless"])
    async def test_owner_reads_who_and_where_they_are_reached(
        self, sender: Sender, ana: Member, *, named: bool
    ) -> None:
        ben = await make_member(sender.database, first_name="Ben" if named else "")
        await _tell_of_joining(sender, ana, ben)

        (received,) = await sender.send()

        assert (received["To"], received["Subject"]) == (ana.email, "Ana's Bakery has a new member")
        who = f"Ben ({ben.email})" if named else ben.email
        assert f"{who} has accepted" in text_of(received)
        assert link_in(received) == f"https://app.mccs.example/entities/{ana.id}"


async def test_who_is_removed_reads_by_whom(sender: Sender, ana: Member) -> None:
    ben = await make_member(sender.database)
    facts = {"entity_id": str(ana.entity_id), "removed_by": str(ana.user_id)}
    await queue(sender.database, ben, MailKind.MEMBER_REMOVED, **facts)

    (received,) = await sender.send()

    assert (received["To"], received["Subject"]) == (
        ben.email,
        "You no longer belong to Ana's Bakery",
    )
    assert "Ana Quill has removed you" in text_of(received)
    assert ana.email not in received.as_string()


async def _tell_of_joining(sender: Sender, owner: Member, joined: Member) -> None:
    await join(sender.database, joined, owner, Role.TRADER)
    facts = {"entity_id": str(owner.entity_id), "user_id": str(joined.user_id), "role": "TRADER"}
    await queue(sender.database, owner, MailKind.MEMBER_JOINED, **facts)
