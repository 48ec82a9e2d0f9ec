"""Changing the limits of one account."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Account, LimitChange, NoticeKind
from mccs_graphql.db.models.transfer import AMOUNT_MAX, REASON_MAX
from mccs_graphql.db.queries import limits as queries
from mccs_graphql.db.queries import users
from mccs_graphql.domain import text
from mccs_graphql.domain.administration.ledger_refusals import (
    AccountNotFound,
    BalanceOutOfLimits,
    LimitsChanged,
)
from mccs_graphql.domain.audit.changes import because
from mccs_graphql.domain.errors import Problem
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.ledger.limits import Limits
from mccs_graphql.domain.money import Money
from mccs_graphql.domain.notices.notifying import News, notify


@dataclass(frozen=True)
class NewLimits:
    """What limits are to be, instead of the ``expected`` ones that the admin saw.

    ``force``: also if a balance lies outside of them.
    """

    limits: Limits
    expected: Limits
    reason: str
    force: bool


def require_valid(new: NewLimits) -> None:
    """Raise InvalidInput unless limits and reason can be kept."""
    text.require(_problems(new))


def require_expected(current: Limits, new: NewLimits) -> None:
    """Raise LimitsChanged if somebody else was faster."""
    if current != new.expected:
        raise LimitsChanged(current.max_negative_balance, current.max_positive_balance)


async def change_limits(
    session: AsyncSession, viewer: Viewer, entity_id: UUID, new: NewLimits
) -> Account:
    """Give an account new limits, keep their history, and tell the members. The same again changes
    nothing.

    Raises InvalidInput, AccountNotFound, LimitsChanged, BalanceOutOfLimits.
    """
    require_valid(new)
    account = await queries.lock_account(session, entity_id)
    if account is None:
        raise AccountNotFound
    current = Limits.of(account)
    if current == new.limits:
        return account
    require_expected(current, new)
    inside = new.limits.hold(account.balance)
    if not inside and not new.force:
        raise BalanceOutOfLimits(balance=Money(account.balance))
    because(session, new.reason)
    number = await queries.count_changes(session, entity_id) + 1
    session.add(_change(account, new, number=number, forced=not inside, admin_id=viewer.id))
    await session.flush()  # the database lets a balance be left outside only if this says so
    account.max_negative_balance = new.limits.max_negative_balance
    account.max_positive_balance = new.limits.max_positive_balance
    await session.flush()
    await tell_members(session, {entity_id: number})
    return account


async def tell_members(session: AsyncSession, changes: Mapping[UUID, int]) -> None:
    """Tell the members of entities of a change of limits, which has this number in their history.

    As many statements for one entity as for a thousand.
    """
    members = await users.members_of(session, list(changes))
    await notify(
        session,
        [
            News(
                user_id=user_id,
                kind=NoticeKind.LIMITS_CHANGED,
                entity_id=entity_id,
                facts={"entity_id": str(entity_id), "number": changes[entity_id]},
            )
            for entity_id, user_ids in members.items()
            for user_id in user_ids
        ],
    )


def _change(
    account: Account, new: NewLimits, *, number: int, forced: bool, admin_id: UUID
) -> LimitChange:
    return LimitChange(
        entity_id=account.entity_id,
        number=number,
        max_negative_before=account.max_negative_balance,
        max_positive_before=account.max_positive_balance,
        max_negative_after=new.limits.max_negative_balance,
        max_positive_after=new.limits.max_positive_balance,
        reason=new.reason.strip(),
        forced=forced,
        changed_by=admin_id,
    )


def _problems(new: NewLimits) -> Iterator[Problem]:
    for name in ("max_negative_balance", "max_positive_balance"):
        limit = getattr(new.limits, name)
        if limit < 0:
            yield Problem((name,), "NEGATIVE", "A limit is not negative itself.")
        if limit > AMOUNT_MAX:
            yield Problem((name,), "TOO_LARGE", "The limit is larger than the books can hold.")
    yield from text.problems_of("reason", new.reason, least=1, most=REASON_MAX)
