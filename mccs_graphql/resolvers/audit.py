"""Reading the audit trail."""

from typing import Annotated

import strawberry

from mccs_graphql.db.queries.audit_search import page_of_entries
from mccs_graphql.domain.access import INSPECT
from mccs_graphql.schema.access import access
from mccs_graphql.schema.audit import (
    CURSOR,
    CURSOR_READERS,
    AuditEntryConnection,
    AuditFilterInput,
)
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.pages import After, Before, First, Last, window_of


@strawberry.type
class AuditQuery:
    @strawberry.field(
        description="Who did what, the newest first: every change by anybody, and every mutation "
        "that was refused.",
        directives=[access(INSPECT)],
    )
    async def audit_entries(
        self,
        info: Info,
        filter: Annotated[
            AuditFilterInput | None, strawberry.argument(description="Only some of them.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> AuditEntryConnection | None:
        wanted = (filter or AuditFilterInput()).to_filter()
        window = window_of(
            CURSOR, *CURSOR_READERS, first=first, after=after, last=last, before=before
        )
        async with info.context.database.reading() as session:
            page = await page_of_entries(session, wanted, window)
        return AuditEntryConnection.of(page, wanted)
