"""How far a balance may go, and what new accounts start with."""

from dataclasses import dataclass
from typing import Self

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Account, EntityStatus, LimitDefault
from mccs_graphql.db.queries import limits as queries
from mccs_graphql.domain.money import Money


@dataclass(frozen=True)
class Limits:
    """The range of a balance; both count the smallest unit and are not negative."""

    max_negative_balance: Money
    max_positive_balance: Money

    @classmethod
    def of(cls, row: Account | LimitDefault) -> Self:
        """Those of an account, or of a default."""
        return cls(Money(row.max_negative_balance), Money(row.max_positive_balance))

    def hold(self, balance: int) -> bool:
        """Whether the balance lies within."""
        return -self.max_negative_balance <= balance <= self.max_positive_balance


async def starting_limits(
    session: AsyncSession, status: EntityStatus, *, initial: Limits
) -> Limits:
    """What a new account of this status gets: the default, or ``initial`` if none was ever set.

    The default stays what it is until the transaction ends.
    """
    found = await queries.find_default(session, status, held=True)
    return initial if found is None else Limits.of(found)
