"""What waits in the database, as metrics: read when somebody asks, but not each time."""

import asyncio
import logging
import time
from collections.abc import Iterator

from sqlalchemy import Row

from mccs_graphql.adapters.metrics import Reading
from mccs_graphql.db.engine import Database
from mccs_graphql.db.queries.queues import queues

log = logging.getLogger(__name__)

GOOD_SECONDS = 5.0
"""However often somebody asks, PostgreSQL is asked once in so long."""
WAIT_SECONDS = 2.0

Found = Row[tuple[int | float | None, ...]]


class Queues:
    """The queues as they were some seconds ago at most."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = asyncio.Lock()
        self._read_at = float("-inf")
        self._found: Found | None = None

    async def refresh(self) -> None:
        """Look again if it is time to. Never fails: what is not known is left out."""
        async with self._lock:
            if time.monotonic() - self._read_at < GOOD_SECONDS:
                return
            self._found = await self._ask()
            self._read_at = time.monotonic()

    def read(self) -> Iterator[Reading]:
        """For ``Metrics.watch``."""
        yield "mccs_database_up", (), self._found is not None
        if found := self._found:
            for state in ("queued", "sending", "failed"):
                yield "mccs_mails", (state,), getattr(found, state)
            yield "mccs_oldest_mail_seconds", (), found.mail_seconds or 0
            yield "mccs_audit_unsealed", (), found.unsealed
            yield "mccs_audit_unsealed_seconds", (), found.unsealed_seconds or 0
            yield "mccs_new_listings", (), found.listings
            yield "mccs_new_listings_seconds", (), found.listing_seconds or 0

    async def _ask(self) -> Found | None:
        try:
            async with asyncio.timeout(WAIT_SECONDS), self._database.reading() as session:
                return await queues(session)
        except Exception as error:
            log.warning("The queues cannot be read for the metrics: %s", type(error).__name__)
            return None
