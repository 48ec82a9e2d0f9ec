"""Listening to what happens to an entity."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated
from uuid import UUID

import strawberry

from mccs_graphql.context import Context
from mccs_graphql.domain import events
from mccs_graphql.schema import cursors
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.event import (
    CaughtUp,
    ResyncRequired,
    TransferEventsMessage,
    TransferProposed,
    TransferProposedMessage,
    transfer_event,
)
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.scalars import refuse
from mccs_graphql.schema.transfer import Transfer

CURSOR = "log"

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
        description="What happens to the entity's transfers, in order, nothing twice."
    )
    async def transfer_events(
        self, info: Info, entity_id: EntityId, after: AfterCursor = None
    ) -> AsyncGenerator[TransferEventsMessage, None]:
        async for message in _follow(info.context, id_of(IdPrefix.ENTITY, entity_id), after):
            yield message

    @strawberry.subscription(
        description="The transfers that others propose to the entity: those it is to decide."
    )
    async def transfer_proposed(
        self, info: Info, entity_id: EntityId, after: AfterCursor = None
    ) -> AsyncGenerator[TransferProposedMessage, None]:
        own = id_of(IdPrefix.ENTITY, entity_id)
        async for message in _follow(info.context, own, after):
            if isinstance(message, CaughtUp | ResyncRequired):
                yield message
            if isinstance(message, TransferProposed) and message.is_for(own):
                yield message


async def _follow(
    context: Context, entity_id: UUID, after: str | None
) -> AsyncIterator[TransferEventsMessage]:
    """The entity's log after a cursor, and then as it grows.

    Registered before the first read, so that nothing falls between the two. Who asks is looked up
    again before anything is sent: a session that ended, or a membership, ends the subscription.
    """
    context.require_viewer().require_member_of(entity_id)
    seen = _position(entity_id, after)
    async with context.services.wake_ups.listening(entity_id) as listener:
        caught_up = False
        while True:
            await context.look_again()
            context.require_viewer().require_member_of(entity_id)
            async with context.database.reading() as session:
                replay = await events.replay(session, entity_id, after=seen)
            if replay.gap:
                seen = replay.end
                yield ResyncRequired(cursor=_cursor(entity_id, seen))
            async for message in _messages(context, entity_id, replay):
                yield message
            seen = replay.events[-1].seq if replay.events else replay.end
            if seen < replay.end:
                continue
            if not caught_up:
                caught_up = True
                yield CaughtUp(cursor=_cursor(entity_id, seen))
            await listener.wait(seen=seen)


async def _messages(
    context: Context, entity_id: UUID, replay: events.Replay
) -> AsyncIterator[TransferEventsMessage]:
    """The events of a replay as clients see them, their transfers read in one go."""
    ids = [event.transfer_id for event in replay.events]
    transfers = await context.loaders.transfers.load_many(ids) if ids else []
    for event, transfer in zip(replay.events, transfers, strict=True):
        if transfer is not None:
            cursor = _cursor(entity_id, event.seq)
            yield transfer_event(event, cursor=cursor, transfer=Transfer.of(transfer))


def _cursor(entity_id: UUID, seq: int) -> str:
    return cursors.encode_cursor(CURSOR, entity_id, seq)


def _position(entity_id: UUID, cursor: str | None) -> int | None:
    """Where to go on in the log of this entity, and no other."""
    if cursor is None:
        return None
    owner, seq = cursors.decode_cursor(CURSOR, cursor, cursors.identity, cursors.position)
    if owner != entity_id or not isinstance(seq, int):
        refuse("This cursor is of another entity's log.")
    return seq
