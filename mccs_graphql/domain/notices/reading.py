"""A user's own notices: what is new, and what has been read."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Notice
from mccs_graphql.db.queries import notices as queries
from mccs_graphql.domain import text
from mccs_graphql.domain.audit.changes import note
from mccs_graphql.domain.errors import Problem
from mccs_graphql.domain.events import BEYOND, REPLAY_PAGE, Replay, replay_of
from mccs_graphql.domain.identity.viewer import Viewer

IDS_MAX = 100
"""Notices that are marked by their ids at once."""
FORGOTTEN_MAX = 1_000
"""Old notices that are removed in one transaction."""


async def replay(session: AsyncSession, user_id: UUID, *, after: int | None) -> Replay[Notice]:
    """The user's next notices by their numbers, at most ``REPLAY_PAGE``; as events are replayed."""
    position = BEYOND if after is None else after
    end, found = await queries.read_on(session, user_id, after=position, most=REPLAY_PAGE)
    numbered = [(notice.number, notice) for notice in found if notice.number is not None]
    return replay_of(numbered, after=after, end=end)


async def mark_read(session: AsyncSession, viewer: Viewer, ids: Collection[UUID]) -> int:
    """Note that the viewer has read these; how many are still unread. Raises InvalidInput.

    Notices of others, and ids of nothing, are passed over.
    """
    if len(ids) > IDS_MAX:
        text.require(iter([Problem(("ids",), "TOO_MANY", f"At most {IDS_MAX} at a time.")]))
    return await _left(session, viewer, await queries.mark_read(session, viewer.id, ids))


async def mark_read_before(session: AsyncSession, viewer: Viewer, moment: datetime) -> int:
    """The same for all that are older than a moment."""
    return await _left(session, viewer, await queries.mark_read_before(session, viewer.id, moment))


async def forget_next(session: AsyncSession, *, older_than: timedelta) -> bool:
    """Remove some notices that are too old; whether there may be more."""
    return await queries.forget(session, older_than=older_than, most=FORGOTTEN_MAX) == FORGOTTEN_MAX


async def _left(session: AsyncSession, viewer: Viewer, read: int) -> int:
    note(session, Notice, viewer.id, fields={"read": (None, read)})
    return await queries.count_unread(session, viewer.id)
