"""The enumerations of the schema, each value with its meaning."""

from enum import Enum

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from mccs_graphql.db.models import (
    Canceller,
    EntityStatus,
    SystemReason,
    TagKind,
    TransferState,
)
from mccs_graphql.domain.directory.likeness import MatchQuality
from mccs_graphql.domain.directory.wanted import EntityOrder, MatchKind
from mccs_graphql.domain.ledger.commands import Direction

_DESCRIPTIONS: dict[type[Enum], tuple[str, dict[Enum, str]]] = {
    EntityStatus: (
        "How far an entity has come. Only TRADING_ACCEPTED may make transfers.",
        {
            EntityStatus.PENDING: "Signed up; an admin has not decided yet. Not listed.",
            EntityStatus.REJECTED: "Not admitted. Not listed.",
            EntityStatus.ACCEPTED: "Listed in the directory; has not applied for trading.",
            EntityStatus.TRADING_PENDING: "Has applied for trading.",
            EntityStatus.TRADING_ACCEPTED: "A trading member.",
            EntityStatus.TRADING_REJECTED: "Not admitted to trading.",
        },
    ),
    TransferState: (
        "The stage of a transfer. The last two are final.",
        {
            TransferState.INITIATED: "Proposed; the receiver has not decided.",
            TransferState.COMPLETED: "Accepted; the balances have moved.",
            TransferState.CANCELLED: "Ended without moving anything; see `cancelledBy`.",
        },
    ),
    Canceller: (
        "Who ended a transfer before it completed.",
        {
            Canceller.INITIATOR: "The side that proposed took it back.",
            Canceller.RECEIVER: "The side that was to decide rejected it.",
            Canceller.SYSTEM: "A rule; see `systemReason`.",
            Canceller.ADMIN: "An admin of the community.",
        },
    ),
    SystemReason: (
        "Why the system cancelled a transfer.",
        {
            SystemReason.PAYER_CREDIT_LIMIT: "The payer would owe more than its limit allows.",
            SystemReason.PAYEE_BALANCE_CEILING: "The payee would hold more than its ceiling.",
        },
    ),
    TagKind: (
        "Which of an entity's two lists a tag stands in.",
        {TagKind.OFFER: "It is offered.", TagKind.WANT: "It is wanted."},
    ),
    EntityOrder: (
        "How the entities found are sorted.",
        {
            EntityOrder.RELEVANCE: "The likest to what was looked for come first.",
            EntityOrder.NAME: "By name: accents and letter case do not count, numbers are numbers.",
            EntityOrder.NEWEST: "Those that joined last come first.",
        },
    ),
    MatchKind: (
        "Where something was found.",
        {
            MatchKind.OFFER: "The entity offers it.",
            MatchKind.WANT: "The entity wants it.",
            MatchKind.NAME: "It stands in its name.",
            MatchKind.DESCRIPTION: "It stands in its description.",
        },
    ),
    MatchQuality: (
        "How like something is to what was looked for, the likest first.",
        {
            MatchQuality.EXACT: "The same, whatever its accents, letter case or order of words.",
            MatchQuality.PREFIX: "It begins so.",
            MatchQuality.INSIDE: "It has this inside.",
            MatchQuality.SIMILAR: "It differs by a slip of the pen, or by a plural.",
        },
    ),
    Direction: (
        "A transfer seen from one entity.",
        {
            Direction.OUT: "The entity pays: its balance goes down.",
            Direction.IN: "The entity is paid: its balance goes up.",
        },
    ),
}


def register_enums() -> None:
    """Make the domain's enumerations known to Strawberry, before any type refers to one."""
    for enum, (description, values) in _DESCRIPTIONS.items():
        definition = _registered(enum, description)
        texts = {member.name: text for member, text in values.items()}
        for value in definition.values:
            value.description = texts[value.name]


def _registered(enum: type[Enum], description: str) -> StrawberryEnumDefinition:
    strawberry.enum(enum, description=description)
    definition: StrawberryEnumDefinition = enum.__strawberry_definition__  # type: ignore[attr-defined]
    return definition
