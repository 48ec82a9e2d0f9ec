"""Listening to what happens to an entity."""

from collections.abc import AsyncGenerator, Sequence
from typing import Annotated
from uuid import UUID

import strawberry

from mccs_graphql.context import Context
from mccs_graphql.db.models import Event
from mccs_graphql.domain import events
from mccs_graphql.domain.access import READ
from mccs_graphql.domain.cursors import LOG
from mccs_graphql.resolvers.following import Log, follow
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import Entity
from mccs_graphql.schema.event import (
    MatchEventsMessage,
    MatchFound,
    TransferCancelled,
    TransferCompleted,
    TransferEventsMessage,
    TransferProposed,
    TransferProposedMessage,
    transfer_event,
)
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.transfer import Transfer

EntityId = Annotated[strawberry.ID, strawberry.argument(description="An entity you act for.")]
AfterCursor = Annotated[
    str | None,
    strawberry.argument(
        description="The last cursor you have: what was missed is sent first. Without it, the "
        "subscription starts now."
    ),
]


@strawberry.type
class EventSubscription:
    @strawberry.subscription(
        description="What happens to the entity's transfers, in order, nothing twice.",
        directives=[access(READ)],
    )
    async def transfer_events(
        self, info: Info, entity_id: EntityId, after: AfterCursor = None
    ) -> AsyncGenerator[TransferEventsMessage, None]:
        own = id_of(IdPrefix.ENTITY, entity_id)
        async for message in follow(info.context, _log(own), after, show=_transfer_events):
            yield message

    @strawberry.subscription(
        description="The transfers that others propose to the entity: those it is to decide.",
        directives=[access(READ)],
    )
    async def transfer_proposed(
        self, info: Info, entity_id: EntityId, after: AfterCursor = None
    ) -> AsyncGenerator[TransferProposedMessage, None]:
        own = id_of(IdPrefix.ENTITY, entity_id)
        async for message in follow(info.context, _log(own), after, show=_proposals):
            yield message

    @strawberry.subscription(
        description="Matches that come up because others begin to offer or to want something.",
        directives=[access(READ)],
    )
    async def match_events(
        self, info: Info, entity_id: EntityId, after: AfterCursor = None
    ) -> AsyncGenerator[MatchEventsMessage, None]:
        own = id_of(IdPrefix.ENTITY, entity_id)
        async for message in follow(info.context, _log(own), after, show=_matches):
            yield message


def _log(entity_id: UUID) -> Log[Event]:
    """What happened to the entity, for those who may read what is private to it."""
    return Log(
        kind=LOG,
        owner_id=entity_id,
        admit=lambda viewer: viewer.require(READ, entity_id),
        replay=events.replay,
    )


async def _transfer_events(
    context: Context, log: Log[Event], happened: Sequence[Event]
) -> list[TransferProposed | TransferCompleted | TransferCancelled]:
    """What happened to transfers, which are read in one go."""
    ids = {event.seq: event.transfer_id for event in happened if event.transfer_id is not None}
    rows = await context.loaders.transfers.load_many(list(ids.values())) if ids else []
    transfers = dict(zip(ids, rows, strict=True))
    return [
        transfer_event(event, cursor=log.cursor(event.seq), transfer=Transfer.of(row))
        for event in happened
        if (row := transfers.get(event.seq)) is not None
    ]


async def _proposals(
    context: Context, log: Log[Event], happened: Sequence[Event]
) -> list[TransferProposed]:
    """Of that, the proposals that are the entity's to decide."""
    messages = await _transfer_events(context, log, happened)
    return [
        message
        for message in messages
        if isinstance(message, TransferProposed) and message.is_for(log.owner_id)
    ]


async def _matches(
    context: Context, log: Log[Event], happened: Sequence[Event]
) -> list[MatchFound]:
    """The entities that match and may be seen, read in one go."""
    ids = {event.seq: event.match_id for event in happened if event.match_id is not None}
    rows = await context.loaders.entities.load_many(list(ids.values())) if ids else []
    entities = dict(zip(ids, rows, strict=True))
    return [
        MatchFound(
            owner_id=log.owner_id,
            cursor=log.cursor(event.seq),
            occurred_at=event.recorded_at,
            entity=Entity.of(row),
        )
        for event in happened
        if (row := entities.get(event.seq)) is not None
    ]
