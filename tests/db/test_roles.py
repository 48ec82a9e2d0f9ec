"""The role that serves can neither change what is to stay, nor switch off what guards it."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from mccs_graphql.db.engine import asyncpg_url
from mccs_graphql.db.migrate import upgrade_async
from mccs_graphql.db.models import Record
from mccs_graphql.db.roles import RIGHTS, RoleMissing, give_rights, may_alter
from mccs_graphql.embedded import Servers
from mccs_graphql.settings import Settings
from tests.databases import as_owner, plain, temporary_database, url_of

ROLE = "mccs_app"
GIVEN = """
    SELECT table_name, privilege_type FROM information_schema.table_privileges
     WHERE grantee = $1 AND table_schema = 'public'
"""

FORBIDDEN = [
    "DELETE FROM audit_entries",
    "TRUNCATE audit_entries CASCADE",
    "UPDATE audit_entries SET action = 'x'",
    "UPDATE audit_entries SET recorded_at = now()",
    "ALTER TABLE audit_entries DISABLE TRIGGER ALL",
    "ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_guard",
    "ALTER TABLE audit_entries DROP COLUMN seal",
    "DROP TRIGGER audit_entries_guard ON audit_entries",
    "CREATE OR REPLACE FUNCTION guard_audit_entry() RETURNS trigger LANGUAGE sql AS 'SELECT 1'",
    "DROP TABLE audit_entries",
    "DELETE FROM audit_head",
    "INSERT INTO audit_head VALUES (2, 0, '')",
    "UPDATE postings SET amount = 1",
    "DELETE FROM postings",
    "TRUNCATE postings",
    "ALTER TABLE postings DISABLE TRIGGER USER",
    "DELETE FROM transfers",
    "DELETE FROM accounts",
    "UPDATE events SET seq = 1",
    "UPDATE alembic_version SET version_num = '0001'",
    "SET session_replication_role = replica",
    "SET ROLE pg_write_all_data",
    "CREATE TABLE mine (id int)",
]


@pytest.fixture
async def serving(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A connection with the rights of the role that serves."""
    url = asyncpg_url(settings.owner_url)
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await give_rights(connection, url_with_role(settings.owner_url))
    await engine.dispose()
    async with as_owner(settings) as connection:
        await connection.execute(f"SET SESSION AUTHORIZATION {ROLE}")
        yield connection


def url_with_role(url: str) -> str:
    """The URL for the role that serves, without a password."""
    named = make_url(url).set(username=ROLE, password=None)
    return named.render_as_string(hide_password=False)


@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_tampering_is_refused(serving: asyncpg.Connection, statement: str) -> None:
    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.PostgresError)) as refused:
        async with serving.transaction():
            await serving.execute(statement)

    assert refused.value.sqlstate == "42501", refused.value


async def test_no_table_is_without_rights(serving: asyncpg.Connection) -> None:
    given: dict[str, set[str]] = {}
    for table, right in await serving.fetch(GIVEN, ROLE):
        given.setdefault(table, set()).add(right)

    assert given.keys() >= Record.metadata.tables.keys() | RIGHTS.keys()
    assert all("SELECT" in rights for rights in given.values())
    assert not any({"TRUNCATE", "TRIGGER", "REFERENCES"} & rights for rights in given.values())


async def test_table_of_a_later_migration_gets_rights(started: Servers) -> None:
    async with temporary_database(started.owner_url, "mccs_later") as name:
        url = url_of(started.owner_url, name)
        await upgrade_async(url, application_url=url_with_role(url))
        connection = await asyncpg.connect(plain(url))
        await connection.execute("CREATE TABLE later (id int); GRANT ALL ON postings TO mccs_app")

        await upgrade_async(url, application_url=url_with_role(url))

        given = {(row[0], row[1]) for row in await connection.fetch(GIVEN, ROLE)}
        await connection.close()
        assert ("later", "DELETE") in given
        assert {right for table, right in given if table == "postings"} == {"SELECT", "INSERT"}


async def test_role_with_a_password_is_not_made_up(settings: Settings) -> None:
    engine = create_async_engine(asyncpg_url(settings.owner_url))
    async with engine.begin() as connection:
        with pytest.raises(RoleMissing, match="no role nobody_here"):
            await give_rights(connection, "postgresql://nobody_here:secret@localhost/x")
        assert await connection.scalar(text("SELECT to_regrole('nobody_here')")) is None
    await engine.dispose()


async def test_who_may_alter_the_tables_is_known(settings: Settings) -> None:
    assert await may_alter(settings.owner_url)
    if settings.database_url != settings.owner_url:
        assert not await may_alter(settings.database_url)
