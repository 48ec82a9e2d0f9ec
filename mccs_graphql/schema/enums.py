"""The enumerations of the schema, each value with its meaning."""

from enum import Enum

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from mccs_graphql.db.models import Canceller, EntityStatus, SystemReason, TransferState
from mccs_graphql.domain.ledger.commands import Direction


def _describe(enum: type[Enum], description: str, values: dict[Enum, str]) -> None:
    """Register ``enum`` for the schema; every value must have a description."""
    strawberry.enum(enum, description=description)
    definition: StrawberryEnumDefinition = enum.__strawberry_definition__  # type: ignore[attr-defined]
    by_name = {member.name: text for member, text in values.items()}
    for value in definition.values:
        value.description = by_name[value.name]


_describe(
    EntityStatus,
    "How far an entity has come. Only TRADING_ACCEPTED may make transfers.",
    {
        EntityStatus.PENDING: "Signed up; an admin has not decided yet. Not listed.",
        EntityStatus.REJECTED: "Not admitted. Not listed.",
        EntityStatus.ACCEPTED: "Listed in the directory; has not applied for trading.",
        EntityStatus.TRADING_PENDING: "Has applied for trading.",
        EntityStatus.TRADING_ACCEPTED: "A trading member.",
        EntityStatus.TRADING_REJECTED: "Not admitted to trading.",
    },
)
_describe(
    TransferState,
    "The stage of a transfer. The last two are final.",
    {
        TransferState.INITIATED: "Proposed; the receiver has not decided.",
        TransferState.COMPLETED: "Accepted; the balances have moved.",
        TransferState.CANCELLED: "Ended without moving anything; see `cancelledBy`.",
    },
)
_describe(
    Canceller,
    "Who ended a transfer before it completed.",
    {
        Canceller.INITIATOR: "The side that proposed took it back.",
        Canceller.RECEIVER: "The side that was to decide rejected it.",
        Canceller.SYSTEM: "A rule; see `systemReason`.",
        Canceller.ADMIN: "An admin of the community.",
    },
)
_describe(
    SystemReason,
    "Why the system cancelled a transfer.",
    {
        SystemReason.PAYER_CREDIT_LIMIT: "The payer would have owed more than its limit allows.",
        SystemReason.PAYEE_BALANCE_CEILING: "The payee would have held more than its ceiling.",
    },
)
_describe(
    Direction,
    "A transfer seen from one entity.",
    {
        Direction.OUT: "The entity pays: its balance goes down.",
        Direction.IN: "The entity is paid: its balance goes up.",
    },
)
