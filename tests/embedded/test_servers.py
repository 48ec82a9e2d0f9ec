"""The servers answer, and only us."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from mccs_graphql.db.migrate import upgrade_async
from mccs_graphql.db.roles import may_alter
from mccs_graphql.embedded import EmbeddedServerError, Servers, servers
from mccs_graphql.embedded.account import postgres_account
from mccs_graphql.embedded.programs import postgres_programs

UNIX_SOCKET_BYTES = 100
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as somebody else")


@pytest.fixture(scope="module")
def running(module_place: Path) -> Iterator[Servers]:
    with servers(module_place / "data", durable=False) as started:
        yield started


async def scalar(database_url: str, question: str) -> object:
    engine = create_async_engine(database_url)
    try:
        async with engine.connect() as connection:
            return await connection.scalar(text(question))
    finally:
        await engine.dispose()


def database_host(running: Servers) -> str:
    return running.owner_url.partition("host=")[2].partition("&")[0]


async def test_folder_of_an_owner_alone_gets_the_role_that_serves(place: Path) -> None:
    """As folders were before there were two roles."""
    with servers(place / "data", durable=False, redis=False) as before:
        await upgrade_async(before.owner_url)
    with servers(place / "data", durable=False, redis=False) as own:
        await upgrade_async(own.owner_url, application_url=own.database_url)

        assert await scalar(own.database_url, "SELECT current_user") == "mccs_app"
        assert await scalar(own.database_url, "SELECT count(*) FROM audit_head") == 1
        assert not await may_alter(own.database_url)


async def test_database_answers_whatever_the_environment_says(
    running: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "9")

    assert await scalar(running.owner_url, "SELECT current_database()") == "mccs"


async def test_redis_answers(running: Servers) -> None:
    async with Redis.from_url(running.redis_url) as client:
        assert await client.ping()


async def test_text_is_unicode_on_every_system(running: Servers) -> None:
    assert await scalar(running.owner_url, "SELECT lower('ÉÑ')") == "éñ"


async def test_database_does_not_listen_on_the_network(running: Servers) -> None:
    assert await scalar(running.owner_url, "SHOW listen_addresses") == ""


async def test_redis_neither_listens_on_the_network_nor_writes_to_disk(running: Servers) -> None:
    async with Redis.from_url(running.redis_url, decode_responses=True) as client:
        found = await client.config_get("port", "save", "appendonly")

    assert found == {"port": "0", "save": "", "appendonly": "no"}


async def test_two_hundred_connections_are_allowed(running: Servers) -> None:
    assert await scalar(running.owner_url, "SHOW max_connections") == "200"


def test_data_and_sockets_are_closed_to_others(running: Servers) -> None:
    sockets = Path(database_host(running))

    for path in (running.folder, sockets, sockets.parent, running.folder / "postgresql.log"):
        assert path.stat().st_mode & 0o067 == 0


@root_only
def test_another_user_is_refused_by_the_database(running: Servers) -> None:
    account = postgres_account()
    psql = str(postgres_programs(account) / "psql")
    command = [psql, "-h", database_host(running), "-U", "mccs"]

    refused = subprocess.run(
        [*command, "-c", "SELECT 1", "mccs"],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Peer authentication failed" in refused.stderr


def test_second_mccs_on_a_folder_is_told_who_holds_it(running: Servers) -> None:
    refused = pytest.raises(EmbeddedServerError, match=rf"\(process {os.getpid()}\)")

    with refused, servers(running.folder):
        pass


async def test_two_folders_are_two_databases(running: Servers, place: Path) -> None:
    question = "SELECT system_identifier FROM pg_control_system()"

    with servers(place / "data", durable=False) as other:
        there = await scalar(other.owner_url, question)

    assert there != await scalar(running.owner_url, question)


def test_deep_folder_has_short_socket_paths(place: Path) -> None:
    with servers(place / ("deep/" * 30), postgres=False) as started:
        assert len(started.redis_url) < UNIX_SOCKET_BYTES


def test_server_that_is_not_wanted_is_not_started(place: Path) -> None:
    with servers(place / "data", postgres=False) as started:
        assert not started.database_url
        assert not (started.folder / "postgresql").exists()


def test_nothing_stays_in_the_runtime_folder(place: Path) -> None:
    with servers(place / "data", postgres=False) as started:
        socket = Path(started.redis_url.removeprefix("unix://"))
        assert socket.is_socket()

    assert not socket.parent.parent.exists()
