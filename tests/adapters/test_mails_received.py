"""What arrives at those who are written to."""

from urllib.parse import parse_qs, urlsplit

import pytest

from mccs_graphql.db.models import MailKind, TokenPurpose, User
from mccs_graphql.domain.identity import one_time
from mccs_graphql.settings import Language
from tests.factories import make_member
from tests.mails import (
    queue,
    queue_contact,
)
from tests.sending import Sender, html_of, link_in, text_of, update


class TestWhatIsReceived:
    async def test_reset_leads_to_the_front_end_with_a_token_that_works(
        self, sender: Sender
    ) -> None:
        ana = await make_member(sender.database)
        mail = await queue(sender.database, ana)

        (received,) = await sender.send()

        assert received["From"] == "Eskerford Exchange <post@mccs.example>"
        assert received["To"] == ana.email
        assert received["Subject"] == "Choose a new password"
        assert received["Message-ID"] == f"<{mail}@mccs.example>"
        assert received["Auto-Submitted"] == "auto-generated"
        link = urlsplit(link_in(received))
        assert link._replace(query="").geturl() == "https://app.mccs.example/reset-password"
        async with sender.database.writing() as session:
            (token,) = parse_qs(link.query)["token"]
            user = await one_time.use(session, TokenPurpose.RESET_PASSWORD, token)
        assert user.id == ana.user_id

    @pytest.mark.parametrize("to_new", [True, False], ids=["new", "old"])
    async def test_each_address_of_a_change_gets_its_own_mail(
        self, sender: Sender, *, to_new: bool
    ) -> None:
        ana = await make_member(sender.database)
        await update(sender.database, User, ana.user_id, pending_email="new@example.org")
        kind = MailKind.EMAIL_CHANGE if to_new else MailKind.EMAIL_CHANGE_NOTICE
        await queue(sender.database, ana, kind)

        (received,) = await sender.send()

        assert received["To"] == ("new@example.org" if to_new else ana.email)
        path = "/confirm-email?" if to_new else "/cancel-email-change?"
        assert path in link_in(received)

    async def test_first_contact_tells_neither_address(self, sender: Sender) -> None:
        ana = await make_member(sender.database, entity_name="Ana's Bakery")
        ben = await make_member(sender.database)
        await queue_contact(sender.database, ana, ben, "Hello,\nBen!")

        (received,) = await sender.send()

        assert received["To"] == ben.email
        assert received["Subject"] == "Ana's Bakery has written to you"
        assert "> Hello,\n> Ben!" in text_of(received)
        assert link_in(received) == f"https://app.mccs.example/entities/{ana.id}"
        assert ana.email not in received.as_string()
        assert received["Reply-To"] is None
        assert ben.email not in text_of(received) + html_of(received)

    @pytest.mark.parametrize("way", ["user", "community"])
    async def test_mail_is_in_the_language_of_its_reader(self, sender: Sender, way: str) -> None:
        ana = await make_member(sender.database)
        if way == "user":
            await update(sender.database, User, ana.user_id, language=Language.DE)
        await queue(sender.database, ana)

        wishes = {"language": Language.DE} if way == "community" else {}
        (received,) = await sender.send(**wishes)

        assert received["Subject"] == "Neues Passwort wählen"
        assert "1 Stunde" in text_of(received)

    async def test_entity_is_written_to_in_the_language_of_its_member(self, sender: Sender) -> None:
        ana, ben = await make_member(sender.database), await make_member(sender.database)
        await update(sender.database, User, ben.user_id, language=Language.DE)
        await queue_contact(sender.database, ana, ben)

        (received,) = await sender.send()

        assert received["Subject"].endswith("hat dir geschrieben")

    async def test_name_cannot_add_a_header(self, sender: Sender) -> None:
        ana = await make_member(
            sender.database, entity_name="Ana\r\nBcc: eve@example.org\r\n\r\n<b>"
        )
        await queue_contact(sender.database, ana, await make_member(sender.database))

        (received,) = await sender.send()

        assert received["Subject"] == "Ana Bcc: eve@example.org <b> has written to you"
        assert received["Bcc"] is None
        assert len(sender.office.envelopes[0].rcpt_tos) == 1

    async def test_html_of_strangers_is_only_text(self, sender: Sender) -> None:
        ana = await make_member(sender.database, entity_name="<img src=x>")
        body = '<a href="https://evil.example">& click</a>'
        await queue_contact(sender.database, ana, await make_member(sender.database), body)

        (received,) = await sender.send()

        html = html_of(received)
        assert "<img" not in html
        assert "&lt;a href=&#34;https://evil.example&#34;&gt;&amp; click&lt;/a&gt;" in html
        assert body in text_of(received)
