"""Making and revoking API tokens, and which one is in use."""

from typing import Annotated

import strawberry

from mccs_graphql.domain.access import EVERYBODY, MANAGE
from mccs_graphql.domain.identity import credentials, token_making
from mccs_graphql.resolvers.guesses import password_fits
from mccs_graphql.schema.access import access
from mccs_graphql.schema.api_token import ApiToken
from mccs_graphql.schema.api_token_results import (
    CreateApiTokenInput,
    CreateApiTokenPayload,
    CreateApiTokenResult,
    RevokeApiTokenInput,
    RevokeApiTokenPayload,
    RevokeApiTokenResult,
)
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.ids import IdPrefix, id_of


@strawberry.type
class ApiTokenQuery:
    @strawberry.field(
        description="The API token that this request came with; null without one.",
        directives=[access(EVERYBODY)],
    )
    def api_token(self, info: Info) -> ApiToken | None:
        viewer = info.context.viewer
        return ApiToken.of(viewer.token) if viewer and viewer.token else None


@strawberry.type
class ApiTokenMutation:
    @strawberry.mutation(
        description="Make a token with which software acts for an entity of yours; up to 20 good "
        "ones for each entity.",
        directives=[access(MANAGE)],
    )
    async def create_api_token(
        self,
        info: Info,
        input: Annotated[CreateApiTokenInput, strawberry.argument(description="What for.")],
    ) -> CreateApiTokenResult:
        viewer, wishes = info.context.require_viewer(), input.to_wishes()
        viewer.require(MANAGE, wishes.entity_id)
        token_making.require_valid(wishes, current_password=input.current_password)
        fits = await password_fits(info.context, viewer.user, input.current_password)
        credentials.require_fitting(fits=fits)
        async with info.context.writing() as session:
            made = await token_making.create(session, viewer, wishes)
        return CreateApiTokenPayload(token=made.text, api_token=ApiToken.of(made.token))

    @strawberry.mutation(
        description="End a token of an entity of yours, at once: also its open subscriptions.",
        directives=[access(MANAGE)],
    )
    async def revoke_api_token(
        self,
        info: Info,
        input: Annotated[RevokeApiTokenInput, strawberry.argument(description="Which one.")],
    ) -> RevokeApiTokenResult:
        viewer, token_id = info.context.require_viewer(), id_of(IdPrefix.API_TOKEN, input.id)
        async with info.context.writing() as session:
            token = await token_making.revoke(session, viewer, token_id)
        return RevokeApiTokenPayload(api_token=ApiToken.of(token))
