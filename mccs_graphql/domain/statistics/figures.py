"""Measuring the community over a period."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import EntityStatus, TransferState
from mccs_graphql.db.queries import statistics as queries
from mccs_graphql.db.queries.limits import now
from mccs_graphql.domain.money import Money
from mccs_graphql.domain.statistics.period import Period, require_measurable
from mccs_graphql.domain.statistics.suppression import LEAST, TOP, Figure, Screen, hidden
from mccs_graphql.domain.statistics.values import Credit, Newcomers, Statistics, Trade, Waits

CROWD = TOP + LEAST
"""Entities that a share of the ten largest has to rest on: it tells of the others too."""
DECIMALS = 4
"""Of shares and of the velocity."""


async def measure(session: AsyncSession, period: Period) -> Statistics:
    """The figures, by nine statements, which see the same moment in a snapshot only.

    Raises InvalidInput for a period that is empty, too long, or not over yet.
    """
    await queries.make_room(session)
    measured_at = await now(session)
    require_measurable(period, now=measured_at)
    return await _Measuring(session, period).all(measured_at)


class _Measuring:
    """Each method asks at most one question, and screens its answer."""

    def __init__(self, session: AsyncSession, period: Period) -> None:
        self._session = session
        self._period = period
        self._times = {"since": period.since, "until": period.until}
        self._screen = Screen()

    async def all(self, measured_at: datetime) -> Statistics:
        trade, credit = await self._trade(), await self._credit()
        return Statistics(
            period=self._period,
            measured_at=measured_at,
            members=await self._members(),
            transfers=await self._transfers(),
            trade=trade,
            velocity=self._velocity(trade.turnover, credit.in_use),
            credit=credit,
            newcomers=await self._newcomers(),
            decisions=await self._decisions(),
            suppressed=self._screen.suppressed,
        )

    async def _members(self) -> dict[EntityStatus, int | None]:
        """They add up to nothing that is told; who is listed shows its status anyway."""
        rows = await queries.several(self._session, queries.MEMBERS, {})
        counts = {EntityStatus(row.status): row.entities for row in rows}
        return {
            status: self._screen.let(Figure.MEMBERS, number, entities=number)
            for status in EntityStatus
            for number in [counts.get(status, 0)]
        }

    async def _transfers(self) -> dict[TransferState, int | None]:
        rows = await queries.several(self._session, queries.PROPOSALS, self._times)
        found = {TransferState(row.state): row for row in rows}
        kept = hidden({state: row.entities for state, row in found.items()})
        counts = {state: found[state].transfers if state in found else 0 for state in TransferState}
        return {
            state: self._screen.unless(Figure.TRANSFERS, number, hidden=state in kept)
            for state, number in counts.items()
        }

    async def _trade(self) -> Trade:
        row, let = await queries.one(self._session, queries.TURNOVER, self._times), self._screen.let
        share = _ratio(row.top_ten)
        return Trade(
            turnover=let(Figure.TURNOVER, Money(int(row.turnover)), entities=row.entities),
            by_month=await self._by_month(),
            top_ten_share=let(
                Figure.TOP_TEN_TURNOVER_SHARE, share, entities=row.payees, least=CROWD
            ),
        )

    async def _by_month(self) -> dict[datetime, Money | None]:
        rows = await queries.several(self._session, queries.MONTHS, self._times)
        kept = hidden({row.month: row.entities for row in rows})
        amounts = {row.month: Money(int(row.turnover)) for row in rows}
        return {
            month: self._screen.unless(
                Figure.TURNOVER_BY_MONTH, amounts.get(month, Money(0)), hidden=month in kept
            )
            for month in self._period.months
        }

    async def _credit(self) -> Credit:
        row = await queries.one(self._session, queries.BALANCES, self._times)
        let = self._screen.let
        at_floor, at_ceiling = row.at_floor, row.at_ceiling
        return Credit(
            in_use=let(Figure.CREDIT_IN_USE, Money(int(row.in_use)), entities=row.involved),
            allowed=let(Figure.CREDIT_ALLOWED, Money(int(row.allowed)), entities=row.allowed_to),
            at_max_negative=let(Figure.AT_MAX_NEGATIVE_BALANCE, at_floor, entities=at_floor),
            at_max_positive=let(Figure.AT_MAX_POSITIVE_BALANCE, at_ceiling, entities=at_ceiling),
            top_ten_share=let(
                Figure.TOP_TEN_BALANCE_SHARE,
                _ratio(row.top_ten),
                entities=row.holders,
                least=CROWD,
            ),
            gini=let(Figure.BALANCE_GINI, _ratio(row.gini), entities=row.holders),
        )

    def _velocity(self, turnover: Money | None, in_use: Money | None) -> float | None:
        if turnover is None or in_use is None:
            return self._screen.unless(Figure.VELOCITY, None, hidden=True)
        return round(turnover * self._period.per_year / in_use, DECIMALS) if in_use else None

    async def _newcomers(self) -> Newcomers:
        row = await queries.one(self._session, queries.NEWCOMERS, self._times)
        let = self._screen.let
        parts = hidden({"traded": row.traded, "others": row.joined - row.traded})
        return Newcomers(
            joined=let(Figure.NEW_MEMBERS, row.joined, entities=row.joined),
            traded=self._screen.unless(Figure.NEW_MEMBERS_TRADED, row.traded, hidden=bool(parts)),
            waits=let(Figure.TIME_TO_FIRST_TRADE, _waits(row), entities=row.traded),
        )

    async def _decisions(self) -> Waits | None:
        row = await queries.one(self._session, queries.DECISIONS, self._times)
        return self._screen.let(Figure.TIME_TO_DECISION, _waits(row), entities=row.entities)


def _ratio(found: Any) -> float | None:
    return None if found is None else round(float(found), DECIMALS)


def _waits(row: Row[Any]) -> Waits | None:
    return None if row.median is None else Waits(_seconds(row.median), _seconds(row.p90))


def _seconds(waited: timedelta) -> int:
    return round(waited.total_seconds())
