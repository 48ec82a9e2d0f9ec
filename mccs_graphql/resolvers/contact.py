"""Keeping favourites, and writing to an entity for the first time."""

from typing import Annotated

import strawberry

from mccs_graphql.domain.access import APPROACH
from mccs_graphql.domain.directory import favorites, messages
from mccs_graphql.schema.access import access
from mccs_graphql.schema.contact_results import (
    ContactEntityInput,
    ContactEntityPayload,
    ContactEntityResult,
    SetFavoriteInput,
    SetFavoritePayload,
    SetFavoriteResult,
)
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import Entity


@strawberry.type
class ContactMutation:
    @strawberry.mutation(
        description="Keep an entity as a favourite, or remove it from them.",
        directives=[access(APPROACH)],
    )
    async def set_favorite(
        self,
        info: Info,
        input: Annotated[SetFavoriteInput, strawberry.argument(description="Which entity.")],
    ) -> SetFavoriteResult:
        viewer = info.context.require_viewer()
        async with info.context.writing() as session:
            row = await favorites.set_favorite(
                session, viewer, input.to_key(), favorite=input.favorite
            )
        return SetFavoritePayload(entity=Entity.of(row) if row else None)

    @strawberry.mutation(
        description="Write to an entity by mail, which tells it who writes. Neither side's address "
        "appears in any answer.",
        directives=[access(APPROACH)],
    )
    async def contact_entity(
        self,
        info: Info,
        input: Annotated[ContactEntityInput, strawberry.argument(description="What to whom.")],
    ) -> ContactEntityResult:
        viewer = info.context.require_viewer()
        async with info.context.writing() as session:
            sent = await messages.send(
                session, viewer, input.to_message(), key=input.idempotency_key
            )
        return ContactEntityPayload(
            entity=Entity.of(sent.receiver) if sent.receiver else None, sent_at=sent.sent_at
        )
