"""Refresh tokens: each is replaced by the next, and one that comes back late ends its session."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import UserSession
from mccs_graphql.domain.identity.refresh_tokens import FAMILY_BYTES
from mccs_graphql.domain.identity.sessions import SESSIONS_MAX
from tests.clients import GraphQLClient, Live
from tests.factories import MakeMember, Member
from tests.resolvers.test_events import error_code
from tests.resolvers.test_identity import (
    LISTEN,
    PASSWORD,
    VIEWER,
    logged_in,
    new_email,
    signed_up,
)

REFRESH = """
mutation Refresh($input: RefreshSessionInput!) {
  refreshSession(input: $input) {
    __typename
    ... on RefreshSessionPayload {
      token expiresAt refreshToken refreshExpiresAt user { email sessions { id } }
    }
    ... on UserError { code path }
  }
}"""
LATE = timedelta(seconds=31)

Refresh = Callable[[str], Awaitable[dict[str, Any]]]


@pytest.fixture
def refresh(graphql: GraphQLClient) -> Refresh:
    async def refreshed(token: str) -> dict[str, Any]:
        data = await graphql(REFRESH, input={"refreshToken": token})
        result: dict[str, Any] = data["refreshSession"]
        return result

    return refreshed


async def make_time_pass(database: Database, member: Member, by: timedelta) -> None:
    """Let the member's last refresh be longer ago."""
    async with database.writing() as session:
        mine = update(UserSession).where(UserSession.user_id == member.user_id)
        await session.execute(mine.values(refreshed_at=UserSession.refreshed_at - by))


def changed(token: str, *, family: bool) -> str:
    """The token with another bit in one of its parts."""
    content = bytearray(base64.urlsafe_b64decode(token))
    content[0 if family else FAMILY_BYTES] ^= 1
    return base64.urlsafe_b64encode(bytes(content)).decode()


class TestRefusal:
    @pytest.mark.parametrize(
        "token", ["", "x", "A" * 63, "A" * 64, "A" * 65, "\0" * 64, "é" * 64, "=" * 64, "x" * 9_999]
    )
    async def test_of_what_is_no_refresh_token(self, refresh: Refresh, token: str) -> None:
        assert await refresh(token) == {
            "__typename": "RefreshTokenInvalid",
            "code": "REFRESH_TOKEN_INVALID",
            "path": ["refreshToken"],
        }

    async def test_of_an_access_token(self, refresh: Refresh, make: MakeMember) -> None:
        assert (await refresh((await make()).token))["code"] == "REFRESH_TOKEN_INVALID"

    async def test_who_guesses_ends_no_session(self, refresh: Refresh, make: MakeMember) -> None:
        ana = await make()

        guess = await refresh(changed(ana.refresh_token, family=True))

        assert guess["code"] == "REFRESH_TOKEN_INVALID"
        assert "token" in await refresh(ana.refresh_token)

    async def test_of_a_token_of_a_session_that_has_expired(
        self, refresh: Refresh, make: MakeMember, database: Database
    ) -> None:
        ana = await make()
        async with database.writing() as session:
            mine = update(UserSession).where(UserSession.user_id == ana.user_id)
            await session.execute(mine.values(expires_at=datetime.now(UTC)))

        assert (await refresh(ana.refresh_token))["code"] == "REFRESH_TOKEN_INVALID"

    async def test_of_a_replaced_token_ends_the_session(
        self,
        refresh: Refresh,
        make: MakeMember,
        graphql: GraphQLClient,
        database: Database,
        live: Live,
    ) -> None:
        ana = await make()
        latest = await refresh(ana.refresh_token)
        await make_time_pass(database, ana, LATE)
        async with live.subscription(LISTEN, by=latest["token"], id=ana.id) as events:
            await events.next()

            assert (await refresh(ana.refresh_token))["code"] == "REFRESH_TOKEN_REUSED"

            assert await error_code(events) == "UNAUTHENTICATED"
        for token in (ana.refresh_token, latest["refreshToken"]):
            assert (await refresh(token))["code"] == "REFRESH_TOKEN_INVALID"
        assert await graphql.code(VIEWER, by=latest["token"]) == "UNAUTHENTICATED"

    async def test_of_one_replaced_twice_needs_no_time_to_pass(
        self, refresh: Refresh, make: MakeMember
    ) -> None:
        ana = await make()
        second = await refresh(ana.refresh_token)
        await refresh(second["refreshToken"])

        assert (await refresh(ana.refresh_token))["code"] == "REFRESH_TOKEN_REUSED"

    async def test_of_a_wrong_secret_in_a_right_family_ends_the_session(
        self, refresh: Refresh, make: MakeMember
    ) -> None:
        """Only a client that had a token of the session can have this one."""
        ana = await make()

        wrong = await refresh(changed(ana.refresh_token, family=False))

        assert wrong["code"] == "REFRESH_TOKEN_REUSED"

    async def test_leaves_the_other_sessions_of_the_user_alone(
        self, refresh: Refresh, graphql: GraphQLClient
    ) -> None:
        email = new_email()
        stolen = await signed_up(graphql, email=email)
        other = await logged_in(graphql, email, PASSWORD)

        await refresh(changed(stolen["refreshToken"], family=False))

        assert (await graphql(VIEWER, by=other["token"]))["viewer"]["email"] == email


