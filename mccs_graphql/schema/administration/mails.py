"""The outbox, as admins read it: never where a mail goes, nor what it says."""

from datetime import datetime

import strawberry

from mccs_graphql.db.models import Mail as MailRow
from mccs_graphql.db.models import MailKind, MailState
from mccs_graphql.db.queries.keyset import Page
from mccs_graphql.db.queries.mail_search import COUNTED_MAX, MailFilter, count_mails
from mccs_graphql.domain.access import HOLDER, INSPECT
from mccs_graphql.schema import cursors
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import Entity, load_entity
from mccs_graphql.schema.ids import IdPrefix, encode_id
from mccs_graphql.schema.pages import PageInfo, page_info
from mccs_graphql.schema.user import User, load_user

CURSOR = "mails"


@strawberry.type(
    description="A mail of the outbox. Its address is looked up when it is sent, and its text is "
    "written then: neither is kept.",
    directives=[access(INSPECT)],
)
class Mail:
    row: strawberry.Private[MailRow]
    id: strawberry.ID = strawberry.field(description="Opaque; for `retryMails`.")
    kind: MailKind = strawberry.field(
        description="What it is about. Kinds may be added: keep a default branch."
    )
    state: MailState = strawberry.field(description="How far it has come.")
    attempts: int = strawberry.field(
        description="How often it was tried since it was written, or since somebody had it tried "
        "again."
    )
    created_at: datetime = strawberry.field(description="When it was written.")
    attempted_at: datetime | None = strawberry.field(
        description="When it was tried last; null if it was not, or if it was dropped."
    )
    due_at: datetime | None = strawberry.field(
        description="From when on it is tried; null unless it is QUEUED."
    )
    sent_at: datetime | None = strawberry.field(
        description="When the mail server took it; null if it has not."
    )
    reason: str = strawberry.field(
        description="Why the last attempt failed, or why it was dropped, without addresses and "
        "links; empty if there is nothing to say."
    )

    @classmethod
    def of(cls, row: MailRow) -> "Mail":
        """The row as admins see it."""
        return cls(
            row=row,
            id=encode_id(IdPrefix.MAIL, row.id),
            kind=row.kind,
            state=row.state,
            attempts=row.attempts,
            created_at=row.created_at,
            attempted_at=row.attempted_at,
            due_at=row.next_attempt_at if row.state is MailState.QUEUED else None,
            sent_at=row.sent_at,
            reason=row.error,
        )

    @strawberry.field(
        description="The user it is for; null if it is for an entity or for who is invited, or "
        "for nobody: then somebody asked for it with an address that no user has."
    )
    async def user(self, info: Info) -> User | None:
        return await load_user(info, self.row.user_id) if self.row.user_id else None

    @strawberry.field(description="The entity it is for; null if it is for no entity.")
    async def entity(self, info: Info) -> Entity | None:
        return await load_entity(info, self.row.receiver_id) if self.row.receiver_id else None


@strawberry.type(description="A mail in a list.", directives=[access(HOLDER)])
class MailEdge:
    cursor: str = strawberry.field(description="Its position, to go on from.")
    node: Mail = strawberry.field(description="The mail.")


@strawberry.type(description="A page of the outbox.", directives=[access(HOLDER)])
class MailConnection:
    wanted: strawberry.Private[MailFilter]
    edges: list[MailEdge] = strawberry.field(description="The mails with their positions.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")

    @strawberry.field(description="The mails alone.")
    def nodes(self) -> list[Mail]:
        return [edge.node for edge in self.edges]

    @strawberry.field(
        description="How many there are on all pages; counted when asked for, and null if they "
        f"are more than {COUNTED_MAX:,}."
    )
    async def total_count(self, info: Info) -> int | None:
        async with info.context.database.reading() as session:
            return await count_mails(session, self.wanted)

    @classmethod
    def of(cls, page: Page[MailRow], wanted: MailFilter) -> "MailConnection":
        """The page as admins see it."""
        edges = [
            MailEdge(cursor=cursors.encode_cursor(CURSOR, row.id), node=Mail.of(row))
            for row in page.rows
        ]
        info = page_info(page, edge_cursors=[edge.cursor for edge in edges])
        return cls(wanted=wanted, edges=edges, page_info=info)


@strawberry.input(
    description="Which mails; all that is said has to hold, what is not said does not matter, but "
    "for the state."
)
class MailFilterInput:
    state: list[MailState] | None = strawberry.field(
        default=None, description="Only in these states; `FAILED` if none is said."
    )
    kind: list[MailKind] | None = strawberry.field(default=None, description="Only of these kinds.")
    from_: datetime | None = strawberry.field(
        name="from", default=None, description="Only what was written at this moment or later."
    )
    to: datetime | None = strawberry.field(
        default=None, description="Only what was written before this moment."
    )

    def to_filter(self) -> MailFilter:
        """As the queries take it."""
        return MailFilter(
            states=frozenset(self.state or (MailState.FAILED,)),
            kinds=frozenset(self.kind or ()),
            since=self.from_,
            until=self.to,
        )
