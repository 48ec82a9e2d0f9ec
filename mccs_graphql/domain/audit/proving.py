"""Proving the books and the audit trail together, as they are at one moment."""

from collections.abc import Callable
from dataclasses import dataclass

from mccs_graphql.db.engine import Database
from mccs_graphql.domain.audit.proof import Progress, TrailFindings, check_trail
from mccs_graphql.domain.ledger.books import Difference, Findings, check_books


@dataclass(frozen=True)
class Proof:
    """What was found in the books and in the audit trail, at the same moment."""

    books: Findings
    trail: TrailFindings

    @property
    def differences(self) -> list[Difference]:
        """All that contradicts something else."""
        return [*self.books.differences, *self.trail.differences]

    @property
    def holds(self) -> bool:
        """Whether there is no difference at all."""
        return not self.differences


async def prove(
    database: Database,
    *,
    progress: Callable[[str], None],
    counting: Progress = lambda _what, _done, _of: None,
    kept: bytes | None = None,
) -> Proof:
    """Check the books and the trail. Nobody waits for it: it reads a snapshot and locks nothing."""
    async with database.snapshot() as session:
        books = await check_books(session, progress=progress)
        return Proof(books, await check_trail(session, progress=counting, kept=kept))
