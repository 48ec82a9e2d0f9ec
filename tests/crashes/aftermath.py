"""What is left when all that was killed has healed."""

from collections import Counter
from dataclasses import dataclass
from email.message import EmailMessage
from uuid import UUID

from sqlalchemy import select

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Channel, Event, Mail, MailState, Transfer, User
from tests.crashes import reckoning
from tests.crashes.market import Market
from tests.crashes.reckoning import Told

Way = tuple[UUID | None, str]
"""Whose mails go to which address."""


@dataclass(frozen=True)
class Aftermath:
    """The rows of the database, what is owed by them, and what the mail server took."""

    kills: int
    transfers: list[Transfer]
    events: list[Event]
    mails: list[Mail]
    users: list[User]
    owed: Counter[Told]
    received: list[EmailMessage]

    @property
    def arrived(self) -> Counter[UUID]:
        """How often the server took each mail."""
        return Counter(map(_mail_id_of, self.received))

    @property
    def duplicates(self) -> int:
        """How many of them it took in vain."""
        return len(self.received) - len(self.arrived)

    @property
    def ways(self) -> set[Way]:
        """The ways that mails went."""
        users = {mail.id: mail.user_id for mail in self.mails}
        return {(users.get(_mail_id_of(each)), each["To"]) for each in self.received}

    @property
    def addresses(self) -> set[Way]:
        """The ways that they may go."""
        return {(user.id, user.email) for user in self.users}

    def in_state(self, state: MailState) -> list[Mail]:
        """The mails that have come so far."""
        return [mail for mail in self.mails if mail.state is state]

    def summary(self, market: Market) -> str:
        """In one line."""
        dropped = self.in_state(MailState.DROPPED)
        counts = {
            "kills": self.kills,
            "commands said again": market.unanswered,
            "transfers": len(self.transfers),
            "events": len(self.events),
            "mails owed": self.owed.total(),
            "received": len(self.received),
            "of these duplicates": self.duplicates,
            "dropped": len(dropped),
            "of these received": sum(mail.id in self.arrived for mail in dropped),
        }
        return ", ".join(f"{what} {count}" for what, count in counts.items())


async def look(database: Database, *, kills: int, received: list[EmailMessage]) -> Aftermath:
    """Read it all, as it is at one moment."""
    async with database.snapshot() as session:
        return Aftermath(
            kills=kills,
            transfers=list(await session.scalars(select(Transfer))),
            events=list(await session.scalars(select(Event))),
            mails=list(await session.scalars(select(Mail))),
            users=list(await session.scalars(select(User))),
            owed=await reckoning.owed(session, Channel.MAIL),
            received=received,
        )


def _mail_id_of(message: EmailMessage) -> UUID:
    return UUID(message["Message-ID"].strip("<>").partition("@")[0])
