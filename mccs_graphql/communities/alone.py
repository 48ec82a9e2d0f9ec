"""One load at a time, however many processes start one."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

LOAD_LOCK = 7_237_263_051_401_339
"""Any constant number, as long as nobody else takes it."""
LOAD_SECONDS = 120
"""How long a statement of a load may take, the wait for another load included."""


async def load_alone(session: AsyncSession) -> None:
    """Wait until no other process loads a community; others wait until this session commits."""
    await session.execute(text(f"SET LOCAL statement_timeout = '{LOAD_SECONDS}s'"))
    await session.execute(text(f"SELECT pg_advisory_xact_lock({LOAD_LOCK})"))
