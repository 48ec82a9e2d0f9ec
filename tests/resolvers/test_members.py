"""Who belongs to an entity, and what ends when somebody does not any more."""

import asyncio
from contextlib import AbstractContextManager
from uuid import UUID

import pytest
from sqlalchemy import select

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Mail, MailKind, Role
from mccs_graphql.schema.ids import IdPrefix, encode_id
from tests.access.askers import join
from tests.clients import GraphQLClient, Live
from tests.factories import MakeMember, Member
from tests.invitations import (
    MEMBERSHIPS,
    Memberships,
    acting,
    invited,
    make_partner,
    user_id_of,
)
from tests.mails import mails_to
from tests.resolvers.test_events import error_code
from tests.resolvers.test_identity import LISTEN
from tests.trading import Trading

LAST_OWNER = "The entity would be left without an OWNER; make somebody else one first."
LEAVE_AND_LOOK = """
mutation Leave($input: LeaveEntityInput!) {
  leaveEntity(input: $input) { __typename }
  again: leaveEntity(input: $input) { __typename }
}"""


@pytest.fixture
async def shop(make: MakeMember) -> Member:
    return await make()


@pytest.fixture
async def ben(database: Database, shop: Member) -> Member:
    """A trader of the shop."""
    return await make_partner(database, shop, Role.TRADER)


class TestLastOwner:
    async def test_cannot_leave(self, memberships: Memberships, shop: Member, ben: Member) -> None:
        refused = await memberships.leave(shop, shop)
        assert (refused["code"], refused["message"]) == ("LAST_OWNER", LAST_OWNER)

    async def test_cannot_be_removed(
        self, memberships: Memberships, shop: Member, ben: Member
    ) -> None:
        assert (await memberships.remove(shop, shop, of=shop))["code"] == "LAST_OWNER"

    @pytest.mark.parametrize("role", ["TRADER", "EDITOR", "VIEWER"])
    async def test_cannot_become_less(
        self, memberships: Memberships, shop: Member, ben: Member, role: str
    ) -> None:
        refused = await memberships.change_role(shop, shop, role, of=shop)
        assert refused["code"] == "LAST_OWNER"
        assert (await memberships.roles(shop, by=shop))[user_id_of(shop)] == "OWNER"

    async def test_leaves_once_there_is_another(
        self, memberships: Memberships, shop: Member, ben: Member
    ) -> None:
        await memberships.change_role(shop, ben, "OWNER", of=shop)
        assert (await memberships.leave(shop, shop))["leftId"] == shop.id
        assert await memberships.roles(shop, by=ben) == {user_id_of(ben): "OWNER"}

    @pytest.mark.parametrize("count", [2, 5])
    async def test_of_all_owners_leaving_at_the_same_moment_one_stays(
        self, memberships: Memberships, shop: Member, database: Database, count: int
    ) -> None:
        others = [await make_partner(database, shop, Role.OWNER) for _ in range(count - 1)]
        everybody = [shop, *others]

        found = await asyncio.gather(*(memberships.leave(one, shop) for one in everybody))

        kinds = [result["__typename"] for result in found]
        assert sorted(kinds) == ["LastOwner", *["LeaveEntityPayload"] * (count - 1)]
        left = everybody[kinds.index("LastOwner")]
        assert await memberships.roles(shop, by=left) == {user_id_of(left): "OWNER"}

    async def test_of_two_owners_who_remove_each_other_one_stays(
        self, memberships: Memberships, graphql: GraphQLClient, shop: Member, database: Database
    ) -> None:
        other = await make_partner(database, shop, Role.OWNER)

        found = await asyncio.gather(
            memberships.remove(shop, other, of=shop),
            memberships.remove(other, shop, of=shop),
            return_exceptions=True,
        )

        assert [isinstance(result, dict) for result in found].count(True) == 1
        left = shop if isinstance(found[0], dict) else other
        assert await memberships.roles(shop, by=left) == {user_id_of(left): "OWNER"}

    async def test_of_two_owners_who_demote_each_other_one_stays(
        self, memberships: Memberships, shop: Member, database: Database
    ) -> None:
        other = await make_partner(database, shop, Role.OWNER)

        await asyncio.gather(
            memberships.change_role(shop, other, "VIEWER", of=shop),
            memberships.change_role(other, shop, "VIEWER", of=shop),
            return_exceptions=True,
        )

        roles = await memberships.roles(shop, by=shop)
        assert sorted(roles.values()) == ["OWNER", "VIEWER"]


class TestChangeRole:
    async def test_of_who_is_no_member_is_refused(
        self, memberships: Memberships, shop: Member, make: MakeMember
    ) -> None:
        refused = await memberships.change_role(shop, await make(), "VIEWER", of=shop)
        assert (refused["code"], refused["path"]) == ("MEMBER_NOT_FOUND", ["userId"])

    async def test_counts_at_once(
        self,
        memberships: Memberships,
        shop: Member,
        ben: Member,
        make: MakeMember,
        trading: Trading,
    ) -> None:
        id_ = await trading.proposed(await make(), shop)

        result = await memberships.change_role(shop, ben, "VIEWER", of=shop)

        assert {"userId": user_id_of(ben), "role": "VIEWER"} in result["entity"]["members"]
        with pytest.raises(AssertionError, match="For this you have to be OWNER or TRADER"):
            await trading.accept(ben, id_)

    async def test_owner_who_is_none_any_more_has_invited_nobody(
        self,
        memberships: Memberships,
        graphql: GraphQLClient,
        shop: Member,
        make: MakeMember,
        database: Database,
    ) -> None:
        rogue = await make_partner(database, shop, Role.OWNER)
        kept = await invited(database, graphql, shop)
        back_door = await memberships.invite(rogue, (await make()).email, "OWNER", of=shop)

        await memberships.change_role(shop, rogue, "TRADER", of=shop)

        found = (await memberships.seen(shop, by=shop))["invitations"]
        assert back_door["invitation"]["id"] not in [invitation["id"] for invitation in found]
        assert [invitation["id"] for invitation in found] == [kept.id]


