"""Admins from before they were users."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from mccs_graphql.db.engine import asyncpg_url
from mccs_graphql.db.migrate import upgrade_async
from mccs_graphql.embedded import Servers
from tests.databases import temporary_database, url_of

BEFORE = "0009"
INSERT_ADMIN = """
    INSERT INTO admins (id, email, name, password_hash, created_at)
    VALUES (gen_random_uuid(), :email, :name, :hash, now() + make_interval(days => :day))
"""
INSERT_USER = """
    INSERT INTO users (id, email, password_hash, first_name, last_name, telephone)
    VALUES (gen_random_uuid(), :email, '!', '', '', '')
"""
ADMINS = """
    SELECT email, first_name, last_name, password_hash, role FROM users
      JOIN admins ON user_id = users.id ORDER BY email
"""


@pytest.fixture
async def before(started: Servers) -> AsyncIterator[AsyncEngine]:
    """A database as it was."""
    async with temporary_database(started.owner_url, "mccs_before") as name:
        url = url_of(started.owner_url, name)
        await upgrade_async(url, revision=BEFORE)
        engine = create_async_engine(asyncpg_url(url))
        yield engine
        await engine.dispose()


async def upgrade(engine: AsyncEngine) -> None:
    """To what there is now."""
    await upgrade_async(engine.url.render_as_string(hide_password=False))


async def add_admin(connection: AsyncConnection, email: str, name: str, *, day: int) -> None:
    """One of the old kind, made on that day; the password is named for the address."""
    values = {"email": email, "name": name, "hash": f"{email}!", "day": day}
    await connection.execute(text(INSERT_ADMIN), values)


async def test_address_of_a_user_stops_the_upgrade_without_being_told(before: AsyncEngine) -> None:
    async with before.begin() as connection:
        await add_admin(connection, "ANA@example.com", "Ana", day=0)
        await connection.execute(text(INSERT_USER), {"email": "ana@example.com"})

    with pytest.raises(RuntimeError, match="1 of the rows in admins") as stopped:
        await upgrade(before)

    assert "@" not in str(stopped.value)
    async with before.connect() as connection:
        assert await connection.scalar(text("SELECT email FROM admins")) == "ANA@example.com"


async def test_admins_become_users_and_the_first_is_owner(before: AsyncEngine) -> None:
    async with before.begin() as connection:
        await add_admin(connection, "ana@example.com", "", day=1)
        await add_admin(connection, "ben@example.com", "Ben van Loon", day=0)
        await add_admin(connection, "cleo@example.com", "Cleo", day=1)

    await upgrade(before)

    async with before.connect() as connection:
        assert [tuple(row) for row in await connection.execute(text(ADMINS))] == [
            ("ana@example.com", "", "", "ana@example.com!", "ADMIN"),
            ("ben@example.com", "Ben", "van Loon", "ben@example.com!", "OWNER"),
            ("cleo@example.com", "Cleo", "", "cleo@example.com!", "ADMIN"),
        ]
