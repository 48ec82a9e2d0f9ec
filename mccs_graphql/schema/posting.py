"""What a transfer left in the books, and in time."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from mccs_graphql.db.models import Posting as PostingRow
from mccs_graphql.db.models import TransferState
from mccs_graphql.domain.access import HOLDER, INSPECT, READ
from mccs_graphql.domain.money import Money
from mccs_graphql.domain.visibility import may_see_books
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.people import NamedUser, load_named

if TYPE_CHECKING:
    from mccs_graphql.schema.entity import Entity

LazyEntity = Annotated["Entity", strawberry.lazy("mccs_graphql.schema.entity")]


@strawberry.type(
    description="One line of an account. Those of a transfer sum to zero.",
    directives=[access(HOLDER)],
)
class Posting:
    row: strawberry.Private[PostingRow]
    amount: Money = strawberry.field(
        description="What the balance moved by; negative for the payer."
    )
    posted_at: datetime = strawberry.field(description="When it was written.")

    @strawberry.field(description="Whose line it is; null if you may not see the entity any more.")
    async def entity(self, info: Info) -> LazyEntity | None:
        return await load_side(info, self.row.entity_id)

    @strawberry.field(
        description="Its place in the account, from 1 on; null unless you are a member of the "
        "entity.",
        directives=[access(READ)],
    )
    def number(self, info: Info) -> int | None:
        return self.row.number if self._is_open(info) else None

    @strawberry.field(
        description="The balance it led to; null unless you are a member of the entity.",
        directives=[access(READ)],
    )
    def balance_after(self, info: Info) -> Money | None:
        return Money(self.row.balance_after) if self._is_open(info) else None

    def _is_open(self, info: Info) -> bool:
        return may_see_books(info.context.viewer, self.row.entity_id)

    @classmethod
    def of(cls, row: PostingRow) -> "Posting":
        """The row as clients see it."""
        return cls(row=row, amount=Money(row.amount), posted_at=row.posted_at)


@strawberry.type(description="A step of a transfer, and who took it.", directives=[access(INSPECT)])
class TransferStep:
    user_id: strawberry.Private[UUID | None]
    state: TransferState = strawberry.field(description="What the transfer became by it.")
    at: datetime = strawberry.field(description="When it was taken.")
    as_admin: bool = strawberry.field(description="Whether the user acted as an admin.")
    reason: str | None = strawberry.field(description="Why, in the user's own words.")

    @strawberry.field(description="Who took it; null for the system.")
    async def by(self, info: Info) -> NamedUser | None:
        return await load_named(info, self.user_id)


async def load_side(info: Info, id_: UUID) -> "Entity | None":
    """An entity, if there is one that the viewer may see."""
    from mccs_graphql.schema.entity import load_entity  # noqa: PLC0415 - entities list transfers

    return await load_entity(info, id_)
