"""Connections that tell PostgreSQL for which request each of their transactions is."""

import os
from typing import Any

import asyncpg

from mccs_graphql.reference import current_reference


def process_name(process: str) -> str:
    """What this process is called in ``pg_stat_activity``, and in PostgreSQL's log."""
    return " ".join(filter(None, ("mccs", process, str(os.getpid()))))


class TellingConnection(asyncpg.Connection):  # type: ignore[misc] # asyncpg ships no types
    """Says the reference with the BEGIN that is sent anyway, so no round trip is added.

    It ends with the transaction. A comment in each statement would say it too, but then no
    statement would be the same as the one before, and each had to be prepared anew.
    """

    async def execute(self, query: str, *args: Any, **more: Any) -> str:
        """Run commands, more than one of them where there are no arguments."""
        if query.startswith("BEGIN") and (reference := current_reference()):
            name = f"{process_name(self._process)} {reference}"
            query = f"{query} SET LOCAL application_name = '{name}'"
        status: str = await super().execute(query, *args, **more)
        return status

    _process = ""


def telling(process: str) -> type[TellingConnection]:
    """Connections of the process of this name."""
    return type("TellingConnection", (TellingConnection,), {"_process": process})
