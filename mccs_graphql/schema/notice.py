"""Notices: what a user is told in the app."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from mccs_graphql.db.models import Notice as NoticeRow
from mccs_graphql.db.models import NoticeKind
from mccs_graphql.db.queries.keyset import Page
from mccs_graphql.db.queries.notices import COUNTED_MAX, count_unread
from mccs_graphql.domain.access import HOLDER
from mccs_graphql.schema import cursors
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import Entity, load_entity
from mccs_graphql.schema.event import CaughtUp, LogMessage, ResyncRequired
from mccs_graphql.schema.ids import IdPrefix, encode_id
from mccs_graphql.schema.pages import PageInfo, page_info
from mccs_graphql.schema.transfer import Transfer, load_transfer

CURSOR = "notices"
UNREAD = f"How many of your notices are unread; {COUNTED_MAX:,} stands for that many or more."

NoticeSubject = Annotated[
    Transfer | Entity,
    strawberry.union("NoticeSubject", description="What a notice may be about."),
]


@strawberry.type(description="One thing that you are told.", directives=[access(HOLDER)])
class Notice:
    row: strawberry.Private[NoticeRow]
    id: strawberry.ID = strawberry.field(description="Opaque; for `markNoticesRead`.")
    kind: NoticeKind = strawberry.field(
        description="What you are told. Kinds may be added: keep a default branch."
    )
    created_at: datetime = strawberry.field(description="When you were told.")
    read_at: datetime | None = strawberry.field(
        description="When you read it, or did yourself what it tells; null if you have not."
    )

    @classmethod
    def of(cls, row: NoticeRow) -> "Notice":
        """The row as clients see it."""
        return cls(
            row=row,
            id=encode_id(IdPrefix.NOTICE, row.id),
            kind=row.kind,
            created_at=row.created_at,
            read_at=row.read_at,
        )

    @strawberry.field(
        description="The entity of yours that it concerns; null if it concerns your login, or if "
        "you may not see the entity any more."
    )
    async def entity(self, info: Info) -> Entity | None:
        id_ = self.row.entity_id
        return await load_entity(info, id_) if id_ else None

    @strawberry.field(
        description="What it is about: a transfer; or another entity, that matches or has written. "
        "Null if there is nothing beside the kind and `entity`, or if you may not see it any more."
    )
    async def subject(self, info: Info) -> NoticeSubject | None:
        if self.row.transfer_id:
            return await load_transfer(info, self.row.transfer_id)
        return await load_entity(info, self.row.other_id) if self.row.other_id else None


@strawberry.type(description="A notice in a list.", directives=[access(HOLDER)])
class NoticeEdge:
    cursor: str = strawberry.field(description="Its position, to go on from.")
    node: Notice = strawberry.field(description="The notice.")


@strawberry.type(description="A page of your notices.", directives=[access(HOLDER)])
class NoticeConnection:
    user_id: strawberry.Private[UUID]
    edges: list[NoticeEdge] = strawberry.field(description="The notices with their positions.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")

    @strawberry.field(description="The notices alone.")
    def nodes(self) -> list[Notice]:
        return [edge.node for edge in self.edges]

    @strawberry.field(description=f"{UNREAD} Whatever the list was narrowed to.")
    async def unread_count(self, info: Info) -> int | None:
        async with info.context.database.reading() as session:
            return await count_unread(session, self.user_id)

    @classmethod
    def of(cls, page: Page[NoticeRow], *, user_id: UUID) -> "NoticeConnection":
        """The page as clients see it."""
        edges = [
            NoticeEdge(cursor=cursors.encode_cursor(CURSOR, row.id), node=Notice.of(row))
            for row in page.rows
        ]
        return cls(
            user_id=user_id,
            edges=edges,
            page_info=page_info(page, edge_cursors=[edge.cursor for edge in edges]),
        )


@strawberry.type(description="You are told something.", directives=[access(HOLDER)])
class NoticeAdded(LogMessage):
    notice: Notice = strawberry.field(description="What you are told.")


NoticeEventsMessage = Annotated[
    NoticeAdded | CaughtUp | ResyncRequired,
    strawberry.union("NoticeEventsMessage", description="What `noticeEvents` sends."),
]
