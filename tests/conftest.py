"""Servers, databases, the application and its clients, for every test."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import event
from starlette.applications import Starlette

from mccs_graphql.app import create_app
from mccs_graphql.context import Services
from mccs_graphql.db.engine import Database
from mccs_graphql.db.migrate import upgrade_async
from mccs_graphql.db.models import AdminRole, Scope
from mccs_graphql.embedded import Servers, servers
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient, Live, serving
from tests.databases import temporary_database, url_of
from tests.factories import MakeAgent, MakeMember, Member, make_admin, make_agent, make_member
from tests.invitations import Memberships
from tests.profiles import Profiles
from tests.stewardship import Administration
from tests.trading import Trading

CHEAPEST_MEMORY_KIB = 32
PLENTY = 1_000_000_000
"""Of points and attempts: one member and one address stand for thousands."""
RARELY_SECONDS = 3600.0
PATIENT_MS = 60_000


@pytest.fixture(scope="session")
def started() -> Iterator[Servers]:
    """The servers of DATABASE_URL and REDIS_URL; where one is not set, one of our own."""
    database_url, redis_url = os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", "")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="mccs-suite-")))
        # As root, PostgreSQL runs as another user, who has to pass through.
        folder.chmod(0o755)
        own = Servers(folder=Path())
        if not (database_url and redis_url):
            own = stack.enter_context(
                servers(
                    folder / "data",
                    durable=False,
                    postgres=not database_url,
                    redis=not redis_url,
                )
            )
        yield Servers(
            folder=own.folder,
            database_url=database_url or own.database_url,
            redis_url=redis_url or own.redis_url,
            owner_url=os.environ.get("MCCS_OWNER_DATABASE_URL", "")
            or database_url
            or own.owner_url,
        )


@pytest.fixture(scope="session")
async def template(started: Servers) -> AsyncIterator[str]:
    """A migrated database that nobody writes to, to be cloned."""
    async with temporary_database(started.owner_url, f"mccs_template_{os.getpid()}") as name:
        application_url = url_of(started.database_url, name)
        await upgrade_async(url_of(started.owner_url, name), application_url=application_url)
        yield name


@pytest.fixture(scope="session")
async def settings(started: Servers, template: str) -> AsyncIterator[Settings]:
    """The settings of this worker, with a database of its own."""
    async with temporary_database(
        started.owner_url, f"mccs_worker_{os.getpid()}", template=template
    ) as name:
        yield settings_for(started, name)


@pytest.fixture
async def empty_settings(started: Servers, template: str) -> AsyncIterator[Settings]:
    """Settings with an empty database, for this test alone."""
    async with temporary_database(
        started.owner_url, f"mccs_test_{os.getpid()}", template=template
    ) as name:
        yield settings_for(started, name)


def settings_for(started: Servers, database: str) -> Settings:
    """Settings for a database on the started servers; hashing is cheap.

    The poll stays away: its statement would be counted among those of a test. A storm of commands
    on few rows may wait long on a busy machine, which is not what its test is about. Limits are
    far away too, but for the tests that are about them; and so is the second factor of admins.
    """
    plain = Settings(
        password_memory_kib=CHEAPEST_MEMORY_KIB,
        event_poll_seconds=RARELY_SECONDS,
        statement_timeout_ms=PATIENT_MS,
        rate_user=PLENTY,
        rate_session=PLENTY,
        rate_token=PLENTY,
        rate_visitor=PLENTY,
        rate_address=PLENTY,
        attempts_per_place=PLENTY,
        attempts_per_account=PLENTY,
        attempts_per_address=PLENTY,
        sign_ups_per_address=PLENTY,
        admin_second_factor=False,
        mails_per_mailbox=PLENTY,
        sockets_per_user=PLENTY,
        sockets_per_address=PLENTY,
        invitations_per_user=PLENTY,
        webhook_private=True,
        _env_file=None,
    )
    return plain.model_copy(
        update={
            "database_url": url_of(started.database_url, database),
            "owner_database_url": url_of(started.owner_url, database),
            "redis_url": started.redis_url,
        }
    )


@pytest.fixture(scope="session")
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The worker's database, shared by its tests."""
    opened = Database(settings)
    yield opened
    await opened.close()


@pytest.fixture
async def empty_database(empty_settings: Settings) -> AsyncIterator[Database]:
    """A migrated database without a row."""
    opened = Database(empty_settings)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
async def app(settings: Settings) -> AsyncIterator[Starlette]:
    """The application on the worker's database."""
    application = create_app(settings)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture(scope="session")
def services(app: Starlette) -> Services:
    """What the application runs on."""
    found: Services = app.state.services
    return found


@pytest.fixture(scope="session")
async def graphql(app: Starlette) -> AsyncIterator[GraphQLClient]:
    """Sends documents to the application."""
    async with GraphQLClient.to(app) as client:
        yield client


@pytest.fixture(scope="session")
async def live(app: Starlette) -> AsyncIterator[Live]:
    """The application behind a real port, for WebSockets."""
    async with serving(app) as url:
        yield Live(url)


@pytest.fixture
def make(database: Database) -> MakeMember:
    """Adds a trading member with an entity and an account, logged in."""

    async def add(**wishes: Any) -> Member:
        return await make_member(database, **wishes)

    return add


@pytest.fixture
def agent(database: Database) -> MakeAgent:
    """Makes a member's API token; trades and asks as the member does, but with it."""

    async def make(of: Member, *scopes: Scope, **wishes: Any) -> Member:
        return await make_agent(database, of, *scopes, **wishes)

    return make


@pytest.fixture
def counting(services: Services) -> AbstractContextManager[list[str]]:
    """Within the block, every SQL statement of the application is added to the list."""

    @contextmanager
    def count() -> Iterator[list[str]]:
        seen: list[str] = []

        def see(_c: object, _k: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        engines = (services.database.reads.sync_engine, services.database.writes.sync_engine)
        for engine in engines:
            event.listen(engine, "before_cursor_execute", see)
        try:
            yield seen
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", see)

    return count()


@pytest.fixture
def trading(graphql: GraphQLClient) -> Trading:
    """Makes members trade over the API."""
    return Trading(graphql)


@pytest.fixture
async def administration(graphql: GraphQLClient, database: Database) -> Administration:
    """Makes an admin change limits and step in with transfers over the API."""
    return Administration(graphql, await make_admin(database, AdminRole.ADMIN))


@pytest.fixture
def profiles(graphql: GraphQLClient) -> Profiles:
    """Makes members edit their profiles over the API."""
    return Profiles(graphql)


@pytest.fixture
def memberships(graphql: GraphQLClient) -> Memberships:
    """Makes people invite, join and leave over the API."""
    return Memberships(graphql)