class TestSuccess:
    async def test_gives_a_pair_that_goes_on(
        self, refresh: Refresh, graphql: GraphQLClient, make: MakeMember, database: Database
    ) -> None:
        ana = await make()
        token = ana.refresh_token
        for _ in range(3):
            await make_time_pass(database, ana, LATE)
            pair = await refresh(token)
            assert pair["refreshToken"] != token
            token = pair["refreshToken"]

        assert (await graphql(VIEWER, by=pair["token"]))["viewer"]["email"] == ana.email
        assert len(pair["user"]["sessions"]) == 1
        now = datetime.now(UTC)
        assert now < datetime.fromisoformat(pair["expiresAt"]) <= now + timedelta(minutes=10)
        days = datetime.fromisoformat(pair["refreshExpiresAt"]) - now
        assert timedelta(days=29) < days <= timedelta(days=30)

    async def test_answer_that_got_lost_is_given_again(
        self, refresh: Refresh, make: MakeMember, database: Database
    ) -> None:
        ana = await make()
        lost = await refresh(ana.refresh_token)
        await make_time_pass(database, ana, timedelta(seconds=20))

        again = await refresh(ana.refresh_token)

        assert again["refreshToken"] == lost["refreshToken"]
        assert "token" in await refresh(again["refreshToken"])

    async def test_twenty_at_the_same_moment_get_the_same_next_one(
        self, refresh: Refresh, make: MakeMember
    ) -> None:
        ana = await make()

        pairs = await asyncio.gather(*(refresh(ana.refresh_token) for _ in range(20)))

        assert {pair["__typename"] for pair in pairs} == {"RefreshSessionPayload"}
        assert len({pair["refreshToken"] for pair in pairs}) == 1
        assert "token" in await refresh(pairs[0]["refreshToken"])

    async def test_twenty_that_come_late_end_the_session_once(
        self, refresh: Refresh, make: MakeMember, database: Database
    ) -> None:
        ana = await make()
        await refresh(ana.refresh_token)
        await make_time_pass(database, ana, LATE)

        found = await asyncio.gather(*(refresh(ana.refresh_token) for _ in range(20)))

        codes = sorted(each["code"] for each in found)
        assert codes == ["REFRESH_TOKEN_INVALID"] * 19 + ["REFRESH_TOKEN_REUSED"]

    async def test_session_ends_after_a_year_however_often_it_is_refreshed(
        self, refresh: Refresh, make: MakeMember, database: Database
    ) -> None:
        ana, began = await make(), datetime.now(UTC) - timedelta(days=364)
        async with database.writing() as session:
            mine = update(UserSession).where(UserSession.user_id == ana.user_id)
            await session.execute(mine.values(created_at=began))

        pair = await refresh(ana.refresh_token)

        ends = datetime.fromisoformat(pair["refreshExpiresAt"])
        assert abs(ends - began - timedelta(days=365)) < timedelta(seconds=1)


async def test_user_has_so_many_sessions_and_no_more(
    refresh: Refresh, graphql: GraphQLClient, database: Database
) -> None:
    email = new_email()
    first = await signed_up(graphql, email=email)
    second = await logged_in(graphql, email, PASSWORD)
    for _ in range(SESSIONS_MAX - 2):
        await logged_in(graphql, email, PASSWORD)
    await refresh(first["refreshToken"])

    last = await logged_in(graphql, email, PASSWORD)

    assert (await refresh(second["refreshToken"]))["code"] == "REFRESH_TOKEN_INVALID"
    assert "token" in await refresh(first["refreshToken"])
    assert "token" in await refresh(last["refreshToken"])


async def test_reads_write_nothing(
    graphql: GraphQLClient, make: MakeMember, database: Database
) -> None:
    ana = await make()

    async def row() -> tuple[Any, ...]:
        async with database.reading() as session:
            mine = select(UserSession.__table__).where(UserSession.user_id == ana.user_id)
            return tuple((await session.execute(mine)).one())

    before = await row()
    await graphql(VIEWER, by=ana)
    assert await row() == before
