"""Looking through the outbox, as admins do."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from mccs_graphql.db.models import Mail, MailKind, MailState
from mccs_graphql.db.queries.keyset import Ordering, Page, Shape, Window, page_of

NEWEST_FIRST = Ordering((Mail.id,), descending=True)
COUNTED_MAX = 10_000
"""Counting further takes longer than anybody should wait for a number."""


@dataclass(frozen=True)
class MailFilter:
    """Which mails; no ``kinds`` stand for any. ``since`` is included, ``until`` is not."""

    states: frozenset[MailState] = frozenset((MailState.FAILED,))
    kinds: frozenset[MailKind] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """What a row has to fulfil besides its state."""
        found: list[ColumnElement[bool]] = []
        if self.kinds:
            found.append(Mail.kind.in_(sorted(self.kinds)))
        if self.since is not None:
            found.append(Mail.created_at >= self.since)
        if self.until is not None:
            found.append(Mail.created_at < self.until)
        return found


async def page_of_mails(session: AsyncSession, wanted: MailFilter, window: Window) -> Page[Mail]:
    """A window of the mails, the newest first, in one statement."""
    rows = await session.scalars(_merged(wanted, window.shape), window.parameters)
    return page_of(rows.all(), window)


async def count_mails(session: AsyncSession, wanted: MailFilter) -> int | None:
    """How many there are; None if they are more than ``COUNTED_MAX``."""
    some = select(literal(1)).where(Mail.state.in_(sorted(wanted.states)), *wanted.conditions)
    found = await session.scalar(
        select(func.count()).select_from(some.limit(COUNTED_MAX + 1).subquery())
    )
    return found if found is not None and found <= COUNTED_MAX else None


def _merged(wanted: MailFilter, shape: Shape) -> Select[Mail]:
    """The windows of each state, merged: an index has the mails of one state in their order."""
    parts = [
        NEWEST_FIRST.apply(select(Mail).where(Mail.state == state, *wanted.conditions), shape)
        for state in sorted(wanted.states)
    ]
    merged = union_all(*(select(part.subquery()) for part in parts)).subquery()
    part = aliased(Mail, merged)
    return NEWEST_FIRST.for_part(part).apply(select(part), shape)
