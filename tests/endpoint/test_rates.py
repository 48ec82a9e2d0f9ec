"""What callers may spend in a minute, and how they are told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from datetime import UTC, datetime
from random import randrange
from typing import Any
from uuid import uuid4

import httpx
import pytest
from redis.asyncio import Redis

from mccs_graphql.app import create_app
from mccs_graphql.domain.identity.api_token_text import new_text
from mccs_graphql.endpoint.limits import COST_MAX
from mccs_graphql.endpoint.measuring import COMMAND, PAGE
from mccs_graphql.endpoint.media_types import GRAPHQL_RESPONSE, JSON
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient, Live, serving
from tests.factories import MakeAgent, MakeMember, Member

PAGE_OF_80 = "{ entities(first: 80) { nodes { id } } }"
SMALL = "{ viewer { email } }"
TOO_DEAR = (
    "{ entities(first: 100) { nodes { "
    + " ".join(f"o{n}: offers {{ name }}" for n in range(10))
    + " } } }"
)
LISTEN = "subscription ($id: ID!) { transferEvents(entityId: $id) { __typename } }"
DRY = "{ entities(first: 80) { nodes { id } } rateLimit(dryRun: true) { cost limit remaining } }"
OF_A = "fragment A on Query { viewer { email } rateLimit(dryRun: $dry) { cost } }"
RATE = "{ viewer { email } rateLimit { cost limit remaining resetAt } }"

AS_JSON = {"Content-Type": "application/json"}
MALFORMED: list[dict[str, Any]] = [
    {"status": 400, "method": "POST", "content": b"{", "headers": AS_JSON},
    {"status": 400, "method": "GET"},
    {"status": 406, "method": "POST", "headers": {"Accept": "text/plain"}},
    {"status": 413, "method": "POST", "content": b" " * 100_001, "headers": AS_JSON},
    {"status": 415, "method": "POST", "content": b"{}"},
]

Limited = Callable[..., AbstractAsyncContextManager[GraphQLClient]]


@pytest.fixture
def limited(settings: Settings) -> Limited:
    """A client of an application with limits of its own, from an address of its own."""

    @asynccontextmanager
    async def start(*, address: str = "", **changes: object) -> AsyncIterator[GraphQLClient]:
        app = create_app(settings.model_copy(update=changes))
        transport = httpx.ASGITransport(app, client=(address or new_address(), 1))
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://test") as http,
        ):
            yield GraphQLClient(http)

    return start


def new_address() -> str:
    """An address of the network that nobody else comes from."""
    return f"10.{randrange(256)}.{randrange(256)}.{randrange(256)}"


async def post(client: GraphQLClient, query: str, by: Member | str | None = None) -> "Answer":
    token = by.token if isinstance(by, Member) else by
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    response = await client.http.post("/graphql", json={"query": query}, headers=headers)
    return Answer(response.status_code, dict(response.headers), response.json())


class Answer:
    """An answer over HTTP."""

    def __init__(self, status: int, headers: dict[str, str], body: dict[str, Any]) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def code(self) -> str | None:
        """The code of the first error."""
        errors = self.body.get("errors")
        return errors[0]["extensions"]["code"] if isinstance(errors, list) else None


class TestRefused:
    async def test_burst_past_the_limit_is_told_when_to_come_back(self, limited: Limited) -> None:
        async with limited(rate_visitor=100) as client:
            first, second = [await post(client, PAGE_OF_80) for _ in range(2)]

        assert (first.status, first.code) == (200, None)
        assert (second.status, second.code) == (429, "RATE_LIMITED")
        assert second.body.get("data") is None
        (error,) = second.body["errors"]
        seconds = error["extensions"]["retryAfter"]
        assert second.headers["retry-after"] == str(seconds)
        assert 30 < seconds <= 60

    async def test_it_recovers_after_the_time_that_was_said(self, limited: Limited) -> None:
        async with limited(rate_visitor=3000) as client:
            answers = await asyncio.gather(*(post(client, PAGE_OF_80) for _ in range(40)))
            refused = [answer for answer in answers if answer.status == 429]
            assert refused
            await asyncio.sleep(max(int(answer.headers["retry-after"]) for answer in refused))
            assert (await post(client, PAGE_OF_80)).status == 200

    async def test_fifty_at_once_never_get_more_than_the_limit(self, limited: Limited) -> None:
        async with limited(rate_visitor=300) as client:
            answers = await asyncio.gather(*(post(client, PAGE_OF_80) for _ in range(50)))
        assert [answer.status for answer in answers].count(200) == 3

    async def test_refused_mutation_changes_nothing(
        self, limited: Limited, make: MakeMember
    ) -> None:
        ana = await make()
        async with limited(rate_user=10) as client:
            await post(client, PAGE_OF_80, by=ana)
            answer = await post(client, "mutation { logOut { loggedOut } }", by=ana)
        async with limited() as client:
            assert (await client(SMALL, by=ana))["viewer"] == {"email": ana.email}
        assert answer.code == "RATE_LIMITED"

    @pytest.mark.parametrize("query", ["{", "{ nothing }", "fragment A on Query { viewer { id } }"])
    async def test_documents_that_cannot_be_carried_out_take_points_too(
        self, limited: Limited, query: str
    ) -> None:
        async with limited(rate_visitor=30, rate_address=30) as client:
            for _ in range(3):
                assert (await post(client, query)).code != "RATE_LIMITED"
            assert (await post(client, SMALL)).code == "RATE_LIMITED"

    async def test_what_is_not_carried_out_is_refused_as_well(self, limited: Limited) -> None:
        async with limited(rate_visitor=10) as client:
            answers = [await post(client, "{ nothing }") for _ in range(2)]
        assert [answer.status for answer in answers] == [200, 429]
        assert answers[1].code == "RATE_LIMITED"

    @pytest.mark.parametrize("accept", [JSON, GRAPHQL_RESPONSE])
    async def test_status_is_the_same_in_every_media_type(
        self, limited: Limited, accept: str
    ) -> None:
        async with limited(rate_visitor=1) as client:
            await post(client, SMALL)
            response = await client.http.post(
                "/graphql", json={"query": SMALL}, headers={"Accept": accept}
            )
        assert response.status_code == 429
        assert response.headers["content-type"] == f"{accept}; charset=utf-8"
        assert response.json().keys() == {"errors", "extensions"}

    async def test_mutation_by_get_is_refused_for_its_method_until_points_are_gone(
        self, limited: Limited
    ) -> None:
        params = {"query": "mutation { logOut { loggedOut } }"}
        async with limited(rate_visitor=10) as client:
            answers = [await client.http.get("/graphql", params=params) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [405, 429]

    @pytest.mark.parametrize("malformed", MALFORMED, ids=lambda request: request["status"])
    async def test_what_is_no_request_takes_points_too(
        self, limited: Limited, malformed: dict[str, Any]
    ) -> None:
        asked = dict(malformed)
        status = asked.pop("status")
        async with limited(rate_visitor=30) as client:
            answers = [await client.http.request(url="/graphql", **asked) for _ in range(4)]
            document = await post(client, SMALL)
        assert [answer.status_code for answer in answers] == [status] * 3 + [429]
        assert answers[0].headers["ratelimit"].startswith('"visitor";r=20')
        assert answers[-1].json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
        assert int(answers[-1].headers["retry-after"]) > 0
        assert document.status == 429

    async def test_page_from_elsewhere_spends_nothing_of_its_readers(
        self, limited: Limited
    ) -> None:
        foreign = {"Sec-Fetch-Site": "cross-site", "Accept": "text/plain"}
        async with limited(rate_visitor=10) as client:
            for _ in range(3):
                answer = await client.http.post("/graphql", content=b"x", headers=foreign)
                assert answer.status_code == 403
            assert (await post(client, SMALL)).status == 200

    async def test_operation_may_not_ask_for_too_much_at_once(self, limited: Limited) -> None:
        async with limited() as client:
            answer = await post(client, TOO_DEAR)
        assert answer.code == "DOCUMENT_TOO_LARGE"
        assert answer.body["extensions"]["cost"]["requested"] > COST_MAX


class TestWhoDraws:
    async def test_user_draws_from_one_bucket_with_all_log_ins(
        self, limited: Limited, make: MakeMember
    ) -> None:
        ana, ben = await make(), await make()
        async with limited(rate_user=100) as client:
            assert (await post(client, PAGE_OF_80, by=ana)).status == 200
            assert (await post(client, PAGE_OF_80, by=ana)).status == 429
            assert (await post(client, PAGE_OF_80, by=ben)).status == 200

    async def test_log_in_has_a_bucket_of_its_own(self, limited: Limited, make: MakeMember) -> None:
        ana = await make()
        async with limited(rate_session=100, rate_user=10_000) as client:
            assert (await post(client, PAGE_OF_80, by=ana)).status == 200
            assert (await post(client, PAGE_OF_80, by=ana)).status == 429

    async def test_api_token_has_a_bucket_of_its_own_and_draws_from_its_maker(
        self, limited: Limited, make: MakeMember, agent: MakeAgent
    ) -> None:
        ana = await make()
        robots = [await agent(ana) for _ in range(3)]
        async with limited(rate_token=100, rate_user=300, rate_visitor=1) as client:
            answers = [await post(client, PAGE_OF_80, by=by) for by in (robots[0], *robots, ana)]
        assert [answer.status for answer in answers] == [200, 429, 200, 200, 429]
        assert answers[0].headers["ratelimit-policy"].startswith('"token"')

    async def test_members_do_not_draw_from_the_visitors_of_their_address(
        self, limited: Limited, make: MakeMember
    ) -> None:
        ana = await make()
        async with limited(rate_visitor=100) as client:
            await post(client, PAGE_OF_80)
            assert (await post(client, PAGE_OF_80)).status == 429
            assert (await post(client, PAGE_OF_80, by=ana)).status == 200

    @pytest.mark.parametrize("new", [lambda: uuid4().hex, new_text], ids=["any", "API"])
    async def test_unknown_tokens_do_not_make_anybody_less_of_a_visitor(
        self, limited: Limited, new: Callable[[], str]
    ) -> None:
        async with limited(rate_visitor=100) as client:
            answers = [await post(client, PAGE_OF_80, by=new()) for _ in range(12)]
        assert [answer.status for answer in answers] == [*[200] * 10, *[429] * 2]

    async def test_address_bounds_all_who_come_from_it(
        self, limited: Limited, make: MakeMember
    ) -> None:
        ana = await make()
        async with limited(rate_address=100) as client:
            assert (await post(client, PAGE_OF_80, by=ana)).status == 200
            assert (await post(client, PAGE_OF_80)).status == 429

    async def test_address_is_the_one_that_trusted_proxies_tell(self, limited: Limited) -> None:
        async with limited(
            rate_visitor=1, address="127.0.0.1", trusted_proxies="127.0.0.1"
        ) as client:
            told = [{"X-Forwarded-For": address} for address in (new_address(), new_address())]
            answers = [
                await client.http.post("/graphql", json={"query": SMALL}, headers=headers)
                for headers in (*told, told[0])
            ]
        assert [answer.status_code for answer in answers] == [200, 200, 429]

    async def test_zero_is_no_limit(self, limited: Limited) -> None:
        off = dict.fromkeys(("rate_user", "rate_session", "rate_visitor", "rate_address"), 0)
        async with limited(**off) as client:
            answer = await post(client, PAGE_OF_80)
        cost = {"requested": PAGE + 80, "limit": None, "remaining": None, "resetAt": None}
        assert answer.body["extensions"]["cost"] == cost
        assert "ratelimit" not in answer.headers


class TestTold:
    async def test_answer_says_what_it_cost_and_what_is_left(self, limited: Limited) -> None:
        async with limited(rate_visitor=600) as client:
            answer = await post(client, PAGE_OF_80)
        cost = answer.body["extensions"]["cost"]
        assert (cost["requested"], cost["limit"]) == (PAGE + 80, 600)
        assert cost["remaining"] == 600 - PAGE - 80
        assert datetime.fromisoformat(cost["resetAt"]) > datetime.now(UTC)

    async def test_headers_say_the_same(self, limited: Limited) -> None:
        async with limited(rate_visitor=600) as client:
            answer = await post(client, PAGE_OF_80)
        assert answer.headers["ratelimit-policy"] == '"visitor";q=600;w=60'
        assert answer.headers["ratelimit"] == f'"visitor";r={600 - PAGE - 80};t=9'

    async def test_operation_can_ask(self, limited: Limited, make: MakeMember) -> None:
        async with limited(rate_session=600) as client:
            answer = await post(client, RATE, by=await make())
        found = answer.body["data"]["rateLimit"]
        assert found.items() >= {"cost": 2, "limit": 600, "remaining": 598}.items()

    async def test_nearest_limit_is_the_one_that_is_told(
        self, limited: Limited, make: MakeMember
    ) -> None:
        async with limited(rate_session=900, rate_user=800) as client:
            answer = await post(client, SMALL, by=await make())
        assert answer.body["extensions"]["cost"]["limit"] == 800


class TestDryRun:
    async def test_tells_the_cost_and_takes_nothing(
        self, limited: Limited, make: MakeMember
    ) -> None:
        ana = await make()
        async with limited(rate_session=200) as client:
            found = [await post(client, DRY, by=ana) for _ in range(10)]
            told = [answer.body["data"]["rateLimit"] for answer in found]
            wet = (await post(client, DRY.replace("true", "false"), by=ana)).body
        assert {(each["cost"], each["remaining"]) for each in told} == {(PAGE + 81, 200)}
        assert found[0].body["extensions"]["cost"]["requested"] == PAGE + 81
        assert wet["extensions"]["cost"]["requested"] == PAGE + 81
        assert wet["data"]["rateLimit"]["remaining"] == 200 - PAGE - 81

    async def test_leaves_the_other_fields_null_in_their_order(self, limited: Limited) -> None:
        query = (
            "{ t: __typename a: viewer { id } r: rateLimit(dryRun: true) { cost } ...B } "
            'fragment B on Query { tags(search: "x") { name } }'
        )
        async with limited() as client:
            answer = await post(client, query)
        assert list(answer.body["data"].items()) == [
            ("t", "Query"),
            ("a", None),
            ("r", {"cost": 1 + 1 + PAGE + 20}),
            ("tags", None),
        ]

    async def test_reads_nothing_of_what_is_asked(
        self, graphql: GraphQLClient, counting: AbstractContextManager[list[str]]
    ) -> None:
        with counting as statements:
            await graphql(DRY)
        assert statements == []

    @pytest.mark.parametrize(
        ("query", "variables"),
        [
            ("query ($dry: Boolean!) { ...A } " + OF_A, {"dry": True}),
            ("query ($dry: Boolean! = true) { ...A } " + OF_A, {}),
            ("query ($dry: Boolean!) { ... { ... on Query { ...A } } } " + OF_A, {"dry": True}),
        ],
    )
    async def test_is_found_wherever_it_is_asked_for(
        self,
        graphql: GraphQLClient,
        query: str,
        variables: dict[str, Any],
        make: MakeMember,
    ) -> None:
        ana = await make()
        answer = await graphql(query, by=ana, **variables)
        assert answer == {"viewer": None, "rateLimit": {"cost": 2}}

    @pytest.mark.parametrize(
        ("query", "variables"),
        [
            ("query ($dry: Boolean!) { ...A } " + OF_A, {"dry": False}),
            ("{ viewer { email } rateLimit(dryRun: true) @skip(if: true) { cost } }", {}),
            ("{ viewer { email } rateLimit(dryRun: false) { cost } }", {}),
        ],
    )
    async def test_is_not_found_where_it_is_not_asked_for(
        self,
        graphql: GraphQLClient,
        query: str,
        variables: dict[str, Any],
        make: MakeMember,
    ) -> None:
        ana = await make()
        assert (await graphql(query, by=ana, **variables))["viewer"] == {"email": ana.email}

    async def test_flood_is_bounded_by_the_address(self, limited: Limited) -> None:
        async with limited(rate_visitor=10, rate_address=20) as client:
            answers = [await post(client, DRY) for _ in range(21)]
        assert [answer.status for answer in answers] == [200] * 20 + [429]

    async def test_works_on_a_socket(self, live: Live) -> None:
        async with live.socket() as socket:
            message = await (await socket.subscribe(DRY)).message()
        assert message["payload"]["data"]["entities"] is None
        assert message["payload"]["data"]["rateLimit"]["cost"] == PAGE + 81

    async def test_what_asks_for_too_much_is_refused_as_ever(self, limited: Limited) -> None:
        async with limited() as client:
            answer = await post(client, TOO_DEAR[:-1] + "rateLimit(dryRun: true) { cost } }")
        assert answer.code == "DOCUMENT_TOO_LARGE"
        assert answer.body["extensions"]["cost"]["requested"] > COST_MAX


class TestSocket:
    @pytest.fixture
    async def live(self, settings: Settings) -> AsyncIterator[Live]:
        """An application that lets a log-in spend 100 points."""
        app = create_app(settings.model_copy(update={"rate_session": 100}))
        async with app.router.lifespan_context(app), serving(app) as address:
            yield Live(address)

    async def test_refused_operation_gets_an_error_and_the_others_go_on(
        self, live: Live, make: MakeMember
    ) -> None:
        ana = await make()
        async with live.socket(ana) as socket:
            listening = await socket.subscribe(LISTEN, id=ana.id)
            first = await listening.message()
            assert first["payload"]["extensions"]["cost"]["requested"] == COMMAND + 1

            page = await socket.subscribe(PAGE_OF_80)
            answered = await page.message()
            assert answered["payload"]["extensions"]["cost"]["remaining"] <= 10
            assert (await page.message())["type"] == "complete"

            refused = await (await socket.subscribe(PAGE_OF_80)).message()
        (error,) = refused["payload"]
        assert refused["type"] == "error"
        assert error["extensions"]["code"] == "RATE_LIMITED"
        assert error["extensions"]["retryAfter"] > 0
        assert error["extensions"]["cost"]["limit"] == 100


class TestRedis:
    async def test_learns_no_token_and_no_address(
        self, limited: Limited, make: MakeMember, settings: Settings
    ) -> None:
        ana, address = await make(), new_address()
        async with limited(address=address) as client:
            await post(client, SMALL, by=ana)
            await post(client, SMALL)
        kept = await everything(settings)
        assert any("mccs:rate:visitor:" in text for text in kept)
        secrets = (ana.token, ana.email, str(ana.user_id), ana.user_id.hex, address)
        assert not [text for text in kept for secret in secrets if secret in text]

    async def test_gone_is_no_outage_and_the_limit_holds(self, limited: Limited) -> None:
        async with limited(rate_visitor=300, redis_url="redis://127.0.0.1:1/0") as client:
            answers = await asyncio.gather(*(post(client, PAGE_OF_80) for _ in range(10)))
        assert [answer.status for answer in answers].count(200) == 3


async def everything(settings: Settings) -> list[str]:
    """All keys of the rates with their values."""
    async with Redis.from_url(settings.redis_url, decode_responses=True) as redis:
        keys = [key async for key in redis.scan_iter("mccs:rate:*")]
        return keys + [str(await redis.get(key)) for key in keys]
