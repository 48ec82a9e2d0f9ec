"""What a subscription sends."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from mccs_graphql.db.models import Event as EventRow
from mccs_graphql.db.models import EventKind
from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.directory.matching import read_matching
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import Entity
from mccs_graphql.schema.match import MatchReason, load_reasons
from mccs_graphql.schema.transfer import Transfer


@strawberry.interface(description="A message about an entity's log.", directives=[access(HOLDER)])
class LogMessage:
    cursor: str = strawberry.field(
        description="Where the log stands. Keep it, and give it as `after` when you come back."
    )


@strawberry.interface(description="Something happened to a transfer.", directives=[access(HOLDER)])
class TransferEvent(LogMessage):
    occurred_at: datetime = strawberry.field(description="When it happened.")
    transfer: Transfer = strawberry.field(description="The transfer as it is by now.")


@strawberry.type(
    description="A transfer was proposed, by or to the entity.", directives=[access(HOLDER)]
)
class TransferProposed(TransferEvent):
    def is_for(self, entity_id: UUID) -> bool:
        """Whether it is this entity's to decide."""
        return self.transfer.row.receiver_id == entity_id


@strawberry.type(
    description="A transfer was accepted, or made by an admin; the balances have moved.",
    directives=[access(HOLDER)],
)
class TransferCompleted(TransferEvent):
    pass


@strawberry.type(
    description="A transfer was rejected or cancelled; see its `cancelledBy`.",
    directives=[access(HOLDER)],
)
class TransferCancelled(TransferEvent):
    pass


@strawberry.type(
    description="An entity began to offer what yours wants, or to want what yours offers.",
    directives=[access(HOLDER)],
)
class MatchFound(LogMessage):
    owner_id: strawberry.Private[UUID]
    occurred_at: datetime = strawberry.field(description="When it was found.")
    entity: Entity = strawberry.field(description="The entity that matches.")

    @strawberry.field(
        description="Why it matches by now, the best reason first; empty if it does not any more."
    )
    async def reasons(self, info: Info) -> list[MatchReason] | None:
        async with info.context.database.reading() as session:
            matching = await read_matching(session, self.owner_id)
        return await load_reasons(info, matching, self.entity.row.id)


@strawberry.type(
    description="Everything that had happened has been sent; what follows happens now. The first "
    "message of a subscription without `after`.",
    directives=[access(HOLDER)],
)
class CaughtUp(LogMessage):
    pass


@strawberry.type(
    description="What followed `after` is not kept any more: fetch the state anew and go on from "
    "this cursor.",
    directives=[access(HOLDER)],
)
class ResyncRequired(LogMessage):
    pass


TransferEventsMessage = Annotated[
    TransferProposed | TransferCompleted | TransferCancelled | CaughtUp | ResyncRequired,
    strawberry.union("TransferEventsMessage", description="What `transferEvents` sends."),
]
TransferProposedMessage = Annotated[
    TransferProposed | CaughtUp | ResyncRequired,
    strawberry.union("TransferProposedMessage", description="What `transferProposed` sends."),
]
MatchEventsMessage = Annotated[
    MatchFound | CaughtUp | ResyncRequired,
    strawberry.union("MatchEventsMessage", description="What `matchEvents` sends."),
]

_TYPES: dict[EventKind, type[TransferProposed | TransferCompleted | TransferCancelled]] = {
    EventKind.TRANSFER_PROPOSED: TransferProposed,
    EventKind.TRANSFER_COMPLETED: TransferCompleted,
    EventKind.TRANSFER_CANCELLED: TransferCancelled,
}


def transfer_event(
    row: EventRow, *, cursor: str, transfer: Transfer
) -> TransferProposed | TransferCompleted | TransferCancelled:
    """The event as clients see it."""
    return _TYPES[row.kind](cursor=cursor, occurred_at=row.recorded_at, transfer=transfer)
