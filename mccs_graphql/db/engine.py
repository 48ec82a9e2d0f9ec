"""Connections to PostgreSQL: a pool that writes in transactions, and one that only reads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from mccs_graphql.db.connections import process_name, telling
from mccs_graphql.settings import Settings

POOL_WAIT_SECONDS = 30
CONNECT_SECONDS = 10


class Database:
    """Hands out short sessions; nobody keeps one longer than a read or a transaction."""

    def __init__(self, settings: Settings) -> None:
        self.writes = _engine(settings, read_only=False)
        self.reads = _engine(settings, read_only=True)
        self._write_session = async_sessionmaker(self.writes, expire_on_commit=False)
        self._read_session = async_sessionmaker(self.reads, expire_on_commit=False)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for one read, without a transaction; PostgreSQL refuses a stray write."""
        async with self._read_session() as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """One unit of work: committed when the block ends, rolled back when it raises."""
        async with self._write_session.begin() as session:
            yield session

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """A session whose statements all see the same moment, and cannot write."""
        async with self._write_session() as session:
            await session.connection(
                execution_options={
                    "isolation_level": "REPEATABLE READ",
                    "postgresql_readonly": True,
                }
            )
            yield session

    @property
    def engines(self) -> dict[str, AsyncEngine]:
        """Both, by name."""
        return {"writes": self.writes, "reads": self.reads}

    async def close(self) -> None:
        """Close both pools."""
        await self.writes.dispose()
        await self.reads.dispose()


def asyncpg_url(url: str) -> str:
    """``url`` for asyncpg, whatever driver it names: hosts hand out plain ``postgresql://``."""
    parsed = make_url(url)
    return parsed.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


def _engine(settings: Settings, *, read_only: bool) -> AsyncEngine:
    server_settings = {
        "application_name": process_name(settings.process),
        "statement_timeout": str(settings.statement_timeout_ms),
        "default_transaction_read_only": "on" if read_only else "off",
        "jit": "off",
    }
    if read_only:
        # Common words and rare ones, first pages and deep ones need different plans.
        server_settings["plan_cache_mode"] = "force_custom_plan"
    return create_async_engine(
        asyncpg_url(settings.database_url),
        isolation_level="AUTOCOMMIT" if read_only else "READ COMMITTED",
        pool_size=settings.database_pool,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_pre_ping=False,
        hide_parameters=True,  # they hold what no log may hold
        connect_args={
            "server_settings": server_settings,
            "timeout": CONNECT_SECONDS,
            "connection_class": telling(settings.process),
        },
    )
