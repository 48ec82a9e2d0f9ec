"""Seeing and ending sessions, and the sockets that end with them."""

import asyncio
from contextlib import AsyncExitStack
from time import monotonic
from typing import Any

import pytest

from mccs_graphql.app import create_app
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient, Live, Subscription, serving
from tests.factories import MakeMember
from tests.resolvers.test_events import error_code
from tests.resolvers.test_identity import (
    LISTEN,
    LOG_IN,
    LOG_OUT,
    PASSWORD,
    VIEWER,
    logged_in,
    new_email,
    signed_up,
)
from tests.resolvers.test_refreshing import REFRESH

SESSIONS = """{ viewer { previousLogInAt previousLogInAddress sessions {
  id device address createdAt lastUsedAt expiresAt current } } }"""
EVERYWHERE = "mutation { logOutEverywhere { ended } }"
ELSEWHERE = "mutation { logOutElsewhere { ended } }"
END = """
mutation End($input: EndSessionInput!) {
  endSession(input: $input) {
    __typename ... on EndSessionPayload { endedId } ... on UserError { code path }
  }
}"""
AT_ONCE_SECONDS = 1.0


async def log_ins(graphql: GraphQLClient, count: int) -> tuple[str, list[str]]:
    """The entity of somebody who is logged in so often, and the tokens."""
    email = new_email()
    first = await signed_up(graphql, email=email)
    others = [await logged_in(graphql, email, PASSWORD) for _ in range(count - 1)]
    return first["entity"]["id"], [pair["token"] for pair in (first, *others)]


async def own_sessions(graphql: GraphQLClient, token: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await graphql(SESSIONS, by=token))["viewer"]["sessions"]
    return found


async def ends_at_once(events: Subscription, *, since: float) -> bool:
    assert await error_code(events) == "UNAUTHENTICATED"
    return monotonic() - since < AT_ONCE_SECONDS


class TestRefusal:
    @pytest.mark.parametrize("document", [EVERYWHERE, ELSEWHERE, LOG_OUT])
    async def test_visitor_has_no_session(self, graphql: GraphQLClient, document: str) -> None:
        assert await graphql.code(document) == "UNAUTHENTICATED"

    @pytest.mark.parametrize("id_", ["", "x", "ses_AaICcs8jdreCman05373wA", "x" * 10_000, "\0"])
    async def test_unknown_session_cannot_be_ended(
        self, graphql: GraphQLClient, make: MakeMember, id_: str
    ) -> None:
        data = await graphql(END, by=await make(), input={"id": id_})
        assert data["endSession"] == {
            "__typename": "SessionNotFound",
            "code": "SESSION_NOT_FOUND",
            "path": ["id"],
        }

    async def test_session_of_another_looks_like_none(
        self, graphql: GraphQLClient, make: MakeMember
    ) -> None:
        ana, eve = await make(), await make()
        (hers,) = await own_sessions(graphql, ana.token)

        data = await graphql(END, by=eve, input={"id": hers["id"]})

        assert data["endSession"]["code"] == "SESSION_NOT_FOUND"
        assert (await graphql(VIEWER, by=ana))["viewer"]["email"] == ana.email


class TestList:
    async def test_says_where_and_on_what(self, graphql: GraphQLClient) -> None:
        email = new_email()
        await signed_up(graphql, email=email)
        body = {"query": LOG_IN, "variables": {"input": {"email": email, "password": PASSWORD}}}
        device = "Phone\t" + "x" * 300
        answer = await graphql.http.post("/graphql", json=body, headers={"User-Agent": device})
        token = answer.json()["data"]["logIn"]["token"]

        latest, first = await own_sessions(graphql, token)

        assert (latest["device"], latest["address"]) == ("Phone" + "x" * 195, "127.0.0.1")
        assert (latest["current"], first["current"]) == (True, False)
        assert latest["createdAt"] == latest["lastUsedAt"] < latest["expiresAt"]

    async def test_shows_only_ones_own(self, graphql: GraphQLClient, make: MakeMember) -> None:
        ana, _ben = await make(), await make()
        assert len(await own_sessions(graphql, ana.token)) == 1

    async def test_log_in_before_the_last_is_told(self, graphql: GraphQLClient) -> None:
        email = new_email()
        first = await signed_up(graphql, email=email)
        before = (await graphql(SESSIONS, by=first["token"]))["viewer"]
        second = await logged_in(graphql, email, PASSWORD)
        after = (await graphql(SESSIONS, by=second["token"]))["viewer"]

        assert before["previousLogInAt"] is before["previousLogInAddress"] is None
        assert after["previousLogInAt"] == before["sessions"][0]["createdAt"]
        assert after["previousLogInAddress"] == "127.0.0.1"


