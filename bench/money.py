"""Payments: propose, then accept."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import asyncpg
from sqlalchemy.engine import make_url

from bench.api import Client, Failed, connections
from bench.community import Pair
from bench.measure import CLIENTS, Pace, Row, Slice, Work, compare, in_turns
from bench.raw_sql import payments, pgbench_script
from bench.stage import Stage
from mccs_graphql.cli.check_books import find
from mccs_graphql.embedded.account import own_account
from mccs_graphql.embedded.programs import postgres_programs
from mccs_graphql.settings import Settings

UNIT = "payments/s"
PROPOSE = """mutation Propose($input: ProposeTransferInput!) { proposeTransfer(input: $input) {
  ... on TransferPayload { transfer { id state } } ... on UserError { code message } } }"""
ACCEPT = """mutation Accept($input: AcceptTransferInput!) { acceptTransfer(input: $input) {
  ... on TransferPayload { transfer { id state } } ... on UserError { code message } } }"""
_TPS = re.compile(r"tps = ([0-9.]+)")


async def measure(stage: Stage, pace: Pace) -> list[Row]:
    """Each client with a pair of its own, then all with the same; the books must balance."""
    rows: list[Row] = []
    async with connections(stage.api, CLIENTS) as clients, _databases(stage.dsn) as databases:
        for what, apart in ((f"Payment, {CLIENTS} pairs", True), ("Payment, one hot pair", False)):
            pairs = [Pair.number(number if apart else 0) for number in range(CLIENTS)]
            ours = [paying(client, pair) for client, pair in zip(clients, pairs, strict=True)]
            raw = [payments(base, pair) for base, pair in zip(databases, pairs, strict=True)]
            sides = {
                "GraphQL": in_turns(ours),
                "asyncpg": in_turns(raw),
                "pgbench": _pgbench(stage.dsn, apart=apart),
            }
            rows += await compare(what, UNIT, sides, pace)
    pace.tell(f"{await _check_books(stage)}\n")
    return rows


async def propose(client: Client, pair: Pair) -> str:
    """The id of a new proposal of the smallest amount."""
    answer = await client.ask(
        PROPOSE,
        by=pair.payer,
        input={
            "initiatorId": pair.payer.id,
            "receiver": {"id": pair.payee.id},
            "direction": "OUT",
            "amount": "0.01",
            "idempotencyKey": str(uuid4()),
        },
    )
    return _transfer_in(answer, state="INITIATED")


def paying(client: Client, pair: Pair) -> Work:
    """A proposal that is accepted."""

    async def pay() -> None:
        input_ = {"transferId": await propose(client, pair), "idempotencyKey": str(uuid4())}
        answer = await client.ask(ACCEPT, by=pair.payee, input=input_)
        _transfer_in(answer, state="COMPLETED")

    return pay


def _transfer_in(answer: dict[str, dict[str, str]], *, state: str) -> str:
    if answer.get("transfer", {}).get("state") != state:
        raise Failed(str(answer))
    return answer["transfer"]["id"]


@asynccontextmanager
async def _databases(dsn: str) -> AsyncIterator[list[asyncpg.Connection]]:
    async with AsyncExitStack() as stack:
        found = [await asyncpg.connect(dsn) for _ in range(CLIENTS)]
        for connection in found:
            stack.push_async_callback(connection.close)
        yield found


def _pgbench(dsn: str, *, apart: bool) -> Slice:
    """PostgreSQL's own program: as fast as this server can be asked to do it."""
    url = make_url(dsn)
    program = postgres_programs(own_account()) / "pgbench"

    async def work(seconds: float) -> float:
        with TemporaryDirectory() as folder:
            script = Path(folder) / "payment.sql"
            script.write_text(pgbench_script())
            options = (
                *("-h", str(url.query["host"]), "-p", str(url.query["port"])),
                *("-U", str(url.username), "-c", str(CLIENTS), "-j", "1"),
                *("-D", "known=0", "-D", f"apart={int(apart)}"),
                *("-n", "-M", "prepared", "-T", str(max(1, round(seconds))), "-f", str(script)),
                str(url.database),
            )
            return _tps(await _output(str(program), *options))

    return work


async def _output(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        output, complaints = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        raise Failed(complaints.decode())
    return output.decode()


def _tps(output: str) -> float:
    found = _TPS.search(output)
    if found is None or "failed transactions: 0 " not in output:
        raise Failed(output)
    return float(found[1])


async def _check_books(stage: Stage) -> str:
    settings = Settings().model_copy(update={"database_url": stage.database_url})
    proof = await find(settings, progress=lambda _check: None)
    if not proof.holds:
        raise Failed(f"The books do not balance: {proof.differences}")
    return f"The books balance after {proof.books.transfers:,} transfers."
