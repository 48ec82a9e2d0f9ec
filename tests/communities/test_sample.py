"""The sample community is whole, believable to the books, and loaded once."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from mccs_graphql.communities.empty import CommunityNotEmpty
from mccs_graphql.communities.sample import (
    SAMPLE_ADMINS,
    SAMPLE_LOGINS,
    load,
    load_when_empty,
)
from mccs_graphql.communities.sample.history import make_history
from mccs_graphql.communities.sample.town import read_town
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import (
    Account,
    Admin,
    AdminRole,
    Entity,
    EntityStatus,
    Event,
    EventKind,
    Membership,
    Posting,
    Transfer,
    TransferState,
    User,
)
from mccs_graphql.db.queries.ledger import find_sides
from mccs_graphql.domain.contact import email_problems
from mccs_graphql.domain.identity.passwords import Passwords, password_problems
from mccs_graphql.domain.ledger.books import check_books
from mccs_graphql.domain.ledger.rules import Deal, refusals
from mccs_graphql.embedded import Servers
from mccs_graphql.settings import Settings
from tests.communities.seed_files import row_counts
from tests.conftest import settings_for
from tests.databases import as_owner, temporary_database

NOW = datetime(2030, 6, 15, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
async def town(started: Servers, template: str) -> AsyncIterator[Database]:
    """A database with the sample community, for tests that only read it."""
    prefix = f"mccs_town_{os.getpid()}"
    async with temporary_database(started.owner_url, prefix, template=template) as name:
        settings = settings_for(started, name)
        database = Database(settings)
        await load(database, settings)
        yield database
        await database.close()


async def all_of(database: Database, statement: Select[Any]) -> Sequence[Any]:
    """The first column of every row."""
    async with database.reading() as session:
        return (await session.scalars(statement)).all()


def entity_ids_of(email: str) -> ScalarSelect[UUID]:
    """The entities a user acts for."""
    memberships = select(Membership.entity_id).join(User, User.id == Membership.user_id)
    return memberships.where(User.email == email).scalar_subquery()


async def test_database_with_a_user_is_refused(
    empty_database: Database, empty_settings: Settings
) -> None:
    async with empty_database.writing() as session:
        session.add(User(email="root@example.com", password_hash="!"))

    with pytest.raises(CommunityNotEmpty):
        await load(empty_database, empty_settings)
    assert not await load_when_empty(empty_settings)
    assert await row_counts(empty_database) == {"users": 1}


async def test_failure_at_the_last_table_leaves_no_row(
    empty_database: Database, empty_settings: Settings
) -> None:
    async with as_owner(empty_settings) as owner:
        await owner.execute("ALTER TABLE postings ADD CONSTRAINT no CHECK (false)")

    with pytest.raises(IntegrityError):
        await load(empty_database, empty_settings)

    assert await row_counts(empty_database) == {}


async def test_of_three_at_once_one_loads(
    empty_database: Database, empty_settings: Settings
) -> None:
    loaded = await asyncio.gather(*(load_when_empty(empty_settings) for _ in range(3)))

    assert sorted(loaded) == [False, False, True]
    assert (await row_counts(empty_database))["admins"] == len(SAMPLE_ADMINS)


async def test_town_has_some_forty_entities_of_every_status(town: Database) -> None:
    statuses = await all_of(town, select(Entity.status))

    assert 40 <= len(statuses) <= 50
    assert set(statuses) == set(EntityStatus)
    assert statuses.count(EntityStatus.TRADING_ACCEPTED) > 35


async def test_somebody_acts_for_two_and_two_act_for_one(town: Database) -> None:
    count = select(func.count()).select_from(Membership)

    assert max(await all_of(town, count.group_by(Membership.user_id))) == 2
    assert max(await all_of(town, count.group_by(Membership.entity_id))) == 2


async def test_history_sums_to_zero(town: Database) -> None:
    assert await all_of(town, select(func.sum(Account.balance))) == [0]
    assert await all_of(town, select(func.sum(Posting.amount))) == [0]


async def test_books_balance(town: Database) -> None:
    async with town.snapshot() as session:
        findings = await check_books(session, progress=lambda _check: None)

    assert findings.differences == ()
    assert findings.postings > 300


async def test_history_keeps_every_limit_at_every_moment(town: Database) -> None:
    low, high = -Account.max_negative_balance, Account.max_positive_balance
    beyond = select(Posting).join(Account, Account.entity_id == Posting.entity_id)

    assert not await all_of(town, beyond.where(~Posting.balance_after.between(low, high)))


async def test_history_has_every_ending(town: Database) -> None:
    transfers = await all_of(town, select(Transfer))

    decided = [transfer for transfer in transfers if transfer.decided_at]
    assert 150 <= len(decided) <= 250
    assert {str(transfer.cancelled_by) for transfer in decided} == {"None", "receiver", "initiator"}
    assert all(transfer.proposed_at < transfer.decided_at for transfer in decided)


async def test_nobody_accepts_their_own_proposal(town: Database) -> None:
    payer, payee = aliased(Membership), aliased(Membership)
    both = (
        select(Transfer)
        .join(payer, payer.entity_id == Transfer.payer_id)
        .join(payee, payee.entity_id == Transfer.payee_id)
        .where(payer.user_id == payee.user_id)
    )

    assert not await all_of(town, both)


async def test_logs_have_no_gap_and_follow_the_clock(town: Database) -> None:
    events = await all_of(town, select(Event).order_by(Event.entity_id, Event.seq))
    ends = await all_of(town, select(Account.event_seq).where(Account.event_seq > 0))

    logs: dict[UUID, list[Event]] = {}
    for event in events:
        logs.setdefault(event.entity_id, []).append(event)
    assert sorted(map(len, logs.values())) == sorted(ends)
    for log in logs.values():
        assert [event.seq for event in log] == [*range(1, len(log) + 1)]
        assert log == sorted(log, key=lambda event: event.recorded_at)


async def test_postings_and_events_happened_at_the_decision(town: Database) -> None:
    posted = select(Posting).join(Transfer, Transfer.id == Posting.transfer_id)
    told = select(Event).join(Transfer, Transfer.id == Event.transfer_id)
    decision = Event.kind != EventKind.TRANSFER_PROPOSED

    assert not await all_of(town, posted.where(Posting.posted_at != Transfer.decided_at))
    assert not await all_of(town, told.where(decision, Event.recorded_at != Transfer.decided_at))
    assert not await all_of(town, told.where(~decision, Event.recorded_at != Transfer.proposed_at))
    assert not await all_of(town, told.where(Event.recorded_at > func.now()))


async def test_trade_began_after_both_sides_had_joined(town: Database) -> None:
    side = Entity.id.in_((Transfer.payer_id, Transfer.payee_id))
    early = select(Transfer).join(Entity, side).where(Transfer.proposed_at < Entity.created_at)

    assert not await all_of(town, early)


async def test_every_open_proposal_could_be_accepted_now(town: Database) -> None:
    open_ones = await all_of(
        town, select(Transfer).where(Transfer.state == TransferState.INITIATED)
    )

    assert len(open_ones) >= 4
    async with town.reading() as session:
        for transfer in open_ones:
            ids = (transfer.payer_id, transfer.payee_id)
            sides = await find_sides(session, ids, lock=False)
            payer, payee = sorted(sides, key=lambda side: ids.index(side.entity.id))
            deal = Deal(payer, payee, asking_pays=True, amount=transfer.amount)
            assert not [*refusals(deal)]


@pytest.mark.parametrize("reverse", [False, True])
async def test_sample_logins_have_a_proposal_open_each_way(
    town: Database, *, reverse: bool
) -> None:
    (first, _), (second, _) = reversed(SAMPLE_LOGINS) if reverse else SAMPLE_LOGINS
    between = select(Transfer).where(
        Transfer.state == TransferState.INITIATED,
        Transfer.initiator_id.in_(entity_ids_of(first)),
        (Transfer.payer_id.in_(entity_ids_of(second)))
        | (Transfer.payee_id.in_(entity_ids_of(second))),
    )

    assert len(await all_of(town, between)) == 1


@pytest.mark.parametrize(
    ("email", "password"),
    [*SAMPLE_LOGINS, *((email, password) for email, password, _ in SAMPLE_ADMINS)],
)
async def test_sample_logins_fit(
    town: Database, settings: Settings, email: str, password: str
) -> None:
    (password_hash,) = await all_of(town, select(User.password_hash).where(User.email == email))

    passwords = Passwords(memory_kib=settings.password_memory_kib)
    assert await passwords.verify(password, password_hash)
    assert not [*password_problems(password)]


@pytest.mark.parametrize(("email", "role"), [(email, role) for email, _, role in SAMPLE_ADMINS])
async def test_sample_admins_have_their_roles(town: Database, email: str, role: AdminRole) -> None:
    statement = select(Admin.role).join(User, User.id == Admin.user_id).where(User.email == email)

    assert await all_of(town, statement) == [role]


async def test_every_address_is_one(town: Database) -> None:
    emails = [
        *await all_of(town, select(User.email)),
        *await all_of(town, select(Entity.email)),
    ]

    assert not [problem for email in emails for problem in email_problems("email", email)]


def test_history_is_the_same_every_time() -> None:
    first, again = (make_history(read_town(), now=NOW, scale=2) for _ in range(2))

    assert first == again


def test_history_moves_with_the_clock() -> None:
    day = timedelta(days=1)
    today = make_history(read_town(), now=NOW, scale=2)
    tomorrow = make_history(read_town(), now=NOW + day, scale=2)

    assert [trade.proposed_at + day for trade in today] == [trade.proposed_at for trade in tomorrow]


@pytest.mark.parametrize("scale", range(7))
def test_history_suits_every_scale(scale: int) -> None:
    amounts = [trade.amount for trade in make_history(read_town(), now=NOW, scale=scale)]

    assert all(10**scale <= amount < 300 * 10**scale for amount in amounts)