class TestEnd:
    async def test_everywhere_ends_every_socket_within_a_second(
        self, graphql: GraphQLClient, live: Live
    ) -> None:
        entity_id, tokens = await log_ins(graphql, 3)
        async with AsyncExitStack() as stack:
            sockets = [live.subscription(LISTEN, by=token, id=entity_id) for token in tokens]
            listening = [await stack.enter_async_context(socket) for socket in sockets]
            for events in listening:
                await events.next()

            since = monotonic()
            assert (await graphql(EVERYWHERE, by=tokens[0]))["logOutEverywhere"] == {"ended": 3}

            assert all([await ends_at_once(events, since=since) for events in listening])

        for token in tokens:
            assert await graphql.code(VIEWER, by=token) == "UNAUTHENTICATED"

    async def test_elsewhere_leaves_this_one(
        self, graphql: GraphQLClient, live: Live, make: MakeMember, trading: Any
    ) -> None:
        entity_id, (this, other) = await log_ins(graphql, 2)
        async with (
            live.subscription(LISTEN, by=this, id=entity_id) as here,
            live.subscription(LISTEN, by=other, id=entity_id) as there,
        ):
            for events in (here, there):
                await events.next()
            since = monotonic()

            assert (await graphql(ELSEWHERE, by=this))["logOutElsewhere"] == {"ended": 1}

            assert await ends_at_once(there, since=since)
            viewer = await here.socket.subscribe(VIEWER)
            assert (await viewer.next())["email"]

    async def test_of_one_ends_that_one_only(self, graphql: GraphQLClient) -> None:
        _, (this, other) = await log_ins(graphql, 2)
        (theirs,) = [each for each in await own_sessions(graphql, this) if not each["current"]]

        data = await graphql(END, by=this, input={"id": theirs["id"]})

        assert data["endSession"]["endedId"] == theirs["id"]
        assert await graphql.code(VIEWER, by=other) == "UNAUTHENTICATED"
        assert [each["current"] for each in await own_sessions(graphql, this)] == [True]

    async def test_of_this_one_counts_for_what_follows_in_the_document(
        self, graphql: GraphQLClient, make: MakeMember
    ) -> None:
        ana = await make()
        (mine,) = await own_sessions(graphql, ana.token)
        document = f"""mutation {{
          endSession(input: {{id: "{mine["id"]}"}}) {{ __typename }}
          logOut {{ loggedOut }}
        }}"""
        assert await graphql.code(document, by=ana) == "UNAUTHENTICATED"

    async def test_in_one_process_ends_sockets_of_another(
        self, graphql: GraphQLClient, make: MakeMember, settings: Settings
    ) -> None:
        ana, app = await make(), create_app(settings)
        async with (
            app.router.lifespan_context(app),
            serving(app) as address,
            Live(address).subscription(LISTEN, by=ana, id=ana.id) as events,
        ):
            await events.next()
            since = monotonic()

            await graphql(LOG_OUT, by=ana)

            assert await ends_at_once(events, since=since)


async def test_storm_on_one_user_ends_with_every_client_told_something_it_knows(
    graphql: GraphQLClient,
) -> None:
    """Everything that locks sessions, at once and many times over: nobody waits for ever."""
    email = new_email()
    first = await signed_up(graphql, email=email)
    pairs = [first] + [await logged_in(graphql, email, PASSWORD) for _ in range(9)]

    answers = await asyncio.gather(
        *(
            task
            for number, pair in enumerate(pairs)
            for task in (
                graphql.send(REFRESH, input={"refreshToken": pair["refreshToken"]}),
                graphql.send(ELSEWHERE if number % 2 else EVERYWHERE, by=pair["token"]),
                graphql.send(LOG_IN, input={"email": email, "password": PASSWORD}),
                graphql.send(SESSIONS, by=pair["token"]),
            )
        )
    )

    codes = {error["extensions"]["code"] for each in answers for error in each.get("errors", ())}
    assert codes <= {"UNAUTHENTICATED"}
