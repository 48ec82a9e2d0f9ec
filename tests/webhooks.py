"""Webhooks, what they are to say, and a worker that calls them."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, text

from mccs_graphql.adapters.resolving import LookUp, look_up
from mccs_graphql.adapters.webhooks import Webhooks
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import (
    Account,
    EventKind,
    Transfer,
    Webhook,
    WebhookAttempt,
    WebhookPause,
)
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.domain import events
from mccs_graphql.domain.identity.sealing import Seal
from mccs_graphql.domain.webhooks import signing
from mccs_graphql.domain.webhooks.targets import read_url
from mccs_graphql.settings import Settings
from tests.factories import Member

PATIENCE_SECONDS = 30
SECRET = bytes(range(32))


async def make_webhook(
    database: Database,
    of: Member,
    url: str,
    *kinds: EventKind,
    position: int = 0,
    seal: Seal | None = None,
    paused: bool = False,
    **wishes: Any,
) -> UUID:
    """A webhook for all events of a member, or for those of these kinds; its id."""
    row = Webhook(
        id=uuid7(),
        entity_id=of.entity_id,
        created_by=of.user_id,
        url=url,
        host=read_url(url).host,
        description="",
        kinds=list(kinds or EventKind),
        position=position,
    )
    if paused:
        row.paused_at, row.paused_for = datetime.now(UTC), WebhookPause.OWNER
    signing.keep_secret(row, SECRET, seal or Seal(""))
    for name, value in wishes.items():
        setattr(row, name, value)
    async with database.writing() as session:
        session.add(row)
    return row.id


async def propose(database: Database, by: Member, to: Member, *, times: int = 1) -> None:
    """Proposals as both logs have them; the ledger is not what these tests are about."""
    for _ in range(times):
        async with database.writing() as session:
            transfer = Transfer(
                payer_id=by.entity_id,
                payee_id=to.entity_id,
                initiator_id=by.entity_id,
                payer_name=by.name,
                payee_name=to.name,
                amount=1250,
                description="Bread",
                proposed_by=by.user_id,
            )
            session.add(transfer)
            await session.flush()
            accounts = await _lock_accounts(session, (by, to))
            events.record(
                session, kind=EventKind.TRANSFER_PROPOSED, transfer=transfer, accounts=accounts
            )


async def match(database: Database, of: Member, other: Member) -> None:
    """The log of a member tells of a match."""
    async with database.writing() as session:
        accounts = await _lock_accounts(session, [of])
        events.record_match(session, other.entity_id, accounts)


async def _lock_accounts(session: Any, members: Iterable[Member]) -> list[Account]:
    ids = [member.entity_id for member in members]
    found = await session.scalars(
        select(Account).where(Account.entity_id.in_(ids)).with_for_update()
    )
    return list(found)


class Worker:
    """Calls webhooks as the processes do; ``again`` counts the calls that have ended."""

    def __init__(
        self, settings: Settings, database: Database, *, look_up: LookUp = look_up
    ) -> None:
        self.database = database
        self.ended = 0
        self.webhooks = Webhooks(settings, database, again=self._count, look_up=look_up)

    def _count(self) -> None:
        self.ended += 1

    async def deliver(self) -> None:
        """Make all calls that are due."""
        while await self.webhooks.begin_due():
            await self.webhooks.finish()

    async def deliver_until(self, happened: Callable[[], bool]) -> None:
        """Make calls as there is room for them, whatever else is under way."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not happened():
                await self.webhooks.begin_due()
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """As a process ends that does not wait."""
        await self.webhooks.finish(seconds=0)


async def webhook_of(database: Database, id_: UUID) -> Webhook:
    async with database.reading() as session:
        return await session.get_one(Webhook, id_)


async def attempts_of(database: Database, id_: UUID) -> list[WebhookAttempt]:
    """Oldest first."""
    async with database.reading() as session:
        found = await session.scalars(
            select(WebhookAttempt)
            .where(WebhookAttempt.webhook_id == id_)
            .order_by(WebhookAttempt.id)
        )
        return list(found)


async def pass_time(database: Database, period: timedelta) -> None:
    """Let so much time pass for all webhooks."""
    columns = ("due_at", "lease_until", "failing_since", "former_until", "paused_at")
    changes = ", ".join(f"{column} = {column} - CAST(:period AS interval)" for column in columns)
    async with database.writing() as session:
        await session.execute(text(f"UPDATE webhooks SET {changes}"), {"period": period})  # noqa: S608


async def change(database: Database, id_: UUID, **values: Any) -> None:
    async with database.writing() as session:
        row = await session.get_one(Webhook, id_)
        for name, value in values.items():
            setattr(row, name, value)


def some_host() -> str:
    """As if it were somebody else's."""
    return f"{uuid4().hex}.example"
