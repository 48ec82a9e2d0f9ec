"""Changing what members of a status start with, and who follows."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import EntityStatus, LimitChange, LimitDefault
from mccs_graphql.db.queries import limits as queries
from mccs_graphql.db.queries.limits import Followers
from mccs_graphql.domain.administration.ledger_refusals import BalancesOutOfLimits
from mccs_graphql.domain.administration.limits import (
    NewLimits,
    require_expected,
    require_valid,
    tell_members,
)
from mccs_graphql.domain.audit.changes import CREATED, because, note
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.ledger.limits import Limits


class ApplyTo(StrEnum):
    """Whom a new default is for."""

    NEW_MEMBERS = "NEW_MEMBERS"
    ALL_AT_DEFAULT = "ALL_AT_DEFAULT"


@dataclass(frozen=True)
class DefaultLimits:
    """What members of a status start with; without a ``row`` as the settings say."""

    status: EntityStatus
    limits: Limits
    row: LimitDefault | None


@dataclass(frozen=True)
class Preview:
    """Who would follow a new default, and who of them would be out of it."""

    following: Followers
    out_of_range: Followers


async def read_defaults(session: AsyncSession, *, initial: Limits) -> list[DefaultLimits]:
    """Those of every status."""
    rows = {row.status: row for row in await queries.all_defaults(session)}
    return [_default(status, rows.get(status), initial) for status in EntityStatus]


async def preview(
    session: AsyncSession, status: EntityStatus, limits: Limits, *, initial: Limits
) -> Preview:
    """What the new limits would mean for the members of a status whose limits are the default."""
    current = _default(status, await queries.find_default(session, status, held=False), initial)
    old, new = _pair(current.limits), _pair(limits)
    return Preview(Followers(status, old), Followers(status, old, beyond=new))


async def change_default(
    session: AsyncSession,
    viewer: Viewer,
    status: EntityStatus,
    new: NewLimits,
    *,
    initial: Limits,
    apply_to: ApplyTo,
) -> tuple[DefaultLimits, int]:
    """Set what members of a status start with; and how many followed, all in this transaction.

    Raises InvalidInput, LimitsChanged, BalancesOutOfLimits.
    """
    require_valid(new)
    row = await queries.lock_default(session, status)
    current = _default(status, row, initial)
    require_expected(current.limits, new)
    because(session, new.reason)
    changed = await _keep(session, status, row, new, admin_id=viewer.id)
    followed = 0
    if apply_to is ApplyTo.ALL_AT_DEFAULT and new.limits != current.limits:
        followers = Followers(status, _pair(current.limits))
        followed = await _follow(session, followers, new, admin_id=viewer.id)
    return DefaultLimits(status, new.limits, changed), followed


async def _keep(
    session: AsyncSession,
    status: EntityStatus,
    row: LimitDefault | None,
    new: NewLimits,
    *,
    admin_id: UUID,
) -> LimitDefault:
    moment = await queries.now(session)
    if row is None:
        row = LimitDefault(status=status)
        session.add(row)
    row.max_negative_balance = new.limits.max_negative_balance
    row.max_positive_balance = new.limits.max_positive_balance
    row.reason, row.changed_by = new.reason.strip(), admin_id
    row.changed_at = moment
    await session.flush()
    return row


async def _follow(
    session: AsyncSession, followers: Followers, new: NewLimits, *, admin_id: UUID
) -> int:
    """Take the followers along, batch by batch in the order in which transfers lock accounts."""
    followed = outside = 0
    last = UUID(int=0)
    while ids := await queries.lock_followers(session, followers, after=last):
        changes = await queries.change_many(
            session, ids, to=_pair(new.limits), reason=new.reason.strip(), admin_id=admin_id
        )
        outside += sum(1 for change in changes if change.forced)
        await tell_members(session, {change.entity_id: change.number for change in changes})
        followed, last = followed + len(ids), ids[-1]
    if outside and not new.force:
        raise BalancesOutOfLimits(members=outside)
    note(
        session,
        LimitChange,
        followers.status.value,
        what=CREATED,
        fields={"members": (None, followed), "outOfRange": (None, outside)},
    )
    return followed


def _default(status: EntityStatus, row: LimitDefault | None, initial: Limits) -> DefaultLimits:
    return DefaultLimits(status, initial if row is None else Limits.of(row), row)


def _pair(limits: Limits) -> tuple[int, int]:
    return limits.max_negative_balance, limits.max_positive_balance
