"""The figures themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mccs_graphql.db.models import EntityStatus, TransferState
from mccs_graphql.domain.money import Money
from mccs_graphql.domain.statistics.period import Period
from mccs_graphql.domain.statistics.suppression import Figure


@dataclass(frozen=True)
class Waits:
    """How long something took, in whole seconds: half took longer, and one in ten."""

    median: int
    p90: int


@dataclass(frozen=True)
class Trade:
    """What was paid, in smallest units; months by their beginnings."""

    turnover: Money | None
    by_month: Mapping[datetime, Money | None]
    top_ten_share: float | None


@dataclass(frozen=True)
class Credit:
    """Balances and limits when the period ended, in smallest units; shares and Gini 0 to 1."""

    in_use: Money | None
    allowed: Money | None
    at_max_negative: int | None
    at_max_positive: int | None
    top_ten_share: float | None
    gini: float | None


@dataclass(frozen=True)
class Newcomers:
    """Who joined in the period, and traded before its end."""

    joined: int | None
    traded: int | None
    waits: Waits | None


@dataclass(frozen=True)
class Statistics:
    """The figures; one that is kept back is None, and its name is in ``suppressed``."""

    period: Period
    measured_at: datetime
    members: Mapping[EntityStatus, int | None]
    transfers: Mapping[TransferState, int | None]
    trade: Trade
    velocity: float | None
    credit: Credit
    newcomers: Newcomers
    decisions: Waits | None
    suppressed: tuple[Figure, ...]
