"""Mails as other servers take them."""

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from uuid import UUID

from mccs_graphql.db.models import MailKind
from mccs_graphql.domain.mails.addressing import Contents
from mccs_graphql.mails.wording import House, put_into_words
from mccs_graphql.settings import Settings

AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
"""Whoever is away need not tell us."""


def house_of(settings: Settings) -> House:
    """The community as its mails know it."""
    return House(
        name=settings.sender[0],
        public_url=settings.links_url,
        unit=settings.unit,
        unit_scale=settings.unit_scale,
    )


class Stationery:
    """Writes the mails of one community."""

    def __init__(self, settings: Settings) -> None:
        name, self.address = settings.sender
        self._from = Address(name, addr_spec=self.address)
        self._house = house_of(settings)
        self._language = settings.language

    @property
    def domain(self) -> str:
        """The part of the address behind the @."""
        return self._from.domain

    def write(self, mail_id: UUID, kind: MailKind, contents: Contents) -> EmailMessage:
        """The mail; each time it is written it has the same Message-ID."""
        language = contents.language or self._language
        words = put_into_words(kind, contents.facts, language=language, house=self._house)
        message = EmailMessage(policy=SMTP if contents.address.isascii() else SMTPUTF8)
        message["From"] = self._from
        message["To"] = Address(addr_spec=contents.address)
        message["Subject"] = words.subject
        message["Date"] = datetime.now(UTC)
        message["Message-ID"] = f"<{mail_id}@{self.domain}>"
        message["Content-Language"] = language.value
        for name, value in AUTOMATIC.items():
            message[name] = value
        if contents.leave:
            message["List-Unsubscribe"] = f"<{self._house.public_url}{contents.leave}>"
        message.set_content(words.text)
        message.add_alternative(words.html, subtype="html")
        return message
