"""Mails go from the outbox to where they are sent."""

import logging
import time
from functools import partial
from pathlib import Path

from mccs_graphql.adapters.mailbox import Mailbox
from mccs_graphql.adapters.post import Deliver, Lost, NotNow, Post, Refused, Unreachable
from mccs_graphql.adapters.smtp import SmtpPost
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Mail
from mccs_graphql.domain.mails import outbox
from mccs_graphql.domain.mails.addressing import Contents, NotToBeSent
from mccs_graphql.domain.mails.contents import read_contents
from mccs_graphql.domain.notices.holding import NotYet, require_wanted_now
from mccs_graphql.mails.writing import Stationery
from mccs_graphql.settings import Settings

log = logging.getLogger(__name__)

BATCH_SECONDS = 3.0
"""For so long mails go over one connection. Less than what has begun is given at the end of the
process: it ends between two mails, not within one that would then be sent twice."""


class Mailer:
    """Sends what is due, one mail after the other, and keeps no transaction open meanwhile."""

    def __init__(self, settings: Settings, database: Database, post: Post) -> None:
        self._database = database
        self._post = post
        self._stationery = Stationery(settings)
        self._limits = outbox.Limits(
            per_minute=settings.mails_per_minute, per_recipient=settings.mails_per_recipient
        )
        self._zone = settings.zone
        self._unreachable = False

    async def send_due(self) -> bool:
        """Send a batch; whether there may be more to send at once.

        A server that cannot be reached costs no mail an attempt: nothing is taken before.
        """
        async with self._database.writing() as session:
            if not await outbox.any_to_send(session, limits=self._limits):
                return False
        try:
            async with self._post.open() as deliver:
                self._note_reachable()
                return await self._send_batch(deliver)
        except Unreachable as error:
            self._note_unreachable(error)
            return False

    async def forget_old(self) -> bool:
        """Remove mails that ended long ago."""
        async with self._database.writing() as session:
            await outbox.forget_old(session)
        return False

    async def _send_batch(self, deliver: Deliver) -> bool:
        until = time.monotonic() + BATCH_SECONDS
        while time.monotonic() < until:
            async with self._database.writing() as session:
                mail = await outbox.take(session, limits=self._limits)
            if mail is None or not await self._send(mail, deliver):
                return False
        return True

    async def _send(self, mail: Mail, deliver: Deliver) -> bool:
        """Send one mail and keep what became of it; whether the connection is still good."""
        outcome, reason, good = await self._try(mail, deliver)
        async with self._database.writing() as session:
            kept = await outcome(session, mail, reason)
        if not kept:
            log.warning("The lease of the mail %s had lapsed: it may be sent twice", mail.id)
        return good

    async def _try(self, mail: Mail, deliver: Deliver) -> tuple[outbox.Outcome, str, bool]:
        """What becomes of the mail, why, and whether the connection is still good."""
        try:
            contents = await self._read(mail)
            await deliver(self._stationery.write(mail.id, mail.kind, contents))
        except NotToBeSent as error:
            return _unsent(error), error.reason, True
        except Refused as error:
            return outbox.give_up, error.reason, True
        except NotNow as error:
            return outbox.put_off, error.reason, True
        except Lost as error:
            return outbox.put_off, error.reason, False
        except Exception as error:
            log.exception("The mail %s could not be sent", mail.id)
            return outbox.put_off, type(error).__name__, False
        return outbox.sent_with(contents.once_sent), "", True

    async def _read(self, mail: Mail) -> Contents:
        async with self._database.writing() as session:
            await require_wanted_now(session, mail, zone=self._zone)
            return await read_contents(session, mail)

    def _note_unreachable(self, error: Unreachable) -> None:
        """Said once, not at every attempt."""
        if not self._unreachable:
            log.warning("Mails wait: %s cannot be reached: %s", self._post.place, error.reason)
        self._unreachable = True

    def _note_reachable(self) -> None:
        if self._unreachable:
            log.warning("Mails go out again: %s is reached", self._post.place)
        self._unreachable = False


def _unsent(error: NotToBeSent) -> outbox.Outcome:
    """What becomes of a mail that nobody waits for, or not now."""
    return partial(outbox.wait, until=error.until) if isinstance(error, NotYet) else outbox.drop


def post_of(settings: Settings) -> Post | None:
    """Where mails go: to a server, into a folder, or nowhere, and then they wait."""
    if settings.smtp_url.get_secret_value():
        return SmtpPost(settings)
    return Mailbox(Path(settings.mailbox)) if settings.mailbox else None


def where_mails_go(settings: Settings) -> str:
    """The same in a sentence, for who starts a process."""
    post, (_, sender) = post_of(settings), settings.sender
    if post is None:
        return "Mails: they wait in the outbox until MCCS_SMTP_URL says where to send them."
    if isinstance(post, Mailbox):
        return f"Mails: kept in {post.place}, none leaves this machine; `mccs mailbox` shows them."
    return f"Mails: by {post.place}, from {sender}"
