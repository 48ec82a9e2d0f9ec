"""A worker that sends to a real SMTP server, and what has come in there."""

import asyncio
import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

from pydantic import SecretStr

from mccs_graphql.adapters.mailer import Mailer
from mccs_graphql.adapters.smtp import SmtpPost
from mccs_graphql.db.engine import Database
from mccs_graphql.settings import Settings
from tests.post_office import NEAR, PostOffice

SOON = 0.2
PATIENCE_SECONDS = 30
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def with_smtp(settings: Settings, port: int, **wishes: Any) -> Settings:
    said = {
        "smtp_url": SecretStr(f"smtp://{NEAR}:{port}"),
        "mail_from": "Eskerford Exchange <post@mccs.example>",
        "public_url": "https://app.mccs.example",
    }
    return settings.model_copy(update=said | wishes)


class Sender:
    """A worker that sends to the post office."""

    def __init__(self, settings: Settings, database: Database, office: PostOffice) -> None:
        self.settings, self.database, self.office = settings, database, office

    def worker(self, **wishes: Any) -> Mailer:
        settings = with_smtp(self.settings, self.office.port, **wishes)
        return Mailer(settings, self.database, SmtpPost(settings))

    async def send(self, **wishes: Any) -> list[EmailMessage]:
        """Send what is due; all that has been received so far."""
        await self.worker(**wishes).send_due()
        return self.office.received


async def update(database: Database, model: type[Any], id_: UUID, **values: Any) -> None:
    async with database.writing() as session:
        row = await session.get_one(model, id_)
        for name, value in values.items():
            setattr(row, name, value)


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body
    return "\n".join(body.get_content().splitlines())


def html_of(message: EmailMessage) -> str:
    body = message.get_body(("html",))
    assert body
    return "\n".join(body.get_content().splitlines())


def link_in(message: EmailMessage) -> str:
    found = re.search(r"https://\S+", text_of(message))
    assert found
    return found[0]


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not happened():  # noqa: ASYNC110 - a server in another task has no event
            await asyncio.sleep(0.05)
