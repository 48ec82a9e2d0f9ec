"""Killed at any moment, mccs tells everybody everything, and little of it twice.

``MCCS_CRASH_SECONDS`` says for how long processes are killed, ``MCCS_CRASH_SEED`` in which order.
"""

import asyncio
import os
import random
import sys
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import (
    Channel,
    MailKind,
    MailState,
    NoticeKind,
    Role,
    Transfer,
    TransferState,
)
from mccs_graphql.domain.audit.proving import prove
from mccs_graphql.domain.mails import outbox
from mccs_graphql.schema.ids import IdPrefix, encode_id
from mccs_graphql.settings import Settings
from tests.access.askers import join
from tests.crashes import reckoning
from tests.crashes.aftermath import Aftermath, look
from tests.crashes.market import NEW, Market, Stage
from tests.crashes.processes import Fleet
from tests.factories import Member, make_member
from tests.mails import pass_time
from tests.notices import choose
from tests.post_office import post_office

SECONDS = float(os.environ.get("MCCS_CRASH_SECONDS", "20"))
SEED = int(os.environ.get("MCCS_CRASH_SEED", "1"))
MEMBERS = 10
LIMIT = "20.00"
SLOWLY_SECONDS = 0.05
"""The mail server takes its time to say that it has a mail: then a kill costs a duplicate."""
HEALING_SECONDS = 180
TOO_LATE = "The transfer is decided by now."


async def found(database: Database) -> list[Member]:
    """Ten who trade; a bookkeeper of two of them looks on, and two do not want everything."""
    members = [await make_member(database, floor=LIMIT, ceiling=LIMIT) for _ in range(MEMBERS)]
    bookkeeper = await make_member(database)
    for member in members[:2]:
        await join(database, bookkeeper, member, Role.VIEWER)
    for member, channel in zip(members[2:], Channel, strict=False):
        await choose(database, member, NoticeKind.TRANSFER_COMPLETED, channel, wanted=False)
    return members


async def heal(database: Database) -> None:
    """The leases of those who died end, and what they left is done."""
    await pass_time(database, outbox.LEASE)
    async with asyncio.timeout(HEALING_SECONDS):
        while await undone(database):  # noqa: ASYNC110 - other processes have no event
            await asyncio.sleep(0.5)


async def undone(database: Database) -> dict[str, int]:
    async with database.reading() as session:
        return await reckoning.undone(session)


def check_mails(after: Aftermath) -> None:
    """Each that is owed is there once and came, or was of no use any more; no other one came."""
    assert reckoning.mailed(after.mails) == after.owed
    assert {mail.state for mail in after.mails} <= {MailState.SENT, MailState.DROPPED}
    sent = {mail.id for mail in after.in_state(MailState.SENT)}
    assert sent - after.arrived.keys() == set()
    assert after.ways <= after.addresses
    assert after.duplicates <= after.kills
    undecided = {each.id for each in after.transfers if each.state is TransferState.INITIATED}
    for mail in after.in_state(MailState.DROPPED):
        assert (mail.kind, mail.error) == (MailKind.TRANSFER_PROPOSED, TOO_LATE)
        assert UUID(mail.facts["transfer_id"]) not in undecided


def check_answers(after: Aftermath, market: Market) -> None:
    """Whoever had an answer can rely on it, and a command that was said again was done once."""
    stages = {
        str(encode_id(IdPrefix.TRANSFER, each.id)): stage_of(each) for each in after.transfers
    }
    assert market.stages.keys() == stages.keys()
    for id_, heard in market.stages.items():
        assert heard in (stages[id_], NEW)


def stage_of(transfer: Transfer) -> Stage:
    by = transfer.cancelled_by
    return transfer.state.name, by and by.name


async def check_notices(session: AsyncSession) -> None:
    """Each that is owed is there once, and their numbers have no gaps."""
    assert await reckoning.noticed(session) == await reckoning.owed(session, Channel.IN_APP)
    assert await reckoning.gaps(session) == 0


async def check_books(database: Database, after: Aftermath) -> None:
    """The logs, the audit trail and the balances say what the transfers say."""
    logged = Counter((event.kind, event.transfer_id, event.entity_id) for event in after.events)
    assert logged == reckoning.logged(after.transfers)
    async with database.snapshot() as session:
        assert await reckoning.deeds(session) == reckoning.deeds_owed(after.transfers)
    assert (await prove(database, progress=lambda _: None)).differences == []


def check_load(after: Aftermath, market: Market) -> None:
    """There was enough to lose, or the rest would say little."""
    assert market.has_met_everything
    came = {mail.kind.value for mail in after.mails if mail.id in after.arrived}
    assert came == {kind.value for kind in reckoning.KINDS}


async def test_random_kills_lose_no_mail_and_repeat_at_most_one_each(
    empty_settings: Settings,
    empty_database: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    members, chance = await found(empty_database), random.Random(SEED)
    async with post_office() as office:
        office.delay_after = SLOWLY_SECONDS
        fleet = Fleet(empty_settings, tmp_path, smtp_port=office.port)
        market = Market(fleet, members, chance)
        async with fleet.running(), fleet.under_fire(chance):
            await market.trade(seconds=SECONDS)
        kills = fleet.kills
        async with fleet.running():
            await heal(empty_database)
        after = await look(empty_database, kills=kills, received=office.received)

    with capsys.disabled():
        sys.stderr.write(f"\nseed {SEED}: {after.summary(market)}\n")
    check_mails(after)
    check_answers(after, market)
    async with empty_database.snapshot() as session:
        await check_notices(session)
    await check_books(empty_database, after)
    assert fleet.complaints == []
    check_load(after, market)
