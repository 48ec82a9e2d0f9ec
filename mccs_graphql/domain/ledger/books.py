"""Proving the books: everything is recomputed from the postings, at one moment."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.queries import books as queries


@dataclass(frozen=True)
class Difference:
    """One place where the books, or the audit trail, contradict themselves.

    Numbers count smallest units or rows.
    """

    what: str
    subject: str
    expected: int | str
    found: int | str


@dataclass(frozen=True)
class Findings:
    """What a check of the books found, and how much it looked at."""

    differences: tuple[Difference, ...]
    accounts: int
    transfers: int
    postings: int

    @property
    def balanced(self) -> bool:
        """Whether there is no difference at all."""
        return not self.differences


async def check_books(session: AsyncSession, *, progress: Callable[[str], None]) -> Findings:
    """Recompute every balance and prove that the sum is zero.

    The session must see one moment only (``Database.snapshot``). Of each kind of difference the
    first few are listed.
    """
    differences: list[Difference] = []
    for check in queries.CHECKS:
        progress(check)
        differences += [
            Difference(check, row.subject, int(row.expected), int(row.found))
            for row in await queries.contradictions(session, check)
        ]
    counts = await queries.counts(session)
    return Findings(tuple(differences), counts.accounts, counts.transfers, counts.postings)