class TestRemove:
    @pytest.mark.parametrize("id_", ["", "x", encode_id(IdPrefix.USER, UUID(int=7))])
    async def test_unknown_user_is_refused(
        self, memberships: Memberships, shop: Member, id_: str
    ) -> None:
        refused = await memberships.do("removeMember", shop, entityId=shop.id, userId=id_)
        assert refused["code"] == "MEMBER_NOT_FOUND"

    async def test_removed_member_is_a_stranger_at_once(
        self, memberships: Memberships, shop: Member, ben: Member
    ) -> None:
        result = await memberships.remove(shop, ben, of=shop)

        assert [one["userId"] for one in result["entity"]["members"]] == [user_id_of(shop)]
        assert await memberships.seen(shop, by=ben) == {"members": None, "invitations": None}

    async def test_open_subscriptions_end_and_those_of_others_go_on(
        self,
        memberships: Memberships,
        live: Live,
        shop: Member,
        ben: Member,
        make: MakeMember,
        trading: Trading,
    ) -> None:
        async with (
            live.subscription(LISTEN, by=ben, id=shop.id) as his,
            live.subscription(LISTEN, by=shop, id=shop.id) as hers,
        ):
            assert [(await events.next())["__typename"] for events in (his, hers)] == [
                "CaughtUp"
            ] * 2

            await memberships.remove(shop, ben, of=shop)

            assert await error_code(his) == "FORBIDDEN"
            await trading.proposed(await make(), shop)
            assert (await hers.next())["__typename"] == "TransferProposed"

    async def test_what_was_proposed_stays(
        self,
        memberships: Memberships,
        graphql: GraphQLClient,
        shop: Member,
        ben: Member,
        make: MakeMember,
        trading: Trading,
    ) -> None:
        payee = await make()
        id_ = await trading.proposed(acting(ben, shop), payee)

        await memberships.remove(shop, ben, of=shop)

        accepted = await trading.accept(payee, id_)
        assert accepted["transfer"]["state"] == "COMPLETED"

    async def test_who_is_removed_is_told(
        self, memberships: Memberships, shop: Member, ben: Member, database: Database
    ) -> None:
        await memberships.remove(shop, ben, of=shop)

        assert await mails_to(database, ben.email) == [MailKind.MEMBER_REMOVED]
        async with database.reading() as session:
            mail = await session.scalar(select(Mail).where(Mail.user_id == ben.user_id))
        assert mail
        assert mail.facts == {
            "entity_id": str(shop.entity_id),
            "removed_by": str(shop.user_id),
        }


class TestLeave:
    async def test_every_other_member_may(
        self, memberships: Memberships, shop: Member, ben: Member, database: Database
    ) -> None:
        assert (await memberships.leave(ben, shop))["leftId"] == shop.id
        assert await memberships.roles(shop, by=shop) == {user_id_of(shop): "OWNER"}
        assert await mails_to(database, ben.email) == []

    async def test_counts_for_what_follows_in_the_document(
        self, graphql: GraphQLClient, shop: Member, ben: Member
    ) -> None:
        assert (
            await graphql.code(LEAVE_AND_LOOK, by=ben, input={"entityId": shop.id}) == "FORBIDDEN"
        )

    async def test_own_subscription_ends(
        self, memberships: Memberships, live: Live, shop: Member, ben: Member
    ) -> None:
        async with live.subscription(LISTEN, by=ben, id=shop.id) as events:
            await events.next()
            await memberships.leave(ben, shop)
            assert await error_code(events) == "FORBIDDEN"


class TestSeen:
    async def test_members_see_each_other_and_owners_the_addresses(
        self, memberships: Memberships, shop: Member, ben: Member
    ) -> None:
        by_owner = (await memberships.seen(shop, by=shop))["members"]
        by_trader = (await memberships.seen(shop, by=ben))["members"]

        assert [one["email"] for one in by_owner] == [shop.email, ben.email]
        assert by_trader == [one | {"email": None} for one in by_owner]

    async def test_nobody_else_sees_them(
        self, memberships: Memberships, shop: Member, ben: Member, make: MakeMember
    ) -> None:
        for by in (None, await make()):
            assert await memberships.seen(shop, by=by) == {"members": None, "invitations": None}

    async def test_memberships_tell_the_roles(
        self, graphql: GraphQLClient, shop: Member, ben: Member
    ) -> None:
        found = (await graphql(MEMBERSHIPS, by=ben))["viewer"]["memberships"]
        assert [(one["entity"]["id"], one["role"]) for one in found] == [
            (ben.id, "OWNER"),
            (shop.id, "TRADER"),
        ]

    async def test_cost_the_same_for_one_entity_and_for_many(
        self,
        graphql: GraphQLClient,
        make: MakeMember,
        database: Database,
        counting: AbstractContextManager[list[str]],
    ) -> None:
        one, many = await make(), await make()
        for _ in range(5):
            other = await make_partner(database, many, Role.VIEWER)
            await make_partner(database, other, Role.VIEWER)
            await join(database, many, other, Role.OWNER)
        document = """{ viewer { memberships { entity {
            members { userId email } invitations { id }
        } } } }"""

        with counting as statements:
            await graphql(document, by=one)
            for_one = list(statements)
            data = await graphql(document, by=many)

        found = data["viewer"]["memberships"]
        assert [len(each["entity"]["members"]) for each in found] == [6, *[3] * 5]
        assert len(statements) == 2 * len(for_one)
