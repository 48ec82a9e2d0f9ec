"""What Prometheus is told, and whom."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import create_server
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from mccs_graphql.adapters.metrics import GAUGES, Metrics
from mccs_graphql.adapters.queues import Queues
from mccs_graphql.app import create_app
from mccs_graphql.context import Services
from mccs_graphql.db.engine import Database
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient, Live
from tests.databases import alter
from tests.factories import MakeMember, make_member
from tests.resolvers.test_events import EVENTS
from tests.resolvers.test_identity import LOG_IN

TOKEN = "the-token-of-prometheus-and-nobody-else"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
COUNTED = "mccs_operations_total"
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


@asynccontextmanager
async def application(settings: Settings, **changes: Any) -> AsyncIterator[GraphQLClient]:
    """An application that shows metrics for a token."""
    token = {"metrics_token": SecretStr(TOKEN)}
    app = create_app(settings.model_copy(update=token | changes))
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as graphql:
        yield graphql


async def read(graphql: GraphQLClient) -> dict[tuple[str, ...], float]:
    """Every number, by its name and the values of its labels in the order of their names."""
    answer = await graphql.http.get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    return numbers(answer.text)


def numbers(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


class TestWhoMayRead:
    async def test_without_a_setting_there_is_nothing(self, graphql: GraphQLClient) -> None:
        for method in ("GET", "POST"):
            answer = await graphql.http.request(method, "/metrics", headers=BEARER)
            assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (
                404,
                "NOT_FOUND",
            )

    @pytest.mark.parametrize("header", ["", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer ü"])
    async def test_without_the_token_nothing_is_told(self, settings: Settings, header: str) -> None:
        async with application(settings) as graphql:
            answer = await graphql.http.get(
                "/metrics",
                headers=httpx.Headers(
                    {"Authorization": header} if header else {}, encoding="utf-8"
                ),
            )
        assert answer.status_code == 401
        assert "mccs_" not in answer.text

    async def test_an_address_of_its_own_needs_no_token(self, settings: Settings) -> None:
        with create_server(("127.0.0.1", 0)) as free:
            address = f"127.0.0.1:{free.getsockname()[1]}"
        changes = {"metrics_address": address, "metrics_token": SecretStr("")}
        async with application(settings, **changes) as graphql, httpx.AsyncClient() as http:
            await graphql("{ viewer { id } }")
            answer = await http.get(f"http://{address}/metrics")
            elsewhere = await http.post(
                f"http://{address}/graphql", json={"query": "{ __typename }"}
            )
            public = await graphql.http.get("/metrics")
        assert numbers(answer.text)[COUNTED, "viewer", "ok", "query"] == 1
        assert (elsewhere.status_code, public.status_code) == (404, 404)

    @pytest.mark.parametrize("address", ["9464", "host", "host:0", "host:70000", "http://host:1"])
    def test_address_that_is_none_is_refused(self, address: str) -> None:
        with pytest.raises(ValueError, match="not a host and a port"):
            Settings(metrics_address=address)


OPERATIONS = [
    ("{ viewer { id } }", ("viewer", "ok", "query")),
    ("query Mine { a: viewer { id } ...F } fragment F on Query { viewer { id } }", None),
    ("{ viewer { id } __typename }", ("several", "ok", "query")),
    ("{ madeUp }", ("invalid", "refused", "none")),
    ("{ viewer", ("invalid", "refused", "none")),
    ('{ entity(id: "x") { id } auditEntries { nodes { id } } }', ("several", "refused", "query")),
]


@pytest.mark.parametrize(("document", "labels"), OPERATIONS, ids=[str(n) for n in range(6)])
async def test_operation_is_counted_by_our_own_words(
    settings: Settings, document: str, labels: tuple[str, ...] | None
) -> None:
    async with application(settings) as graphql:
        await graphql.send(document)
        found = await read(graphql)
    counted = {key: n for key, n in found.items() if key[0] == COUNTED}
    assert counted == {(COUNTED, *(labels or ("viewer", "ok", "query"))): 1}


async def test_refusal_that_is_data_is_refused(settings: Settings) -> None:
    async with application(settings) as graphql:
        await graphql(LOG_IN, input={"email": "nobody@example.com", "password": "wrong"})
        found = await read(graphql)
    assert found[COUNTED, "logIn", "refused", "mutation"] == 1
    assert found["mccs_operation_seconds_count", "mutation"] == 1


async def test_too_many_are_limited(settings: Settings) -> None:
    async with application(settings, rate_visitor=1, rate_address=0) as graphql:
        for _ in range(5):
            await graphql.http.post("/graphql", json={"query": "{ __typename }"})
        found = await read(graphql)
    assert found[COUNTED, "__typename", "limited", "query"] >= 1


async def test_what_is_our_fault_is_an_error(
    empty_settings: Settings, empty_database: Database
) -> None:
    ana = await make_member(empty_database)
    await alter(empty_settings, "ALTER TABLE accounts RENAME TO lost_accounts")
    async with application(empty_settings) as graphql:
        await graphql.send("{ viewer { entities { account { balance } } } }", by=ana)
        found = await read(graphql)
    assert found[COUNTED, "viewer", "error", "query"] == 1


class TestQueues:
    async def test_what_waits_is_told(self, empty_settings: Settings) -> None:
        await alter(
            empty_settings,
            "INSERT INTO mails (id, kind, facts, state, next_attempt_at) VALUES"
            " (gen_random_uuid(), 'contact', '{}', 'queued', now() - interval '1 hour'),"
            " (gen_random_uuid(), 'contact', '{}', 'failed', now())",
        )
        async with application(empty_settings) as graphql:
            found = await read(graphql)

        assert [found["mccs_mails", state] for state in ("queued", "sending", "failed")] == [
            1,
            0,
            1,
        ]
        assert 3600 <= found["mccs_oldest_mail_seconds",] < 3700
        assert found["mccs_audit_unsealed",] == 1  # the start has made a signing key
        assert found["mccs_new_listings",] == 0
        assert found["mccs_database_up",] == 1

    async def test_a_hundred_at_once_ask_the_database_once(
        self, settings: Settings, services: Services, counting: Any
    ) -> None:
        metrics, queues = Metrics(), Queues(services.database)
        metrics.watch(queues.read)
        with counting as statements:
            await asyncio.gather(*(queues.refresh() for _ in range(100)))
        assert len(statements) == 1

    async def test_without_the_database_the_rest_is_told(self, settings: Settings) -> None:
        async with application(settings, database_url=NOWHERE) as graphql:
            found = await read(graphql)
        assert found["mccs_database_up",] == 0
        assert ("mccs_mails", "queued") not in found
        assert found["mccs_sockets",] == 0

    async def test_source_that_fails_hides_no_other(self) -> None:
        metrics = Metrics()
        metrics.watch(lambda: [("mccs_sockets", (), 1 / 0)])
        metrics.watch(lambda: [("mccs_subscriptions", (), 3)])
        assert metrics.registry.get_sample_value("mccs_subscriptions") == 3


async def test_sockets_and_subscriptions_are_counted(
    services: Services, live: Live, make: MakeMember
) -> None:
    registry = services.metrics.registry
    ana = await make()
    before = registry.get_sample_value("mccs_sockets")
    assert before is not None
    async with live.subscription(EVENTS, by=ana, id=ana.id) as events:
        await events.next()
        assert registry.get_sample_value("mccs_sockets") == before + 1
        assert (registry.get_sample_value("mccs_subscriptions") or 0) >= 1


async def test_redis_is_measured(settings: Settings) -> None:
    async with application(settings) as graphql:
        for _ in range(200):
            if ("mccs_redis_lag_seconds",) in (found := await read(graphql)):
                break
            await asyncio.sleep(0.1)
    assert found["mccs_redis_up",] == 1
    assert 0 < found["mccs_redis_lag_seconds",] < 20


async def test_every_gauge_but_those_of_a_worker_is_told(settings: Settings) -> None:
    async with application(settings) as graphql:
        names = {key[0] for key in await read(graphql)}
    assert set(GAUGES) - names <= {
        *("mccs_books_ok", "mccs_books_checked_timestamp_seconds", "mccs_redis_lag_seconds"),
    }
