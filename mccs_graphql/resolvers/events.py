"""Listening to what happens to an entity."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from typing import Annotated, TypeVar
from uuid import UUID

import strawberry

from mccs_graphql.context import Context
from mccs_graphql.db.models import Event
from mccs_graphql.domain import events
from mccs_graphql.domain.access import READ
from mccs_graphql.domain.cursors import LOG, log_cursor
from mccs_graphql.schema import cursors
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import Entity
from mccs_graphql.schema.event import (
    CaughtUp,
    MatchEventsMessage,
    MatchFound,
    ResyncRequired,
    TransferCancelled,
    TransferCompleted,
    TransferEventsMessage,
    TransferProposed,
    TransferProposedMessage,
    transfer_event,
)
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.transfer import Transfer

CURSOR = LOG

EntityId = Annotated[strawberry.ID, strawberry.argument(description="An entity you act for.")]
AfterCursor = Annotated[
    str | None,
    strawberry.argument(
        description="The last cursor you have: what was missed is sent first. Without it, the "
        "subscription starts now."
    ),
]


Message = TypeVar("Message")
Show = Callable[[Context, UUID, Sequence[Event]], Awaitable[Sequence[Message]]]
"""The messages that events of an entity's log make; some make none."""


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
        async for message in _follow(info.context, own, after, show=_transfer_events):
            yield message

    @strawberry.subscription(
        description="The transfers that others propose to the entity: those it is to decide.",
        directives=[access(READ)],
    )
    async def transfer_proposed(
        self, info: Info, entity_id: EntityId, after: AfterCursor = None
    ) -> AsyncGenerator[TransferProposedMessage, None]:
        own = id_of(IdPrefix.ENTITY, entity_id)
        async for message in _follow(info.context, own, after, show=_proposals):
            yield message

    @strawberry.subscription(
        description="Matches that come up because others begin to offer or to want something.",
        directives=[access(READ)],
    )
    async def match_events(
        self, info: Info, entity_id: EntityId, after: AfterCursor = None
    ) -> AsyncGenerator[MatchEventsMessage, None]:
        own = id_of(IdPrefix.ENTITY, entity_id)
        async for message in _follow(info.context, own, after, show=_matches):
            yield message


async def _follow(
    context: Context, entity_id: UUID, after: str | None, *, show: Show[Message]
) -> AsyncIterator[Message | CaughtUp | ResyncRequired]:
    """The entity's log after a cursor, and then as it grows.

    Registered before the first read, so that nothing falls between the two. Who asks is looked up
    again before anything is sent: a session that ended, or a membership, ends the subscription.
    """
    context.require_viewer().require(READ, entity_id)
    seen = _position(entity_id, after)
    async with context.services.wake_ups.listening(entity_id) as listener:
        caught_up = False
        while True:
            await context.look_again()
            context.require_viewer().require(READ, entity_id)
            async with context.database.reading() as session:
                replay = await events.replay(session, entity_id, after=seen)
            if replay.gap:
                seen = replay.end
                yield ResyncRequired(cursor=log_cursor(entity_id, seen))
            for message in await show(context, entity_id, replay.events):
                yield message
            seen = replay.events[-1].seq if replay.events else replay.end
            if seen < replay.end:
                continue
            if not caught_up:
                caught_up = True
                yield CaughtUp(cursor=log_cursor(entity_id, seen))
            await listener.wait(seen=seen)


async def _transfer_events(
    context: Context, entity_id: UUID, log: Sequence[Event]
) -> list[TransferProposed | TransferCompleted | TransferCancelled]:
    """What happened to transfers, which are read in one go."""
    ids = {event.seq: event.transfer_id for event in log if event.transfer_id is not None}
    rows = await context.loaders.transfers.load_many(list(ids.values())) if ids else []
    transfers = dict(zip(ids, rows, strict=True))
    return [
        transfer_event(event, cursor=log_cursor(entity_id, event.seq), transfer=Transfer.of(row))
        for event in log
        if (row := transfers.get(event.seq)) is not None
    ]


async def _proposals(
    context: Context, entity_id: UUID, log: Sequence[Event]
) -> list[TransferProposed]:
    """Of that, the proposals that are the entity's to decide."""
    messages = await _transfer_events(context, entity_id, log)
    return [
        message
        for message in messages
        if isinstance(message, TransferProposed) and message.is_for(entity_id)
    ]


async def _matches(context: Context, entity_id: UUID, log: Sequence[Event]) -> list[MatchFound]:
    """The entities that match and may be seen, read in one go."""
    ids = {event.seq: event.match_id for event in log if event.match_id is not None}
    rows = await context.loaders.entities.load_many(list(ids.values())) if ids else []
    entities = dict(zip(ids, rows, strict=True))
    return [
        MatchFound(
            owner_id=entity_id,
            cursor=log_cursor(entity_id, event.seq),
            occurred_at=event.recorded_at,
            entity=Entity.of(row),
        )
        for event in log
        if (row := entities.get(event.seq)) is not None
    ]


def _position(entity_id: UUID, cursor: str | None) -> int | None:
    """Where to go on in the log of this entity, and no other."""
    return None if cursor is None else cursors.log_position(entity_id, cursor)
