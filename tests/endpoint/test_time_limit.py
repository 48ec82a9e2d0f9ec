"""An operation that takes too long is given up, and leaves nothing behind."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from mccs_graphql.app import create_app
from mccs_graphql.context import Services
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient, Live, serving
from tests.factories import MakeMember, Member
from tests.trading import Trading

ACCEPT = "mutation ($i: AcceptTransferInput!) { acceptTransfer(input: $i) { __typename } }"
KEY = "0190163d-8694-739b-aea5-966c26f8ad92"
LISTEN = "subscription ($id: ID!) { transferEvents(entityId: $id) { __typename } }"
WAITING = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'"""


@pytest.fixture
async def hasty(settings: Settings) -> AsyncIterator[Starlette]:
    """An application with one connection that writes, and little patience."""
    hurry = {"operation_seconds": 0.5, "database_pool": 1}
    app = create_app(settings.model_copy(update=hurry))
    async with app.router.lifespan_context(app):
        yield app


@asynccontextmanager
async def locked(services: Services, member: Member) -> AsyncIterator[None]:
    """Within the block nobody else may write the member's account."""
    async with services.database.writing() as session:
        lock = text("SELECT * FROM accounts WHERE entity_id = :id FOR UPDATE")
        await session.execute(lock, {"id": member.entity_id})
        yield


async def waiting(services: Services) -> int:
    async with services.database.reading() as session:
        found: int = await session.scalar(text(WAITING)) or 0
        return found


async def test_mutation_that_waits_is_given_up_and_its_connection_is_whole(
    hasty: Starlette, services: Services, make: MakeMember
) -> None:
    ana, ben = await make(), await make()
    async with GraphQLClient.to(hasty) as graphql:
        id_ = await Trading(graphql).proposed(ana, ben)
        async with locked(services, ana):
            for _ in range(3):
                arguments = {"transferId": id_, "idempotencyKey": KEY}
                assert await graphql.code(ACCEPT, by=ben, i=arguments) == "TIMEOUT"
            assert await waiting(services) == 0

        accepted = await Trading(graphql).accept(ben, id_)
        assert accepted["transfer"]["state"] == "COMPLETED"


async def test_mutation_on_a_socket_is_given_up_and_the_socket_goes_on(
    hasty: Starlette, services: Services, make: MakeMember
) -> None:
    ana, ben = await make(), await make()
    async with serving(hasty) as address, GraphQLClient.to(hasty) as graphql:
        id_ = await Trading(graphql).proposed(ana, ben)
        async with locked(services, ana), Live(address).socket(ben) as socket:
            arguments = {"transferId": id_, "idempotencyKey": KEY}
            operation = await socket.subscribe(ACCEPT, i=arguments)
            message = await operation.message()
            assert message["type"] == "error"
            assert message["payload"][0]["extensions"] == {"code": "TIMEOUT"}

            again = await socket.subscribe("{ __typename }")
            assert (await again.message())["payload"]["data"] == {"__typename": "Query"}


async def test_statuses_say_that_it_is_not_the_clients_fault(
    hasty: Starlette, services: Services, make: MakeMember
) -> None:
    ana, ben = await make(), await make()
    async with GraphQLClient.to(hasty) as graphql:
        id_ = await Trading(graphql).proposed(ana, ben)
        async with locked(services, ana):
            response = await graphql.http.post(
                "/graphql",
                json={
                    "query": ACCEPT,
                    "variables": {"i": {"transferId": id_, "idempotencyKey": KEY}},
                },
                headers={
                    "Accept": "application/graphql-response+json",
                    "Authorization": f"Bearer {ben.token}",
                },
            )
        assert response.status_code == 503
        assert response.json().keys() == {"errors", "extensions"}


async def test_subscription_outlives_the_limit(
    hasty: Starlette, services: Services, make: MakeMember
) -> None:
    ana, ben = await make(), await make()
    async with (
        serving(hasty) as address,
        GraphQLClient.to(hasty) as graphql,
        Live(address).subscription(LISTEN, by=ana, id=ana.id) as heard,
    ):
        assert await heard.next() == {"__typename": "CaughtUp"}
        id_ = await Trading(graphql).proposed(ben, ana)
        assert (await heard.next())["__typename"] == "TransferProposed"
        async with locked(services, ben):  # takes longer than the limit
            arguments = {"transferId": id_, "idempotencyKey": KEY}
            assert await graphql.code(ACCEPT, by=ana, i=arguments) == "TIMEOUT"
        await Trading(graphql).accept(ana, id_)
        assert (await heard.next())["__typename"] == "TransferCompleted"
