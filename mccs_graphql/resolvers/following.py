"""Following a log: what it holds after a cursor, and then as it grows."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from mccs_graphql.context import Context
from mccs_graphql.domain.events import Replay
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.schema import cursors
from mccs_graphql.schema.event import CaughtUp, ResyncRequired
from mccs_graphql.schema.scalars import refuse

Entry = TypeVar("Entry")
Message = TypeVar("Message")


@dataclass(frozen=True)
class Log(Generic[Entry]):
    """The log of an entity or of a user, which ``owner_id`` is.

    ``admit`` raises Forbidden for who may not read it; ``replay`` takes a session, the owner and
    the position ``after`` which to read. Cursors are of a ``kind``.
    """

    kind: str
    owner_id: UUID
    admit: Callable[[Viewer], None]
    replay: Callable[..., Awaitable[Replay[Entry]]]

    def cursor(self, number: int) -> str:
        """A position in this log."""
        return cursors.encode_cursor(self.kind, self.owner_id, number)

    def position(self, cursor: str | None) -> int | None:
        """Where to go on in this log, and no other."""
        if cursor is None:
            return None
        owner, number = cursors.decode_cursor(self.kind, cursor, cursors.identity, cursors.position)
        if owner != self.owner_id or not isinstance(number, int):
            refuse("This cursor is of another log.")
        return number


Show = Callable[[Context, Log[Any], Sequence[Entry]], Awaitable[Sequence[Message]]]
"""The messages that entries of a log make; some make none."""


async def follow(
    context: Context, log: Log[Entry], after: str | None, *, show: Show[Entry, Message]
) -> AsyncIterator[Message | CaughtUp | ResyncRequired]:
    """Everything after a cursor, in order, and then what is new; from now on without a cursor.

    Registered before the first read, so that nothing falls between the two. Who asks is looked up
    again before anything is sent: a session that ended, or a membership, ends the subscription.
    """
    log.admit(context.require_viewer())
    seen = log.position(after)
    async with context.services.wake_ups.listening(log.owner_id) as listener:
        caught_up = False
        while True:
            await context.look_again()
            log.admit(context.require_viewer())
            async with context.database.reading() as session:
                replay = await log.replay(session, log.owner_id, after=seen)
            seen = replay.seen
            if replay.gap:
                yield ResyncRequired(cursor=log.cursor(seen))
            for message in await show(context, log, replay.events):
                yield message
            if seen < replay.end:
                continue
            if not caught_up:
                caught_up = True
                yield CaughtUp(cursor=log.cursor(seen))
            await listener.wait(seen=seen)
