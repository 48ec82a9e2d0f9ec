"""``mccs demo``: two members trade before your eyes, on servers of their own."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import uvicorn

from mccs_graphql.app import create_app
from mccs_graphql.cli.check_books import find
from mccs_graphql.cli.demo_client import Member, connect
from mccs_graphql.cli.serve import plainly
from mccs_graphql.db.migrate import upgrade
from mccs_graphql.embedded import servers
from mccs_graphql.settings import Settings

PASSWORD = "demo-Passw0rd"  # noqa: S105 - of two members who live for a second
AMOUNT = "25.00"


@click.command("demo")
def command() -> None:
    """Propose, hear it live, accept, and check the books; nothing is kept."""
    with plainly(), TemporaryDirectory(prefix="mccs-demo-") as folder:
        Path(folder).chmod(0o755)  # as root, PostgreSQL runs as another user, who passes through
        click.echo("Starting a PostgreSQL, a Redis and the API ...")
        with servers(Path(folder) / "data", durable=False) as own:
            settings = Settings().model_copy(
                update={
                    "database_url": own.database_url,
                    "owner_database_url": own.owner_url,
                    "redis_url": own.redis_url,
                    "trading_on_sign_up": True,
                    "max_negative_balance": Decimal(100),
                }
            )
            upgrade(settings.owner_url, application_url=settings.database_url)
            asyncio.run(_show(settings))


async def _show(settings: Settings) -> None:
    async with _serving(settings) as address, connect(address) as visitor:
        ana = await visitor.sign_up("ana@example.org", PASSWORD, "Ana's Bakery")
        ben = await visitor.sign_up("ben@example.org", PASSWORD, "Ben's Bicycles")
        async with connect(address, ana) as as_ana, connect(address, ben) as as_ben:
            events = await as_ben.subscribe(ben)
            await anext(events)
            click.echo(f"{ben.name} listens for transfers, on a WebSocket.")
            transfer = await as_ana.propose(ana, ben, AMOUNT)
            click.echo(f"{ana.name} proposes to pay {AMOUNT} {settings.unit}.")
            _tell(ben, await anext(events))
            await as_ben.accept(transfer)
            click.echo(f"{ben.name} accepts.")
            _tell(ben, await anext(events))
            for member, client in ((ana, as_ana), (ben, as_ben)):
                click.echo(f"Balance of {member.name}: {await client.balance(member)}")
    proof = await find(settings, progress=lambda _check: None)
    click.echo("Books balance." if proof.holds else "The books do NOT balance!")


def _tell(member: Member, event: dict[str, Any]) -> None:
    transfer = event["transfer"]
    click.echo(
        f"  {member.name} hears live: {event['__typename']} {transfer['amount']} "
        f"from {transfer['payerName']} to {transfer['payeeName']} "
        f"({transfer['state']})"
    )


@asynccontextmanager
async def _serving(settings: Settings) -> AsyncIterator[str]:
    """The API behind a free port of this machine; yields host and port."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(settings), ws="websockets-sansio", log_config=None)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        host, port = listener.getsockname()
        yield f"{host}:{port}"
    finally:
        server.should_exit = True
        await task
