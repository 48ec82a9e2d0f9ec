"""Changing what an entity and a user say of themselves, and applying for trading."""

from typing import Annotated

import strawberry

from mccs_graphql.domain.access import EDIT, MANAGE, USER
from mccs_graphql.domain.directory import applications, profiles
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import Entity
from mccs_graphql.schema.profile_results import (
    ApplyForTradingInput,
    ApplyForTradingPayload,
    ApplyForTradingResult,
    EntityPayload,
    UpdateEntityInput,
    UpdateEntityResult,
    UpdateUserInput,
    UpdateUserResult,
    UserPayload,
)
from mccs_graphql.schema.user import User


@strawberry.type
class ProfileMutation:
    @strawberry.mutation(
        description="Change what an entity says of itself, offers and wants.",
        directives=[access(EDIT)],
    )
    async def update_entity(
        self,
        info: Info,
        input: Annotated[UpdateEntityInput, strawberry.argument(description="What to change.")],
    ) -> UpdateEntityResult:
        viewer, region = info.context.require_viewer(), info.context.services.settings.region
        async with info.context.writing() as session:
            entity = await profiles.update_entity(
                session,
                viewer,
                input.id,
                input.to_patch(),
                expected_version=input.expected_version,
                region=region,
            )
        return EntityPayload(entity=Entity.of(entity))

    @strawberry.mutation(description="Change what you say of yourself.", directives=[access(USER)])
    async def update_user(
        self,
        info: Info,
        input: Annotated[UpdateUserInput, strawberry.argument(description="What to change.")],
    ) -> UpdateUserResult:
        viewer, region = info.context.require_viewer(), info.context.services.settings.region
        async with info.context.writing() as session:
            user = await profiles.update_user(session, viewer, input.to_patch(), region=region)
        return UserPayload(user=User.of(user))

    @strawberry.mutation(
        description="Apply to become a trading member: from ACCEPTED to TRADING_PENDING.",
        directives=[access(MANAGE)],
    )
    async def apply_for_trading(
        self,
        info: Info,
        input: Annotated[ApplyForTradingInput, strawberry.argument(description="Which entity.")],
    ) -> ApplyForTradingResult:
        viewer, region = info.context.require_viewer(), info.context.services.settings.region
        async with info.context.writing() as session:
            applicant = await applications.apply_for_trading(
                session,
                viewer,
                input.id,
                input.to_patch(),
                expected_version=input.expected_version,
                region=region,
            )
        return ApplyForTradingPayload(
            entity=Entity.of(applicant.entity), user=User.of(applicant.user)
        )
