"""How much an API token may still move today: what it proposes and what it accepts counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import ApiToken
from mccs_graphql.db.queries.api_tokens import lock_token
from mccs_graphql.domain.errors import Refusal, TokenFault, Unauthenticated
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.ledger.refusals import DailyAmountExceeded
from mccs_graphql.domain.money import Money


@dataclass(frozen=True)
class Allowance:
    """What is left on a day in UTC; without a token there is no bound."""

    token: ApiToken | None
    today: date

    @property
    def remaining(self) -> Money:
        """In the smallest unit."""
        return Money(remaining(self.token, on=self.today)) if self.token else Money(0)

    def refusals(self, amount: int) -> Iterator[Refusal]:
        """The reason against moving this much, if there is one."""
        if self.token and amount > self.remaining:
            tomorrow = self.today + timedelta(days=1)
            yield DailyAmountExceeded(
                remaining=self.remaining,
                resets_at=datetime.combine(tomorrow, time.min, tzinfo=UTC),
            )

    def take(self, amount: int) -> None:
        """Count what has been moved; the token's row must be locked."""
        if self.token:
            self.token.spent = spent(self.token, on=self.today) + amount
            self.token.spent_on = self.today


def allowance_of(viewer: Viewer) -> Allowance:
    """As it was when the viewer was looked up."""
    return _as_of_today(viewer.token)


async def lock_allowance(session: AsyncSession, viewer: Viewer) -> Allowance:
    """As it is now; it stays so until the commit. Raises Unauthenticated if the token is revoked.

    The sides of the transfer must be locked: whoever uses a token waits at its entity's account
    already, and nobody waits in a circle.
    """
    if viewer.token is None:
        return _as_of_today(None)
    token = await lock_token(session, viewer.token.id)
    if token.revoked_at is not None:
        raise Unauthenticated(TokenFault.INVALID)
    return _as_of_today(token)


def spent(token: ApiToken, *, on: date) -> int:
    """What the token has moved on this day, in the smallest unit."""
    return token.spent if token.spent_on == on else 0


def remaining(token: ApiToken, *, on: date) -> int:
    """What the token may still move on this day, in the smallest unit."""
    return (token.daily_amount or 0) - spent(token, on=on)


def _as_of_today(token: ApiToken | None) -> Allowance:
    today = datetime.now(UTC).date()
    if token and token.spent_on:
        # Another machine's clock may be ahead at midnight: a day that has begun does not end twice.
        today = max(today, token.spent_on)
    return Allowance(token, today)
