"""What arrives at users about their logins, and at members about what they may."""

import pytest
from sqlalchemy import update as change_rows

from mccs_graphql.db.models import Mail, MailKind, Membership, Role, Scope, User
from mccs_graphql.domain.identity.api_token_text import new_text
from tests.access.askers import join
from tests.factories import Member, make_member, new_token
from tests.mails import queue, states
from tests.sending import Sender, html_of, link_in, text_of, update

WHERE = {"address": "192.0.2.17"}


@pytest.fixture
async def ana(sender: Sender) -> Member:
    """The owner of a bakery."""
    return await make_member(
        sender.database, entity_name="Ana's Bakery", first_name="Ana", last_name="Quill"
    )


async def become(sender: Sender, user: Member, role: Role, *, of: Member) -> None:
    async with sender.database.writing() as session:
        mine = (Membership.user_id == user.user_id, Membership.entity_id == of.entity_id)
        await session.execute(change_rows(Membership).where(*mine).values(role=role))


class TestLogin:
    async def test_new_password_is_told_with_when_and_where_from(
        self, sender: Sender, ana: Member
    ) -> None:
        mail = await queue(sender.database, ana, MailKind.PASSWORD_CHANGED, **WHERE)

        (received,) = await sender.send()

        async with sender.database.reading() as session:
            changed_at = (await session.get_one(Mail, mail)).created_at
        said = " ".join(text_of(received).split())
        assert (received["To"], received["Subject"]) == (ana.email, "Your password was changed")
        assert f"{changed_at:%H:%M} UTC, from 192.0.2.17." in said
        assert link_in(received) == "https://app.mccs.example/forgot-password"

    async def test_address_that_is_not_known_is_not_left_out(
        self, sender: Sender, ana: Member
    ) -> None:
        await queue(sender.database, ana, MailKind.PASSWORD_CHANGED, address="")

        (received,) = await sender.send()

        assert "from an unknown address." in " ".join(text_of(received).split())

    async def test_device_says_nothing_but_its_name(self, sender: Sender, ana: Member) -> None:
        device = 'Phone\n\nYour code: <a href="https://evil.example">'
        await queue(sender.database, ana, MailKind.NEW_DEVICE, device=device, **WHERE)

        (received,) = await sender.send()

        assert "> Phone Your code: <a href=" in text_of(received)
        assert "<a href=&#34;https://evil" not in html_of(received)
        assert "&lt;a href=&#34;https://evil.example&#34;&gt;" in html_of(received)
        assert link_in(received).startswith("https://")

    @pytest.mark.parametrize("by_community", [True, False])
    async def test_who_removed_the_second_factor_is_said(
        self, sender: Sender, ana: Member, *, by_community: bool
    ) -> None:
        kind = MailKind.SECOND_FACTOR_OFF
        await queue(sender.database, ana, kind, by_community=by_community)

        (received,) = await sender.send()

        assert ("Those who run Eskerford Exchange removed" in text_of(received)) == by_community
        assert ("with your password" in text_of(received)) != by_community


class TestApiToken:
    async def tell(self, sender: Sender, ana: Member) -> None:
        token = new_token(
            ana.entity_id, Scope.READ, Scope.TRANSFERS, user_id=ana.user_id, text=new_text()
        )
        async with sender.database.writing() as session:
            session.add(token)
        await queue(sender.database, ana, MailKind.API_TOKEN_CREATED, token_id=str(token.id))

    async def test_is_not_told_to_who_owns_the_entity_no_more(
        self, sender: Sender, ana: Member
    ) -> None:
        await become(sender, ana, Role.TRADER, of=ana)
        await self.tell(sender, ana)

        assert await sender.send() == []
        assert await states(sender.database) == ["dropped"]

    async def test_is_told_with_who_made_it_and_what_for(self, sender: Sender, ana: Member) -> None:
        await self.tell(sender, ana)

        (received,) = await sender.send()

        said = " ".join(text_of(received).split())
        assert received["Subject"] == "Ana's Bakery has a new API token"
        assert f"Ana Quill ({ana.email}) made the API token Robot" in said
        assert "What it may be used for: READ, TRANSFERS." in said
        assert link_in(received) == f"https://app.mccs.example/entities/{ana.id}"


class TestRole:
    @pytest.fixture
    async def ben(self, sender: Sender, ana: Member) -> Member:
        """An editor of the bakery, who was told so."""
        ben = await make_member(sender.database)
        await join(sender.database, ben, ana, Role.EDITOR)
        facts = {"entity_id": str(ana.entity_id), "changed_by": str(ana.user_id)}
        await queue(sender.database, ben, MailKind.ROLE_CHANGED, role="EDITOR", **facts)
        return ben

    async def test_that_is_another_one_by_now_is_not_told(
        self, sender: Sender, ana: Member, ben: Member
    ) -> None:
        await become(sender, ben, Role.VIEWER, of=ana)

        assert await sender.send() == []

    @pytest.mark.parametrize("name", ["Ana", ""])
    async def test_is_told_by_name_but_not_by_address(
        self, sender: Sender, ana: Member, ben: Member, name: str
    ) -> None:
        await update(sender.database, User, ana.user_id, first_name=name, last_name="")

        (received,) = await sender.send()

        who = name or "An owner"
        assert f"{who} has changed what you are" in text_of(received)
        assert "Your role is now: editor." in " ".join(text_of(received).split())
        assert received["To"] == ben.email
        assert ana.email not in received.as_string()
