"""What clients are told while PostgreSQL is away, and after."""

import asyncio

from sqlalchemy import text

from mccs_graphql.app import create_app
from mccs_graphql.context import Services
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.databases import execute
from tests.factories import MakeMember
from tests.trading import Trading

DIRECTORY = "{ entities(first: 1) { nodes { name } } }"


async def test_without_a_database_a_client_is_told_to_try_again(settings: Settings) -> None:
    nowhere = {"database_url": "postgresql://x@127.0.0.1:1/x"}
    app = create_app(settings.model_copy(update=nowhere))
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as graphql:
        answer = await graphql.send(DIRECTORY)

    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "UNAVAILABLE"
    assert "127.0.0.1" not in str(answer)


async def test_after_all_connections_were_cut_it_goes_on(
    empty_settings: Settings, graphql: GraphQLClient
) -> None:
    app = create_app(empty_settings)
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as ours:
        await asyncio.gather(*(ours(DIRECTORY) for _ in range(5)))
        await cut_connections(empty_settings)

        codes = [await code_of(ours) for _ in range(3)]

    assert set(codes) <= {None, "UNAVAILABLE"}
    assert codes[-1] is None


async def test_transfer_that_waits_too_long_for_a_row_changes_nothing(
    settings: Settings, services: Services, make: MakeMember
) -> None:
    ana, ben = await make(), await make()
    app = create_app(settings.model_copy(update={"statement_timeout_ms": 200}))
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as graphql:
        trading = Trading(graphql)
        id_ = await trading.proposed(ana, ben)
        async with services.database.writing() as session:
            await session.execute(
                text("SELECT * FROM accounts WHERE entity_id = :id FOR UPDATE"),
                {"id": ana.entity_id},
            )
            code = await graphql.code(
                "mutation ($i: AcceptTransferInput!) { acceptTransfer(input: $i) { __typename } }",
                by=ben,
                i={"transferId": id_, "idempotencyKey": "0190163d-8694-739b-aea5-966c26f8ad91"},
            )

        assert code == "UNAVAILABLE"
        assert (await trading.accept(ben, id_))["transfer"]["state"] == "COMPLETED"


async def cut_connections(settings: Settings) -> None:
    """End every connection to this database, as a restart of the server would."""
    name = settings.owner_url.split("/")[3].split("?")[0]
    await execute(
        settings.owner_url.replace(f"/{name}", "/postgres"),
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",  # noqa: S608
    )


async def code_of(graphql: GraphQLClient) -> str | None:
    """The code of the first error, if there is one."""
    errors = (await graphql.send(DIRECTORY)).get("errors")
    return errors[0]["extensions"]["code"] if errors else None
