"""The jobs of every process of a community, each bit of work a transaction of its own."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.adapters.jobs import Job, Jobs
from mccs_graphql.db.engine import Database
from mccs_graphql.db.queries import counts
from mccs_graphql.domain import events
from mccs_graphql.domain.audit import sealing
from mccs_graphql.domain.directory import matchmaking
from mccs_graphql.domain.events import WakeUp
from mccs_graphql.settings import Settings

COMPACT_SECONDS = 300.0
SEAL_SECONDS = 5.0
STATEMENT_MS = 60_000
"""A batch may wait longer for a row than a member does."""

Publish = Callable[[Sequence[WakeUp]], None]

_MATCHES, _COUNTS, _SEALS = "Telling of matches", "Compacting counts", "Sealing the audit trail"


class Housekeeping:
    """What is done beside serving, on a connection of its own that no request has to wait for."""

    def __init__(self, settings: Settings, *, publish: Publish) -> None:
        self._database = Database(
            settings.model_copy(update={"database_pool": 1, "statement_timeout_ms": STATEMENT_MS})
        )
        self._publish = publish
        self._jobs = Jobs(
            (
                Job(_MATCHES, self._tell_of_matches, settings.event_poll_seconds),
                Job(_SEALS, self._seal_audit, SEAL_SECONDS, eager=False),
                Job(_COUNTS, self._compact_counts, COMPACT_SECONDS, eager=False),
            )
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep house for as long as the block lasts."""
        try:
            async with self._jobs.running():
                yield
        finally:
            await self._database.close()

    def heed(self, session: AsyncSession) -> None:
        """See at once to what this session has left to do; it has committed."""
        if matchmaking.announced(session):
            self._jobs.nudge(_MATCHES)

    async def _tell_of_matches(self) -> bool:
        async with self._database.writing() as session:
            more = await matchmaking.tell_next(session)
        self._publish(events.wake_ups(session))
        return more

    async def _seal_audit(self) -> bool:
        async with self._database.writing() as session:
            return await sealing.seal_next(session)

    async def _compact_counts(self) -> bool:
        async with self._database.writing() as session:
            await counts.compact(session)
        return False
