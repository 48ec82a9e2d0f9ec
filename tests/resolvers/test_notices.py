"""What users are told by mail about their logins and their entities: once, if it happened."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Mail, MailKind, Role, Scope
from mccs_graphql.domain.identity import credentials, enrolment, sessions, token_making
from mccs_graphql.domain.identity.sealing import Seal
from mccs_graphql.domain.identity.sessions import Origin
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.membership import changes
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.factories import MakeMember, Member
from tests.invitations import Memberships, make_partner
from tests.mails import mails_to, token_for
from tests.resolvers.accounts import (
    CHANGE_PASSWORD,
    REQUEST_RESET,
    RESET,
    Account,
    doing,
    open_account,
)
from tests.resolvers.places import From, new_address, places
from tests.resolvers.test_api_tokens import CREATE, wishes
from tests.resolvers.test_identity import LOG_OUT, PASSWORD, logged_in
from tests.second_factors import REMOVE, enrol, enrolled, log_in

NEW_PASSWORD = "battery-staple-7"
FIREFOX, UPDATED, CHROME = "Firefox/140.0", "Firefox/141.0.1", "Chrome/140.0"


@pytest.fixture
async def ana(graphql: GraphQLClient) -> Account:
    return await open_account(graphql)


@pytest.fixture
async def shop(make: MakeMember) -> Member:
    return await make()


@pytest.fixture
async def ben(database: Database, shop: Member) -> Member:
    """A trader of the shop."""
    return await make_partner(database, shop, Role.TRADER)


async def told(database: Database, email: str, kind: MailKind) -> int:
    """How many mails of this kind wait for the user with this address."""
    return (await mails_to(database, email)).count(kind)


async def facts_of(database: Database, user: Account | Member, kind: MailKind) -> dict[str, object]:
    """What the only mail of this kind to a user knows."""
    async with database.reading() as session:
        mine = select(Mail).where(Mail.user_id == user.user_id, Mail.kind == kind)
        return (await session.scalars(mine)).one().facts


class TestPassword:
    async def test_wrong_guess_is_no_news(
        self, graphql: GraphQLClient, database: Database, ana: Account
    ) -> None:
        change = doing(graphql, CHANGE_PASSWORD)
        refused = await change(by=ana, currentPassword="x", newPassword=NEW_PASSWORD)

        assert refused["code"] == "PASSWORD_WRONG"
        assert await told(database, ana.email, MailKind.PASSWORD_CHANGED) == 0

    async def test_of_many_changes_at_the_same_moment_one_is_told(
        self, graphql: GraphQLClient, database: Database, ana: Account
    ) -> None:
        change = doing(graphql, CHANGE_PASSWORD)
        wish = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}
        await asyncio.gather(*(change(by=ana, **wish) for _ in range(4)))

        facts = await facts_of(database, ana, MailKind.PASSWORD_CHANGED)
        assert facts == {"address": "127.0.0.1"}

    async def test_reset_is_told(
        self, graphql: GraphQLClient, database: Database, ana: Account
    ) -> None:
        await doing(graphql, REQUEST_RESET)(email=ana.email)
        token = await token_for(database, ana.user_id, MailKind.PASSWORD_RESET)
        for _ in range(2):
            await doing(graphql, RESET)(token=token, newPassword=NEW_PASSWORD)

        assert await told(database, ana.email, MailKind.PASSWORD_CHANGED) == 1


class TestNewDevice:
    @pytest.fixture
    async def at(self, settings: Settings) -> AsyncIterator[From]:
        async with places(settings) as client:
            yield client

    async def log_in(
        self, at: From, account: Account, device: str, *, place: str, password: str = PASSWORD
    ) -> None:
        async with at(place) as client:
            client.http.headers["User-Agent"] = device
            found = await logged_in(client, account.email, password)
            if password == PASSWORD:
                await client(LOG_OUT, by=found["token"])

    async def test_first_log_in_is_no_news(self, database: Database, shop: Member) -> None:
        assert await mails_to(database, shop.email) == []

    async def test_wrong_password_is_no_news(
        self, at: From, database: Database, ana: Account
    ) -> None:
        await self.log_in(at, ana, FIREFOX, place=new_address(), password="x")

        assert await told(database, ana.email, MailKind.NEW_DEVICE) == 0

    async def test_where_one_signed_up_is_known(
        self, graphql: GraphQLClient, database: Database, ana: Account
    ) -> None:
        await graphql(LOG_OUT, by=ana.token)
        await logged_in(graphql, ana.email, PASSWORD)

        assert await told(database, ana.email, MailKind.NEW_DEVICE) == 0

    async def test_new_place_is_told_once_also_after_logging_out(
        self, at: From, database: Database, ana: Account
    ) -> None:
        place = new_address()
        for device in (FIREFOX, FIREFOX, UPDATED):
            await self.log_in(at, ana, device, place=place)

        facts = await facts_of(database, ana, MailKind.NEW_DEVICE)
        assert facts == {"device": FIREFOX, "address": place}

    @pytest.mark.parametrize("new", ["place", "device"])
    async def test_each_new_place_and_device_is_told(
        self, at: From, database: Database, ana: Account, new: str
    ) -> None:
        place = new_address()
        await self.log_in(at, ana, FIREFOX, place=place)

        if new == "place":
            await self.log_in(at, ana, FIREFOX, place=new_address())
        else:
            await self.log_in(at, ana, CHROME, place=place)

        assert await told(database, ana.email, MailKind.NEW_DEVICE) == 2

    async def test_of_many_at_the_same_moment_one_is_told(
        self, at: From, database: Database, ana: Account
    ) -> None:
        place = new_address()
        await asyncio.gather(*(self.log_in(at, ana, FIREFOX, place=place) for _ in range(4)))

        assert await told(database, ana.email, MailKind.NEW_DEVICE) == 1

    async def test_where_another_logs_in_is_new_to_the_user(
        self, at: From, graphql: GraphQLClient, database: Database, ana: Account
    ) -> None:
        place, other = new_address(), await open_account(graphql)
        await self.log_in(at, other, FIREFOX, place=place)
        await self.log_in(at, ana, FIREFOX, place=place)

        assert await told(database, ana.email, MailKind.NEW_DEVICE) == 1

    async def test_where_a_session_is_used_is_known(
        self, at: From, database: Database, ana: Account
    ) -> None:
        """Sessions move, and those from before places were remembered are there too."""
        place = new_address()
        async with database.writing() as session:
            moved = text("UPDATE user_sessions SET address = :a, device = :d WHERE user_id = :id")
            await session.execute(moved, {"a": place, "d": FIREFOX, "id": ana.user_id})

        await self.log_in(at, ana, FIREFOX, place=place)

        assert await told(database, ana.email, MailKind.NEW_DEVICE) == 0

    async def test_log_in_that_lacks_its_code_is_no_news(
        self, at: From, graphql: GraphQLClient, database: Database, ana: Account
    ) -> None:
        factor = await enrolled(graphql, database, ana)
        async with at(new_address()) as client:
            await log_in(client, ana, None)
            before = await told(database, ana.email, MailKind.NEW_DEVICE)
            await log_in(client, ana, factor.code)

        assert (before, await told(database, ana.email, MailKind.NEW_DEVICE)) == (0, 1)


class TestSecondFactor:
    async def test_setting_up_and_removing_are_told(
        self, graphql: GraphQLClient, database: Database, ana: Account
    ) -> None:
        factor = await enrolled(graphql, database, ana)
        remove = doing(graphql, REMOVE)
        for code in (factor.wrong_code, factor.code, factor.next_code):
            await remove(by=ana, currentPassword=PASSWORD, code=code)

        assert await facts_of(database, ana, MailKind.SECOND_FACTOR_ON) == {}
        facts = await facts_of(database, ana, MailKind.SECOND_FACTOR_OFF)
        assert facts == {"by_community": False}

    async def test_reset_by_the_community_is_told_if_there_was_one(
        self, database: Database, shop: Member
    ) -> None:
        await enrol(database, shop, seal=Seal(""), at=datetime.now(UTC))
        for _ in range(2):
            async with database.writing() as session:
                await enrolment.reset(session, shop.email)

        facts = await facts_of(database, shop, MailKind.SECOND_FACTOR_OFF)
        assert facts == {"by_community": True}


async def test_new_api_token_is_told_to_all_owners_and_no_others(
    graphql: GraphQLClient, database: Database, ana: Account, make: MakeMember
) -> None:
    owner, trader, entity = await make(), await make(), await entity_of(database, ana)
    for partner, role in ((owner, "OWNER"), (trader, "TRADER")):
        async with database.writing() as session:
            await session.execute(
                text("INSERT INTO memberships (user_id, entity_id, role) VALUES (:u, :e, :r)"),
                {"u": partner.user_id, "e": entity, "r": role},
            )

    for changed in ({"name": ""}, {}):
        await graphql(CREATE, by=ana.token, input=wishes(ana.entity_id, **changed))

    for email, count in ((ana.email, 1), (owner.email, 1), (trader.email, 0)):
        assert await told(database, email, MailKind.API_TOKEN_CREATED) == count


class TestRole:
    async def test_is_told_once_and_not_when_it_stays(
        self, memberships: Memberships, database: Database, shop: Member, ben: Member
    ) -> None:
        for role in ("TRADER", "EDITOR", "EDITOR"):
            await memberships.change_role(shop, ben, role, of=shop)

        assert await facts_of(database, ben, MailKind.ROLE_CHANGED) == {
            "entity_id": str(shop.entity_id),
            "role": "EDITOR",
            "changed_by": str(shop.user_id),
        }

    async def test_own_change_is_no_news(
        self, memberships: Memberships, database: Database, shop: Member
    ) -> None:
        await make_partner(database, shop, Role.OWNER)
        await memberships.change_role(shop, shop, "VIEWER", of=shop)

        assert await mails_to(database, shop.email) == []


async def entity_of(database: Database, account: Account) -> object:
    async with database.reading() as session:
        mine = text("SELECT entity_id FROM memberships WHERE user_id = :id")
        return await session.scalar(mine, {"id": account.user_id})


Deed = Callable[[AsyncSession, Viewer, Member, Member], Awaitable[object]]
ELSEWHERE = Origin(device=CHROME, address="192.0.2.17")


async def _change_password(session: AsyncSession, by: Viewer, *_: Member) -> None:
    await credentials.change_password(session, by, password_hash="?", origin=ELSEWHERE)


async def _log_in(session: AsyncSession, by: Viewer, *_: Member) -> None:
    await sessions.begin(session, by.user, origin=ELSEWHERE, days=1)


async def _reset_second_factor(session: AsyncSession, by: Viewer, *_: Member) -> None:
    await enrolment.reset(session, by.user.email)


async def _create_token(session: AsyncSession, by: Viewer, shop: Member, _: Member) -> None:
    wish = token_making.TokenWishes(
        entity_id=shop.entity_id,
        name="Till",
        scopes=frozenset([Scope.READ]),
        daily_amount=None,
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )
    await token_making.create(session, by, wish)


async def _change_role(session: AsyncSession, by: Viewer, shop: Member, ben: Member) -> None:
    await changes.change_role(
        session, by, entity_id=shop.entity_id, user_id=ben.user_id, role=Role.EDITOR
    )


DEEDS: dict[MailKind, Deed] = {
    MailKind.PASSWORD_CHANGED: _change_password,
    MailKind.NEW_DEVICE: _log_in,
    MailKind.SECOND_FACTOR_OFF: _reset_second_factor,
    MailKind.API_TOKEN_CREATED: _create_token,
    MailKind.ROLE_CHANGED: _change_role,
}


@pytest.mark.parametrize("happens", [False, True], ids=["rolled back", "committed"])
@pytest.mark.parametrize("kind", DEEDS)
async def test_is_told_with_what_it_tells_or_not_at_all(
    database: Database, shop: Member, ben: Member, kind: MailKind, *, happens: bool
) -> None:
    await enrol(database, shop, seal=Seal(""), at=datetime.now(UTC))
    if kind is MailKind.NEW_DEVICE:
        await _forget_second_factor(database, shop)
    with suppress(LookupError):
        async with database.writing() as session:
            by = await sessions.authenticate(
                session, shop.session_id, admins_need_second_factor=False
            )
            await DEEDS[kind](session, by, shop, ben)
            if not happens:
                raise LookupError

    told_of = await mails_to(database, shop.email) + await mails_to(database, ben.email)
    assert told_of.count(kind) == happens


async def _forget_second_factor(database: Database, member: Member) -> None:
    async with database.writing() as session:
        forgotten = text("UPDATE users SET second_factor_at = NULL WHERE id = :id")
        await session.execute(forgotten, {"id": member.user_id})
