"""Databases for the tests: one template with the schema, cloned whenever an empty one is needed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import asyncpg
from sqlalchemy.engine import make_url

from mccs_graphql.settings import Settings

_number = count(1)


def url_of(server_url: str, name: str) -> str:
    """The URL of another database on the same server."""
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


async def execute(server_url: str, statement: str) -> None:
    """Run one statement outside any transaction, as CREATE DATABASE needs it."""
    connection = await asyncpg.connect(plain(server_url))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@asynccontextmanager
async def temporary_database(
    server_url: str, prefix: str, *, template: str = "template1"
) -> AsyncIterator[str]:
    """A database that is dropped at the end of the block; yields its name."""
    name = f"{prefix}_{next(_number)}"
    await execute(server_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield name
    finally:
        await execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)')


def plain(url: str) -> str:
    """The URL as asyncpg takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@asynccontextmanager
async def as_owner(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the role that owns the tables."""
    connection = await asyncpg.connect(plain(settings.owner_url))
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def as_superuser(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A connection of somebody with all powers, whose changes no trigger sees."""
    async with as_owner(settings) as connection:
        await connection.execute("SET session_replication_role = replica")
        yield connection


async def alter(settings: Settings, statement: str) -> None:
    """Do what only the owner of the tables may."""
    async with as_owner(settings) as connection:
        await connection.execute(statement)
