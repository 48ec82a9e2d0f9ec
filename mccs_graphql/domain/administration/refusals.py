"""What admins are refused."""

from dataclasses import dataclass

from mccs_graphql.domain.errors import Refusal
from mccs_graphql.domain.money import Money


@dataclass(eq=False)
class UserNotFound(Refusal):
    """There is no such user, or none any more."""

    code = "USER_NOT_FOUND"
    message = "There is no such user, or none any more."
    path = ("userId",)


@dataclass(eq=False)
class UserChanged(Refusal):
    """Somebody changed the user since you read it. Read it again, then decide what to change."""

    code = "USER_CHANGED"
    message = "The user has changed since you read it; read it again."
    path = ("expectedVersion",)

    version: int
    changed: tuple[str, ...] = ()


@dataclass(eq=False)
class UserIsAdmin(Refusal):
    """The user is an admin: these belong to no entity, and only they change their own login."""

    code = "USER_IS_ADMIN"
    message = "The user is an admin of the community, which this is not for."
    path = ("userId",)


@dataclass(eq=False)
class NotAssociated(Refusal):
    """The user does not belong to the entity."""

    code = "NOT_ASSOCIATED"
    message = "The user does not belong to the entity."
    path = ("userId",)


@dataclass(eq=False)
class BalanceNotSettled(Refusal):
    """The entity has a balance. Say by `settleWith` which entity takes it over."""

    code = "BALANCE_NOT_SETTLED"
    message = "The entity has a balance; say with whom to settle it."
    path = ("settleWith",)

    balance: Money


@dataclass(eq=False)
class ProposalsOpen(Refusal):
    """Proposals wait to be decided. Say by `proposals` that they are to be cancelled.

    If you have: new ones came in meanwhile, so try again; or there are more than 1,000.
    """

    code = "PROPOSALS_OPEN"
    message = "Proposals wait to be decided; say whether to cancel them."
    path = ("proposals",)

    open: int


@dataclass(eq=False)
class SettlementNotPossible(Refusal):
    """The entity to settle with does not trade, is the same one, or a limit of its own forbids."""

    code = "SETTLEMENT_NOT_POSSIBLE"
    message = "The balance cannot be settled with this entity."
    path = ("settleWith",)
