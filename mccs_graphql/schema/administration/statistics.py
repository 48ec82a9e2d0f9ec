"""The community in figures."""

from datetime import datetime

import strawberry

from mccs_graphql.db.models import EntityStatus, TransferState
from mccs_graphql.domain.access import INSPECT
from mccs_graphql.domain.money import Money
from mccs_graphql.domain.statistics import values
from mccs_graphql.domain.statistics.suppression import LEAST, TOP, Figure
from mccs_graphql.schema.access import access

_KEPT_BACK = "null if it is kept back."


@strawberry.type(description="How many members have a status.", directives=[access(INSPECT)])
class MembersOfStatus:
    status: EntityStatus = strawberry.field(description="The status that they have now.")
    count: int | None = strawberry.field(description=f"How many; {_KEPT_BACK}")


@strawberry.type(description="How many proposals are in a state.", directives=[access(INSPECT)])
class TransfersOfState:
    state: TransferState = strawberry.field(description="Their state when the period ended.")
    count: int | None = strawberry.field(description=f"How many; {_KEPT_BACK}")


@strawberry.type(description="The turnover of a month.", directives=[access(INSPECT)])
class TurnoverOfMonth:
    month: datetime = strawberry.field(description="When the month began, in UTC.")
    turnover: Money | None = strawberry.field(
        description=f"What of it lies in the period; {_KEPT_BACK}"
    )


@strawberry.type(description="How long something took, in seconds.", directives=[access(INSPECT)])
class WaitingTimes:
    median: int = strawberry.field(description="Half of them took longer.")
    p90: int = strawberry.field(description="One in ten took longer.")

    @classmethod
    def of(cls, value: values.Waits | None) -> "WaitingTimes | None":
        """As clients see them."""
        return None if value is None else cls(median=value.median, p90=value.p90)


@strawberry.type(
    description=f"The community in figures. One that rests on one to {LEAST - 1} entities is null, "
    "and named in `suppressed`; one that is null and not named has nothing to rest on. A trade is "
    "a completed transfer that was not reversed before the period ended, and is no reversal, and "
    "does not settle the balance of an entity that was deleted. Entities that are deleted are no "
    "members.",
    directives=[access(INSPECT)],
)
class CommunityStatistics:
    from_: datetime = strawberry.field(name="from", description="The period begins here.")
    to: datetime = strawberry.field(description="It ends before this moment.")
    measured_at: datetime = strawberry.field(
        description="The moment of which all figures are, by the database's clock."
    )
    least_entities: int = strawberry.field(
        description="So many entities a figure has to rest on, or on none."
    )
    suppressed: list[Figure] = strawberry.field(
        description="The figures that are kept back, whole or in part."
    )
    members: list[MembersOfStatus] = strawberry.field(
        description="Every status, with the members that have it now."
    )
    transfers: list[TransfersOfState] = strawberry.field(
        description="What became, before the period ended, of what members proposed in it."
    )
    turnover: Money | None = strawberry.field(description="The sum of the trades of the period.")
    turnover_by_month: list[TurnoverOfMonth] = strawberry.field(
        description="The same for each calendar month in UTC, the earliest first."
    )
    top_ten_turnover_share: float | None = strawberry.field(
        description=f"What part of the turnover went to the {TOP} that were paid most, 0 to 1. "
        f"Rests on at least {TOP + LEAST} that were paid."
    )
    velocity: float | None = strawberry.field(
        description="How often a credit in use changes hands in a year: the turnover, brought to "
        "365.25 days, by `creditInUse`."
    )
    credit_in_use: Money | None = strawberry.field(
        description="What members owed together when the period ended: the sum of the negative "
        "balances, from the postings. It is also what the others held."
    )
    credit_allowed: Money | None = strawberry.field(
        description="What they might have owed: the limits of that time of those who trade now."
    )
    at_max_negative_balance: int | None = strawberry.field(
        description="How many of those who trade owed then all they might. Zero is no debt."
    )
    at_max_positive_balance: int | None = strawberry.field(
        description="How many of those who trade held then all they might. Zero is no holding."
    )
    top_ten_balance_share: float | None = strawberry.field(
        description=f"What part of the positive balances the {TOP} largest had then, 0 to 1. "
        f"Rests on at least {TOP + LEAST} of them."
    )
    balance_gini: float | None = strawberry.field(
        description="How unequal the positive balances were then: 0 if all are equal, towards 1 "
        "if one has nearly all."
    )
    new_members: int | None = strawberry.field(description="How many joined in the period.")
    new_members_traded: int | None = strawberry.field(
        description="How many of them traded before it ended, on either side."
    )
    time_to_first_trade: WaitingTimes | None = strawberry.field(
        description="How long it took these from joining to the first trade."
    )
    time_to_decision: WaitingTimes | None = strawberry.field(
        description="How long what was decided in the period had waited: accepted, rejected, or "
        "cancelled by a rule when it was to be accepted."
    )

    @classmethod
    def of(cls, value: values.Statistics) -> "CommunityStatistics":
        """As clients see them."""
        trade, credit, newcomers = value.trade, value.credit, value.newcomers
        return cls(
            from_=value.period.since,
            to=value.period.until,
            measured_at=value.measured_at,
            least_entities=LEAST,
            suppressed=list(value.suppressed),
            members=[MembersOfStatus(status=key, count=n) for key, n in value.members.items()],
            transfers=[TransfersOfState(state=key, count=n) for key, n in value.transfers.items()],
            turnover=trade.turnover,
            turnover_by_month=[
                TurnoverOfMonth(month=month, turnover=amount)
                for month, amount in trade.by_month.items()
            ],
            top_ten_turnover_share=trade.top_ten_share,
            velocity=value.velocity,
            credit_in_use=credit.in_use,
            credit_allowed=credit.allowed,
            at_max_negative_balance=credit.at_max_negative,
            at_max_positive_balance=credit.at_max_positive,
            top_ten_balance_share=credit.top_ten_share,
            balance_gini=credit.gini,
            new_members=newcomers.joined,
            new_members_traded=newcomers.traded,
            time_to_first_trade=WaitingTimes.of(newcomers.waits),
            time_to_decision=WaitingTimes.of(value.decisions),
        )
