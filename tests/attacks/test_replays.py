"""Refresh tokens that come back: at most one family survives, and no stranger's session."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import UserSession
from tests.clients import GraphQLClient
from tests.factories import MakeMember, Member
from tests.resolvers.accounts import RESET, doing, open_account
from tests.resolvers.test_identity import LOG_OUT, VIEWER
from tests.resolvers.test_refreshing import LATE, REFRESH, make_time_pass

Refresh = Callable[[str], Awaitable[dict[str, Any]]]
ENDINGS = {
    "log-out": LOG_OUT,
    "log-out everywhere": "mutation { logOutEverywhere { ended } }",
}
CROWD = 20


@pytest.fixture
def refresh(attacked: httpx.AsyncClient) -> Refresh:
    """Over the real port, as a crowd of clients would."""

    async def refreshed(token: str) -> dict[str, Any]:
        body = {"query": REFRESH, "variables": {"input": {"refreshToken": token}}}
        result: dict[str, Any] = (await attacked.post("/graphql", json=body)).json()["data"]
        found: dict[str, Any] = result["refreshSession"]
        return found

    return refreshed


async def crowd(refresh: Refresh, token: str) -> list[dict[str, Any]]:
    return await asyncio.gather(*(refresh(token) for _ in range(CROWD)))


async def sessions_of(database: Database, member: Member) -> int:
    async with database.reading() as session:
        mine = select(func.count()).where(UserSession.user_id == member.user_id)
        return await session.scalar(mine) or 0


async def test_after_the_window_ends_the_family(
    refresh: Refresh, graphql: GraphQLClient, make: MakeMember, database: Database
) -> None:
    ana = await make()
    latest = await refresh(ana.refresh_token)
    await make_time_pass(database, ana, LATE)

    assert (await refresh(ana.refresh_token))["code"] == "REFRESH_TOKEN_REUSED"

    assert (await refresh(latest["refreshToken"]))["code"] == "REFRESH_TOKEN_INVALID"
    assert await graphql.code(VIEWER, by=latest["token"]) == "UNAUTHENTICATED"
    assert await sessions_of(database, ana) == 0


@pytest.mark.parametrize("ending", ENDINGS)
async def test_after_the_end_is_refused(
    refresh: Refresh, graphql: GraphQLClient, make: MakeMember, database: Database, ending: str
) -> None:
    ana = await make()
    latest = await refresh(ana.refresh_token)
    await graphql(ENDINGS[ending], by=latest["token"])

    for token in (ana.refresh_token, latest["refreshToken"]):
        assert {each["code"] for each in await crowd(refresh, token)} == {"REFRESH_TOKEN_INVALID"}
    assert await sessions_of(database, ana) == 0


async def test_after_the_family_was_revoked_is_refused(
    refresh: Refresh, make: MakeMember, database: Database
) -> None:
    ana = await make()
    tokens = [ana.refresh_token]
    for _ in range(3):
        tokens.append((await refresh(tokens[-1]))["refreshToken"])
    assert (await refresh(tokens[0]))["code"] == "REFRESH_TOKEN_REUSED"

    codes = {(await refresh(token))["code"] for token in tokens}

    assert codes == {"REFRESH_TOKEN_INVALID"}
    assert await sessions_of(database, ana) == 0


async def test_after_the_session_expired_is_refused(
    refresh: Refresh, make: MakeMember, database: Database
) -> None:
    ana = await make()
    async with database.writing() as session:
        mine = update(UserSession).where(UserSession.user_id == ana.user_id)
        await session.execute(mine.values(expires_at=datetime.now(UTC)))

    codes = {each["code"] for each in await crowd(refresh, ana.refresh_token)}

    assert codes == {"REFRESH_TOKEN_INVALID"}


async def test_by_twenty_at_once_leaves_one_family(
    refresh: Refresh, make: MakeMember, database: Database
) -> None:
    ana = await make()

    pairs = await crowd(refresh, ana.refresh_token)

    assert len({pair["refreshToken"] for pair in pairs}) == 1
    assert await sessions_of(database, ana) == 1


async def test_by_twenty_at_once_too_late_leaves_none(
    refresh: Refresh, make: MakeMember, database: Database
) -> None:
    ana = await make()
    latest = await refresh(ana.refresh_token)
    await make_time_pass(database, ana, LATE)

    found = await asyncio.gather(
        *(refresh(token) for token in (ana.refresh_token, latest["refreshToken"]) * (CROWD // 2))
    )

    assert await sessions_of(database, ana) == 0
    assert "REFRESH_TOKEN_REUSED" in {each.get("code") for each in found}


async def test_by_a_thief_leaves_the_family_of_nobody_else(
    refresh: Refresh, make: MakeMember, database: Database
) -> None:
    ana, ben = await make(), await make()
    await refresh(ana.refresh_token)
    await make_time_pass(database, ana, LATE)

    await crowd(refresh, ana.refresh_token)

    assert (await sessions_of(database, ana), await sessions_of(database, ben)) == (0, 1)
    assert "token" in await refresh(ben.refresh_token)


async def test_of_a_refresh_token_as_a_token_of_a_mail_is_refused(graphql: GraphQLClient) -> None:
    ana = await open_account(graphql)
    reset = doing(graphql, RESET)
    refused = await reset(token=ana.refresh_token, newPassword="battery-staple-7")
    assert refused["code"] == "ONE_TIME_TOKEN_INVALID"
