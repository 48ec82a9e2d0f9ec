"""Limits, and what new members start with."""

from typing import Annotated

import strawberry

from mccs_graphql.domain.access import ADMINISTER, INSPECT
from mccs_graphql.domain.administration import default_limits
from mccs_graphql.domain.administration.limits import change_limits
from mccs_graphql.schema.access import access
from mccs_graphql.schema.account import Account
from mccs_graphql.schema.administration.limit_results import (
    ChangeDefaultLimitsInput,
    ChangeDefaultLimitsPayload,
    ChangeDefaultLimitsResult,
    ChangeLimitsInput,
    ChangeLimitsPayload,
    ChangeLimitsResult,
    PreviewDefaultLimitsInput,
)
from mccs_graphql.schema.administration.limits import DefaultLimits, DefaultLimitsPreview
from mccs_graphql.schema.context import Info


@strawberry.type
class LimitQuery:
    @strawberry.field(
        description="What members of each status start with.", directives=[access(INSPECT)]
    )
    async def default_limits(self, info: Info) -> list[DefaultLimits] | None:
        initial = info.context.services.terms.limits
        async with info.context.database.reading() as session:
            found = await default_limits.read_defaults(session, initial=initial)
        return list(map(DefaultLimits.of, found))

    @strawberry.field(
        description="What a new default would mean for those who are there.",
        directives=[access(ADMINISTER)],
    )
    async def preview_default_limits(
        self,
        info: Info,
        input: Annotated[
            PreviewDefaultLimitsInput, strawberry.argument(description="The default.")
        ],
    ) -> DefaultLimitsPreview | None:
        initial = info.context.services.terms.limits
        async with info.context.database.reading() as session:
            found = await default_limits.preview(
                session, input.status, input.to_limits(), initial=initial
            )
        return DefaultLimitsPreview(value=found)


@strawberry.type
class LimitMutation:
    @strawberry.mutation(
        description="Change how far an entity's balance may go. Its members see by whom and why.",
        directives=[access(ADMINISTER)],
    )
    async def change_limits(
        self,
        info: Info,
        input: Annotated[ChangeLimitsInput, strawberry.argument(description="Whose, and how.")],
    ) -> ChangeLimitsResult:
        viewer = info.context.require_viewer()
        async with info.context.writing() as session:
            row = await change_limits(session, viewer, input.to_entity_id(), input.to_new_limits())
        unit = info.context.services.settings.unit
        return ChangeLimitsPayload(account=Account.of(row, unit=unit))

    @strawberry.mutation(
        description="Change what members of a status start with, for new members or also for "
        "those whose limits are the default so far; all of it or nothing.",
        directives=[access(ADMINISTER)],
    )
    async def change_default_limits(
        self,
        info: Info,
        input: Annotated[
            ChangeDefaultLimitsInput, strawberry.argument(description="Of whom, and how.")
        ],
    ) -> ChangeDefaultLimitsResult:
        viewer, initial = info.context.require_viewer(), info.context.services.terms.limits
        async with info.context.writing() as session:
            changed, followed = await default_limits.change_default(
                session,
                viewer,
                input.status,
                input.to_new_limits(),
                initial=initial,
                apply_to=input.apply_to,
            )
        return ChangeDefaultLimitsPayload(
            default_limits=DefaultLimits.of(changed), followed=followed
        )
