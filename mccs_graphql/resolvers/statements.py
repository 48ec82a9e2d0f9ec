"""Taking statements away as files."""

from typing import Annotated
from urllib.parse import urlencode

import strawberry

from mccs_graphql.domain.access import READ
from mccs_graphql.domain.ledger.statement_links import link_for, note_link
from mccs_graphql.domain.ledger.statements import read_statement, require_printable
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.statement_results import (
    CreateStatementLinkInput,
    CreateStatementLinkPayload,
    CreateStatementLinkResult,
)

PATH = "/export/statement"
PARAMETER = "link"


@strawberry.type
class StatementMutation:
    @strawberry.mutation(
        description="Make a link to a statement as a file, for a few minutes.",
        directives=[access(READ)],
    )
    async def create_statement_link(
        self,
        info: Info,
        input: Annotated[CreateStatementLinkInput, strawberry.argument(description="To what.")],
    ) -> CreateStatementLinkResult:
        context, period = info.context, input.to_period()
        entity_id, viewer = input.to_entity_id(), context.require_viewer()
        viewer.require(READ, entity_id)
        period.require_valid()
        async with context.database.reading() as session:
            statement = await read_statement(session, entity_id, period)
        require_printable(statement, input.format)
        link = link_for(viewer, entity_id, period, input.format)
        signed = await context.services.statement_links.sign(link)
        async with context.writing() as session:
            note_link(session, link)
        return CreateStatementLinkPayload(
            url=f"{PATH}?{urlencode({PARAMETER: signed.text})}", expires_at=signed.expires_at
        )
