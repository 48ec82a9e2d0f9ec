"""Deciding who belongs to an entity, and founding a further one."""

from typing import Annotated

import strawberry

from mccs_graphql.domain.access import MANAGE, MEMBER, PLAIN_USER
from mccs_graphql.domain.identity.throttle import Attempt, AttemptKind
from mccs_graphql.domain.membership import changes, founding
from mccs_graphql.resolvers.guesses import count
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import Entity
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.member_results import (
    ChangeMemberRoleInput,
    ChangeMemberRoleResult,
    CreateEntityInput,
    CreateEntityResult,
    LeaveEntityInput,
    LeaveEntityPayload,
    LeaveEntityResult,
    RemoveMemberInput,
    RemoveMemberResult,
)
from mccs_graphql.schema.profile_results import EntityPayload


@strawberry.type
class MemberMutation:
    @strawberry.mutation(
        description="Give a member another role, at once. The last OWNER stays one.",
        directives=[access(MANAGE)],
    )
    async def change_member_role(
        self,
        info: Info,
        input: Annotated[ChangeMemberRoleInput, strawberry.argument(description="Whose.")],
    ) -> ChangeMemberRoleResult:
        viewer = info.context.require_viewer()
        async with info.context.writing() as session:
            entity = await changes.change_role(
                session,
                viewer,
                entity_id=id_of(IdPrefix.ENTITY, input.entity_id),
                user_id=id_of(IdPrefix.USER, input.user_id),
                role=input.role,
            )
        await info.context.look_again()
        return EntityPayload(entity=Entity.of(entity))

    @strawberry.mutation(
        description="End somebody's membership, at once: also their open subscriptions to the "
        "entity. What they did for it stays. The last OWNER cannot be removed.",
        directives=[access(MANAGE)],
    )
    async def remove_member(
        self,
        info: Info,
        input: Annotated[RemoveMemberInput, strawberry.argument(description="Whose.")],
    ) -> RemoveMemberResult:
        viewer = info.context.require_viewer()
        async with info.context.writing() as session:
            entity = await changes.remove(
                session,
                viewer,
                entity_id=id_of(IdPrefix.ENTITY, input.entity_id),
                user_id=id_of(IdPrefix.USER, input.user_id),
            )
        await info.context.look_again()
        return EntityPayload(entity=Entity.of(entity))

    @strawberry.mutation(
        description="End your membership of an entity, at once. The last OWNER cannot leave.",
        directives=[access(MEMBER)],
    )
    async def leave_entity(
        self,
        info: Info,
        input: Annotated[LeaveEntityInput, strawberry.argument(description="Which entity.")],
    ) -> LeaveEntityResult:
        viewer = info.context.require_viewer()
        async with info.context.writing() as session:
            await changes.leave(session, viewer, id_of(IdPrefix.ENTITY, input.entity_id))
        await info.context.look_again()
        return LeaveEntityPayload(left_id=input.entity_id)

    @strawberry.mutation(
        description="Found a further entity, with an account, on the terms of signing up; you "
        "become its OWNER.",
        directives=[access(PLAIN_USER)],
    )
    async def create_entity(
        self,
        info: Info,
        input: Annotated[CreateEntityInput, strawberry.argument(description="What it says.")],
    ) -> CreateEntityResult:
        viewer, wanted = info.context.require_viewer(), input.to_founding()
        founding.require_valid(wanted)
        # As one entity more comes by signing up, so it counts as that.
        await count(info.context, Attempt(AttemptKind.SIGN_UP, info.context.origin.address))
        async with info.context.writing() as session:
            entity = await founding.create_entity(
                session, viewer, wanted, terms=info.context.services.terms
            )
        await info.context.look_again()
        return EntityPayload(entity=Entity.of(entity))
