"""Mails as other servers take them."""

from datetime import UTC, datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage, Message
from email.policy import SMTP, SMTPUTF8, Policy
from urllib.parse import urlencode
from uuid import UUID

from mccs_graphql.db.models import MailKind
from mccs_graphql.domain.mails.addressing import Contents
from mccs_graphql.mails.wording import House, put_into_words
from mccs_graphql.settings import Settings

AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
"""Whoever is away need not tell us."""
ONE_CLICK = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
"""Mail programs may follow the link by themselves, with a POST (RFC 8058)."""


class LinkHeader(UnstructuredHeader, BaseHeader):
    """A link on one line: folded as other headers are, it would be written in code words."""

    max_count = 1

    def fold(self, *, policy: "Policy[Message[str, str]]") -> str:
        """As it is; much shorter than the 998 characters that a line may have."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", LinkHeader)
PLAIN, UTF8 = (policy.clone(header_factory=_HEADERS) for policy in (SMTP, SMTPUTF8))


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
        self._unsubscribe_url = settings.unsubscribe_url

    @property
    def domain(self) -> str:
        """The part of the address behind the @."""
        return self._from.domain

    def write(self, mail_id: UUID, kind: MailKind, contents: Contents) -> EmailMessage:
        """The mail; each time it is written it has the same Message-ID."""
        language = contents.language or self._language
        link = self._unsubscribe_link(contents)
        words = put_into_words(
            kind, contents.facts, language=language, house=self._house, unsubscribe=link
        )
        message = EmailMessage(policy=PLAIN if contents.address.isascii() else UTF8)
        message["From"] = self._from
        message["To"] = Address(addr_spec=contents.address)
        message["Subject"] = words.subject
        message["Date"] = datetime.now(UTC)
        message["Message-ID"] = f"<{mail_id}@{self.domain}>"
        message["Content-Language"] = language.value
        for name, value in (AUTOMATIC | _unsubscribing(link)).items():
            message[name] = value
        message.set_content(words.text)
        message.add_alternative(words.html, subtype="html")
        return message

    def _unsubscribe_link(self, contents: Contents) -> str | None:
        if contents.unsubscribe is None:
            return None
        return f"{self._unsubscribe_url}?{urlencode({'token': contents.unsubscribe})}"


def _unsubscribing(link: str | None) -> dict[str, str]:
    """The headers by which mail programs offer to turn mails off; one click only over TLS."""
    if link is None:
        return {}
    return {"List-Unsubscribe": f"<{link}>"} | (ONE_CLICK if link.startswith("https:") else {})
