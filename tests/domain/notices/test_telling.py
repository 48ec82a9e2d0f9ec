"""Who is told what of what stands in the logs of entities."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import event, func, select, text

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import (
    Channel,
    Event,
    EventKind,
    MailKind,
    Membership,
    Notice,
    NoticeHead,
    NoticeKind,
    Role,
    SystemReason,
    Transfer,
    TransferState,
)
from mccs_graphql.db.models.transfer import Canceller
from mccs_graphql.db.queries.ledger import find_sides
from mccs_graphql.db.queries.new_listings import lock_accounts
from mccs_graphql.db.queries.notices import claim_untold
from mccs_graphql.domain import events
from mccs_graphql.domain.notices import telling
from tests.access.askers import join
from tests.factories import Member, make_member
from tests.notices import choose, mailed, notices_of, tell, told


@pytest.fixture
async def ana(empty_database: Database) -> Member:
    return await make_member(empty_database)


@pytest.fixture
async def ben(empty_database: Database) -> Member:
    return await make_member(empty_database)


async def proposed(
    database: Database, ana: Member, ben: Member, *, rolled_back: bool = False
) -> UUID:
    """Ana proposes to pay Ben; the id of the transfer."""
    transfer = Transfer(
        payer_id=ana.entity_id,
        payee_id=ben.entity_id,
        initiator_id=ana.entity_id,
        payer_name=ana.name,
        payee_name=ben.name,
        amount=100,
        proposed_by=ana.user_id,
    )
    with suppress(LookupError):
        async with database.writing() as session:
            session.add(transfer)
            await session.flush()
            sides = await find_sides(session, [ana.entity_id, ben.entity_id], lock=True)
            accounts = [side.account for side in sides]
            kind = EventKind.TRANSFER_PROPOSED
            events.record(session, kind=kind, transfer=transfer, accounts=accounts)
            await session.flush()
            if rolled_back:
                raise LookupError
    return transfer.id


async def cancelled(database: Database, ana: Member, ben: Member, by: Canceller) -> None:
    """What Ana proposed to Ben is not to be; by Ben, unless Ana or nobody did it."""
    id_ = await proposed(database, ana, ben)
    doer = {Canceller.INITIATOR: ana.user_id, Canceller.RECEIVER: ben.user_id}.get(by)
    async with database.writing() as session:
        transfer = await session.get_one(Transfer, id_)
        transfer.state, transfer.cancelled_by = TransferState.CANCELLED, by
        transfer.decided_at, transfer.decided_by = datetime.now(UTC), doer
        if by is Canceller.SYSTEM:
            transfer.system_reason = SystemReason.PAYER_CREDIT_LIMIT
        sides = await find_sides(session, [ana.entity_id, ben.entity_id], lock=True)
        accounts = [side.account for side in sides]
        kind = EventKind.TRANSFER_CANCELLED
        events.record(session, kind=kind, transfer=transfer, accounts=accounts)


async def matched(database: Database, *entities: Member, match: Member) -> None:
    async with database.writing() as session:
        accounts = await lock_accounts(session, [each.entity_id for each in entities])
        events.record_match(session, match.entity_id, accounts)


class TestWho:
    async def test_nobody_is_told_of_what_was_rolled_back(
        self, empty_database: Database, ana: Member, ben: Member
    ) -> None:
        await proposed(empty_database, ana, ben, rolled_back=True)

        await tell(empty_database)

        assert await told(empty_database, ben) == []

    async def test_nobody_is_told_twice(
        self, empty_database: Database, ana: Member, ben: Member
    ) -> None:
        await proposed(empty_database, ana, ben)

        for _ in range(2):
            await tell(empty_database)

        assert await told(empty_database, ben) == [NoticeKind.TRANSFER_PROPOSED]
        assert await mailed(empty_database, ben) == [MailKind.TRANSFER_PROPOSED]

    async def test_proposal_is_told_to_the_side_that_is_to_decide(
        self, empty_database: Database, ana: Member, ben: Member
    ) -> None:
        id_ = await proposed(empty_database, ana, ben)

        await tell(empty_database)

        assert await told(empty_database, ana) == []
        (notice,) = await notices_of(empty_database, ben)
        assert (notice.kind, notice.entity_id) == (NoticeKind.TRANSFER_PROPOSED, ben.entity_id)
        assert (notice.transfer_id, notice.read_at) == (id_, None)

    async def test_every_member_is_told_and_who_has_left_is_not(
        self, empty_database: Database, ana: Member, ben: Member
    ) -> None:
        eve, fay = await make_member(empty_database), await make_member(empty_database)
        for each in (eve, fay):
            await join(empty_database, each, ben, Role.VIEWER)
        await proposed(empty_database, ana, ben)
        async with empty_database.writing() as session:
            gone = await session.get_one(Membership, (fay.user_id, ben.entity_id))
            await session.delete(gone)

        await tell(empty_database)

        assert await told(empty_database, eve) == [NoticeKind.TRANSFER_PROPOSED]
        assert await told(empty_database, fay) == []

    @pytest.mark.parametrize(
        ("by", "kind"),
        [
            (Canceller.INITIATOR, NoticeKind.TRANSFER_CANCELLED),
            (Canceller.RECEIVER, NoticeKind.TRANSFER_REJECTED),
            (Canceller.SYSTEM, NoticeKind.TRANSFER_CANCELLED),
        ],
    )
    async def test_end_is_told_to_both_sides(
        self, empty_database: Database, ana: Member, ben: Member, by: Canceller, kind: NoticeKind
    ) -> None:
        await cancelled(empty_database, ana, ben, by)

        await tell(empty_database)

        for side in (ana, ben):
            assert (await told(empty_database, side))[-1] == kind
            assert (await mailed(empty_database, side))[-1] == MailKind(kind.value)

    async def test_who_did_it_has_read_it(
        self, empty_database: Database, ana: Member, ben: Member
    ) -> None:
        await cancelled(empty_database, ana, ben, Canceller.RECEIVER)

        await tell(empty_database)

        (*_, at_ana), (*_, at_ben) = (
            await notices_of(empty_database, ana),
            await notices_of(empty_database, ben),
        )
        assert at_ana.read_at is None
        assert at_ben.read_at is not None

    async def test_match_is_told_in_the_app_alone(
        self, empty_database: Database, ana: Member, ben: Member
    ) -> None:
        await matched(empty_database, ana, match=ben)

        await tell(empty_database)

        (notice,) = await notices_of(empty_database, ana)
        assert (notice.kind, notice.other_id) == (NoticeKind.MATCH_FOUND, ben.entity_id)
        assert await mailed(empty_database, ana) == []

    @pytest.mark.parametrize("channel", Channel)
    async def test_who_does_not_want_it_so_is_not_told_so(
        self, empty_database: Database, ana: Member, ben: Member, channel: Channel
    ) -> None:
        kind = NoticeKind.TRANSFER_PROPOSED
        await choose(empty_database, ben, kind, channel, wanted=False)
        await proposed(empty_database, ana, ben)

        await tell(empty_database)

        in_app, by_mail = await told(empty_database, ben), await mailed(empty_database, ben)
        assert (len(in_app), len(by_mail)) == ((0, 1) if channel is Channel.IN_APP else (1, 0))


class TestNumbers:
    async def test_numbers_have_no_gaps_and_go_as_far_as_the_head(
        self, empty_database: Database, ana: Member, ben: Member
    ) -> None:
        for _ in range(2):
            await matched(empty_database, ana, match=ben)
            await tell(empty_database)
        await matched(empty_database, *[ana] * 3, match=ben)
        await tell(empty_database)

        numbers = [notice.number for notice in await notices_of(empty_database, ana)]

        assert numbers == list(range(1, len(numbers) + 1))
        async with empty_database.reading() as session:
            assert (await session.get_one(NoticeHead, ana.user_id)).last == len(numbers)

    async def test_workers_that_race_tell_each_once(
        self, empty_database: Database, ana: Member, ben: Member
    ) -> None:
        cai = await make_member(empty_database)
        for _ in range(telling.BATCH):
            await matched(empty_database, ana, ben, match=cai)

        await asyncio.gather(*(tell(empty_database) for _ in range(4)))

        for member in (ana, ben):
            numbers = sorted(
                notice.number or 0 for notice in await notices_of(empty_database, member)
            )
            assert numbers == list(range(1, telling.BATCH + 1))

    async def test_many_take_as_many_statements_as_one(
        self, empty_database: Database, ana: Member, ben: Member
    ) -> None:
        cai = await make_member(empty_database)
        await matched(empty_database, ana, match=cai)
        for_one = await statements_of_telling(empty_database)
        for member in (ben, *[await make_member(empty_database) for _ in range(3)]):
            await join(empty_database, member, ana, Role.VIEWER)
            await matched(empty_database, ana, member, match=cai)
            await proposed(empty_database, ana, member)

        # Mails are one statement more, and there was none to write before.
        assert await statements_of_telling(empty_database) == for_one + 1


async def statements_of_telling(database: Database) -> int:
    """How many statements it takes to tell what is to be told, in one transaction."""
    seen: list[str] = []

    def see(_c: object, _k: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    engine = database.writes.sync_engine
    event.listen(engine, "before_cursor_execute", see)
    try:
        async with database.writing() as session:
            assert not await telling.tell_next(session)
    finally:
        event.remove(engine, "before_cursor_execute", see)
    return len(seen)


async def test_what_was_told_is_out_of_the_index(
    empty_database: Database, ana: Member, ben: Member
) -> None:
    await proposed(empty_database, ana, ben)
    await tell(empty_database)

    async with empty_database.reading() as session:
        assert await session.scalar(select(func.count()).where(~Event.told)) == 0
        plan = await session.scalars(
            text("EXPLAIN SELECT * FROM events WHERE NOT told ORDER BY recorded_at LIMIT 100")
        )
        assert "ix_events_untold" in "\n".join(plan)


async def test_two_who_tell_at_once_do_not_wait_for_each_other(
    empty_database: Database, ana: Member, ben: Member
) -> None:
    """Who comes second finds nothing, until the first has come to an end."""
    await proposed(empty_database, ana, ben)
    async with empty_database.writing() as first:
        await telling.tell_next(first)
        async with empty_database.writing() as second:
            assert await claim_untold(second, most=1) == []

    async with empty_database.reading() as session:
        assert await session.scalar(select(func.count(Notice.id))) == 1
