"""What happens beside transfers between members is told to those it concerns, once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import (
    Channel,
    EntityStatus,
    Mail,
    MailKind,
    Notice,
    NoticeHead,
    NoticeKind,
    NoticePreference,
    Role,
)
from mccs_graphql.db.queries.notices import forget
from tests.access.askers import join
from tests.administration.desk import Desk
from tests.clients import GraphQLClient
from tests.contacts import Contacts
from tests.factories import MakeMember, Member, make_member
from tests.invitations import Memberships, invited, make_partner
from tests.notices import choose, mailed, notices_of, tell, told
from tests.resolvers.test_notice_list import notify
from tests.stewardship import CHANGE_DEFAULT_LIMITS, Administration, limits
from tests.trading import Trading


@pytest.fixture
async def desk(graphql: GraphQLClient, database: Database) -> Desk:
    return await Desk.of(graphql, database)


async def mails_to_entity(database: Database, of: Member) -> list[MailKind]:
    async with database.reading() as session:
        found = await session.scalars(
            select(Mail.kind).where(Mail.receiver_id == of.entity_id).order_by(Mail.id)
        )
        return list(found)


class TestMembers:
    async def test_joining_is_told_to_the_owners_before(
        self, graphql: GraphQLClient, make: MakeMember, database: Database, memberships: Memberships
    ) -> None:
        ana, eve = await make(), await make()
        await memberships.accept(eve, (await invited(database, graphql, ana)).token)

        assert await told(database, ana) == [NoticeKind.MEMBER_JOINED]
        assert await mailed(database, ana) == [MailKind.MEMBER_JOINED]
        assert await told(database, eve) == []

    async def test_role_and_removal_are_told_to_who_it_is_about(
        self, make: MakeMember, database: Database, memberships: Memberships
    ) -> None:
        ana = await make()
        ben = await make_partner(database, ana, Role.VIEWER)
        await memberships.change_role(ana, ben, of=ana, role="EDITOR")
        await memberships.remove(ana, ben, of=ana)

        assert await told(database, ben) == [NoticeKind.ROLE_CHANGED, NoticeKind.MEMBER_REMOVED]
        assert len(await mailed(database, ben)) == 2
        assert await told(database, ana) == []


class TestContact:
    async def test_message_is_told_to_each_member_and_mailed_to_the_entity(
        self, graphql: GraphQLClient, make: MakeMember, database: Database
    ) -> None:
        ana, ben, eve = await make(), await make(), await make()
        await join(database, eve, ben, Role.VIEWER)
        await Contacts(graphql).written(ana, ben)

        for member in (ben, eve):
            (notice,) = await notices_of(database, member)
            assert (notice.kind, notice.entity_id) == (NoticeKind.CONTACT, ben.entity_id)
            assert notice.other_id == ana.entity_id
            assert await mailed(database, member) == []
        assert await mails_to_entity(database, ben) == [MailKind.CONTACT]


class TestDecisions:
    async def test_status_is_told_once_to_each_member(
        self, desk: Desk, make: MakeMember, database: Database
    ) -> None:
        ana, eve = await make(), await make()
        await join(database, eve, ana, Role.VIEWER)
        for _ in range(2):
            await desk.do("changeEntityStatuses", entityIds=[ana.id], to="REJECTED")

        for member in (ana, eve):
            assert await told(database, member) == [NoticeKind.ENTITY_STATUS]
            assert await mailed(database, member) == [MailKind.ENTITY_STATUS]

    async def test_who_has_turned_it_off_is_told_in_the_app_alone(
        self, desk: Desk, make: MakeMember, database: Database
    ) -> None:
        ana = await make()
        await choose(database, ana, NoticeKind.ENTITY_STATUS, Channel.MAIL, wanted=False)
        await desk.decide(ana, "REJECTED")

        assert await told(database, ana) == [NoticeKind.ENTITY_STATUS]
        assert await mailed(database, ana) == []

    async def test_limits_are_told_to_members_and_the_same_again_is_no_news(
        self, administration: Administration, make: MakeMember, database: Database
    ) -> None:
        ana = await make()
        for expected in (limits("100.00", "100.00"), limits("100.00", "200.00")):
            await administration.change_limits(ana, "100.00", "200.00", expected=expected)

        assert await told(database, ana) == [NoticeKind.LIMITS_CHANGED]
        assert await mailed(database, ana) == [MailKind.LIMITS_CHANGED]

    async def test_new_default_is_told_to_those_who_follow(
        self, administration: Administration, make: MakeMember, database: Database
    ) -> None:
        status = {"status": "TRADING_REJECTED"}
        wishes: dict[str, Any] = {"status": EntityStatus.TRADING_REJECTED, "ceiling": "500.00"}
        ana, ben = await make(floor="0.00", **wishes), await make(floor="1.00", **wishes)
        reason, new = "Agreed at the meeting.", limits("5.00", "500.00")
        input_ = status | new | {"expected": limits("0.00", "500.00"), "reason": reason}
        await administration.do(
            CHANGE_DEFAULT_LIMITS, input_ | {"applyTo": "ALL_AT_DEFAULT", "force": True}
        )

        assert await mailed(database, ana) == [MailKind.LIMITS_CHANGED]
        assert await told(database, ana) == [NoticeKind.LIMITS_CHANGED]
        assert await told(database, ben) == []


class TestTransfersOfAdmins:
    async def test_are_told_to_members_and_mailed_once_to_each_entity(
        self, administration: Administration, make: MakeMember, database: Database, trading: Trading
    ) -> None:
        ana, ben = await make(), await make()
        await administration.pay(ana, ben, "1.00")
        await administration.cancel(await trading.proposed(ana, ben))
        await tell(database)

        kinds = [MailKind.TRANSFER_BY_ADMIN, MailKind.TRANSFER_CANCELLED_BY_ADMIN]
        for side in (ana, ben):
            found = await told(database, side)
            assert [kind.value for kind in found if "admin" in kind.value] == kinds
            assert await mails_to_entity(database, side) == kinds
            assert not {*await mailed(database, side)} & {*kinds}


class TestDeletingAnEntity:
    async def test_other_sides_are_told_what_became_of_proposals_and_balance(
        self, desk: Desk, make: MakeMember, database: Database, trading: Trading
    ) -> None:
        ana, ben, fund = await make(), await make(), await make()
        await trading.pay(ana, ben, "10.00")
        await trading.proposed(ben, ana)
        await tell(database)
        await desk.delete(ben, settleWith=fund.id, proposals="CANCEL")
        await tell(database)

        assert (await told(database, ana))[-1] == NoticeKind.TRANSFER_CANCELLED_BY_ADMIN
        assert await mails_to_entity(database, ana) == [MailKind.TRANSFER_CANCELLED_BY_ADMIN]
        assert await told(database, fund) == [NoticeKind.TRANSFER_COMPLETED]
        assert await mailed(database, fund) == [MailKind.TRANSFER_COMPLETED]
        assert await told(database, ben) == []


async def test_nothing_is_left_of_what_a_deleted_user_was_told(
    desk: Desk, make: MakeMember, database: Database, trading: Trading
) -> None:
    ana, ben, eve = await make(), await make(), await make()
    await join(database, eve, ben, Role.OWNER)
    await choose(database, ben, NoticeKind.CONTACT, Channel.IN_APP, wanted=False)
    await trading.proposed(ana, ben)
    await tell(database)

    answer = await desk.delete_user(ben)

    assert answer["__typename"] == "DeleteUserPayload"
    async with database.reading() as session:
        for model in (Notice, NoticeHead, NoticePreference):
            mine = select(model).where(model.user_id == ben.user_id)
            assert (await session.scalars(mine)).all() == []
    assert len(await notices_of(database, eve)) == 1


async def test_old_notices_are_forgotten_the_oldest_first_and_others_stay(
    empty_database: Database,
) -> None:
    ana = await make_member(empty_database)
    old = datetime.now(UTC) - timedelta(days=181)
    await notify(empty_database, ana, times=3, created_at=old)
    (new,) = await notify(empty_database, ana)

    async with empty_database.writing() as session:
        assert await forget(session, older_than=timedelta(days=180), most=2) == 2
        assert await forget(session, older_than=timedelta(days=180), most=2) == 1

    assert len(await notices_of(empty_database, ana)) == 1
    assert new
