"""What users are told: reading it, and marking it as read."""

from collections.abc import AsyncGenerator, Sequence
from typing import Annotated

import strawberry

from mccs_graphql.context import Context
from mccs_graphql.db.models import Notice as NoticeRow
from mccs_graphql.db.queries.notices import Wanted, page_of_notices
from mccs_graphql.domain.access import USER
from mccs_graphql.domain.notices import preferences, reading
from mccs_graphql.resolvers.events import AfterCursor
from mccs_graphql.resolvers.following import Log, follow
from mccs_graphql.schema import cursors
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.notice import (
    CURSOR,
    Notice,
    NoticeAdded,
    NoticeConnection,
    NoticeEventsMessage,
)
from mccs_graphql.schema.notice_results import (
    MarkNoticesReadInput,
    MarkNoticesReadPayload,
    MarkNoticesReadResult,
    UpdateNoticePreferencesInput,
    UpdateNoticePreferencesPayload,
    UpdateNoticePreferencesResult,
)
from mccs_graphql.schema.pages import After, Before, First, Last, window_of
from mccs_graphql.schema.user import User


@strawberry.type
class NoticeQuery:
    @strawberry.field(
        description="What you were told, the newest first. Null for an entity that is not yours.",
        directives=[access(USER)],
    )
    async def notices(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        unread_only: Annotated[
            bool, strawberry.argument(description="Only what you have not read.")
        ] = False,
        entity_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Only what concerns this entity of yours."),
        ] = None,
    ) -> NoticeConnection | None:
        viewer = info.context.require_viewer()
        window = window_of(
            CURSOR, cursors.identity, first=first, after=after, last=last, before=before
        )
        own = id_of(IdPrefix.ENTITY, entity_id) if entity_id is not None else None
        if own is not None and own not in viewer.roles:
            return None
        wanted = Wanted(viewer.id, unread_only=unread_only, entity_id=own)
        async with info.context.database.reading() as session:
            page = await page_of_notices(session, wanted, window)
        return NoticeConnection.of(page, user_id=viewer.id)


@strawberry.type
class NoticeMutation:
    @strawberry.mutation(description="Mark notices of yours as read.", directives=[access(USER)])
    async def mark_notices_read(
        self,
        info: Info,
        input: Annotated[MarkNoticesReadInput, strawberry.argument(description="Which.")],
    ) -> MarkNoticesReadResult:
        viewer = info.context.require_viewer()
        async with info.context.writing() as session:
            if input.all_before:
                moment = input.all_before.value
                unread = await reading.mark_read_before(session, viewer, moment)
            else:
                texts = input.ids.value if input.ids else []
                ids = [id_of(IdPrefix.NOTICE, text) for text in texts]
                unread = await reading.mark_read(session, viewer, ids)
        return MarkNoticesReadPayload(unread_count=unread)

    @strawberry.mutation(
        description="Choose what you are told, by which way, and when mails wait.",
        directives=[access(USER)],
    )
    async def update_notice_preferences(
        self,
        info: Info,
        input: Annotated[
            UpdateNoticePreferencesInput, strawberry.argument(description="What to change.")
        ],
    ) -> UpdateNoticePreferencesResult:
        viewer = info.context.require_viewer()
        choices = [each.to_choice() for each in input.preferences]
        async with info.context.writing() as session:
            user = await preferences.change(session, viewer, choices, input.to_patch())
        return UpdateNoticePreferencesPayload(user=User.of(user))


@strawberry.type
class NoticeSubscription:
    @strawberry.subscription(
        description="What you are told, in order; after a lost connection perhaps once more.",
        directives=[access(USER)],
    )
    async def notice_events(
        self, info: Info, after: AfterCursor = None
    ) -> AsyncGenerator[NoticeEventsMessage, None]:
        log = Log(
            kind="notice log",
            owner_id=info.context.require_viewer().id,
            admit=lambda viewer: viewer.require_scope(USER),
            replay=reading.replay,
        )
        async for message in follow(info.context, log, after, show=_added):
            yield message


async def _added(
    _context: Context, log: Log[NoticeRow], notices: Sequence[NoticeRow]
) -> list[NoticeAdded]:
    return [
        NoticeAdded(cursor=log.cursor(row.number or 0), notice=Notice.of(row)) for row in notices
    ]
