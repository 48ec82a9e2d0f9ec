"""Changing entities and users, deciding about them, and deleting them."""

from typing import Annotated

import strawberry

from mccs_graphql.domain.access import ADMINISTER, MODERATE
from mccs_graphql.domain.administration import (
    associations,
    deleting_entities,
    deleting_users,
    patching,
    statuses,
)
from mccs_graphql.domain.administration.statuses import ENTITIES_MAX, Transition
from mccs_graphql.domain.directory.refusals import EntityNotFound
from mccs_graphql.schema.access import access
from mccs_graphql.schema.administration.changes import (
    AdminUpdateEntityInput,
    AdminUpdateEntityResult,
    AdminUpdateUserInput,
    AdminUpdateUserResult,
    AssociationPayload,
    ChangeEntityStatusesInput,
    ChangeEntityStatusesResult,
    ChangeEntityStatusInput,
    ChangeEntityStatusResult,
    EntityStatusesPayload,
    EntityStatusOutcome,
    EntityStatusPayload,
    LinkUserInput,
    LinkUserResult,
    UnlinkUserInput,
    UnlinkUserResult,
)
from mccs_graphql.schema.administration.deletions import (
    DeleteEntityInput,
    DeleteEntityPayload,
    DeleteEntityResult,
    DeleteUserInput,
    DeleteUserPayload,
    DeleteUserResult,
)
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import Entity
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.profile_results import EntityPayload, UserPayload
from mccs_graphql.schema.refusals import to_user_error
from mccs_graphql.schema.scalars import refuse
from mccs_graphql.schema.transfer import Transfer
from mccs_graphql.schema.user import User, load_user


@strawberry.type
class MemberAdministrationMutation:
    @strawberry.mutation(
        description="Change what any entity says of itself, offers and wants.",
        directives=[access(ADMINISTER)],
    )
    async def admin_update_entity(
        self,
        info: Info,
        input: Annotated[AdminUpdateEntityInput, strawberry.argument(description="What.")],
    ) -> AdminUpdateEntityResult:
        async with info.context.writing() as session:
            entity = await patching.update_entity(
                session,
                input.id,
                input.to_patch(),
                expected_version=input.expected_version,
                region=info.context.services.settings.region,
                reason=input.reason,
            )
        return EntityPayload(entity=Entity.of(entity))

    @strawberry.mutation(
        description="Change what a user says, and the address to log in with. Not of an admin.",
        directives=[access(ADMINISTER)],
    )
    async def admin_update_user(
        self,
        info: Info,
        input: Annotated[AdminUpdateUserInput, strawberry.argument(description="What.")],
    ) -> AdminUpdateUserResult:
        async with info.context.writing() as session:
            user = await patching.update_user(
                session,
                input.id,
                input.to_patch(),
                expected_version=input.expected_version,
                region=info.context.services.settings.region,
                reason=input.reason,
            )
        return UserPayload(user=User.of(user))

    @strawberry.mutation(
        description="Decide how far an entity has come, and tell its members by mail. What is "
        "listed from now on counts as new in the matches.",
        directives=[access(MODERATE)],
    )
    async def change_entity_status(
        self,
        info: Info,
        input: Annotated[ChangeEntityStatusInput, strawberry.argument(description="What.")],
    ) -> ChangeEntityStatusResult:
        async with info.context.writing() as session:
            transition = await statuses.change_status(
                session,
                id_of(IdPrefix.ENTITY, input.entity_id),
                input.to_decision(),
                expected_version=input.expected_version,
            )
        return EntityStatusPayload.of(transition)

    @strawberry.mutation(
        description="Decide the same about several entities at once, as they are by then.",
        directives=[access(MODERATE)],
    )
    async def change_entity_statuses(
        self,
        info: Info,
        input: Annotated[ChangeEntityStatusesInput, strawberry.argument(description="What.")],
    ) -> ChangeEntityStatusesResult:
        if len(input.entity_ids) > ENTITIES_MAX:
            refuse(f"At most {ENTITIES_MAX} entities at a time.")
        sent = list(dict.fromkeys(input.entity_ids))
        ids = [id_of(IdPrefix.ENTITY, text) for text in sent]
        async with info.context.writing() as session:
            done = await statuses.change_statuses(session, ids, input.to_decision())
        outcomes = [_outcome(text, done[id_]) for text, id_ in zip(sent, ids, strict=True)]
        return EntityStatusesPayload(outcomes=outcomes)

    @strawberry.mutation(
        description="Let a user belong to an entity, or give another role there.",
        directives=[access(ADMINISTER)],
    )
    async def link_user(
        self,
        info: Info,
        input: Annotated[LinkUserInput, strawberry.argument(description="Whom to what.")],
    ) -> LinkUserResult:
        async with info.context.writing() as session:
            entity = await associations.link(session, *input.ids, input.role, reason=input.reason)
        return await _associated(info, entity=Entity.of(entity), user_id=input.user_id)

    @strawberry.mutation(
        description="Let a user belong to an entity no longer.", directives=[access(ADMINISTER)]
    )
    async def unlink_user(
        self,
        info: Info,
        input: Annotated[UnlinkUserInput, strawberry.argument(description="Whom from what.")],
    ) -> UnlinkUserResult:
        async with info.context.writing() as session:
            entity = await associations.unlink(session, *input.ids, reason=input.reason)
        return await _associated(info, entity=Entity.of(entity), user_id=input.user_id)

    @strawberry.mutation(
        description="Delete an entity: what is personal is erased, its account and its transfers "
        "stay in the books. See `previewEntityDeletion` first.",
        directives=[access(ADMINISTER)],
    )
    async def delete_entity(
        self,
        info: Info,
        input: Annotated[DeleteEntityInput, strawberry.argument(description="Which, and how.")],
    ) -> DeleteEntityResult:
        viewer = info.context.require_viewer()
        async with info.context.writing() as session:
            deleted = await deleting_entities.delete(session, viewer, input.to_plan())
        settlement = deleted.settlement
        return DeleteEntityPayload(
            entity=Entity.of(deleted.entity),
            settlement=Transfer.of(settlement) if settlement else None,
            cancelled_proposals=deleted.cancelled,
        )

    @strawberry.mutation(
        description="Delete a user, who must not be an admin nor the only owner of an entity: the "
        "log-ins end, what is personal is erased, and the address is free again.",
        directives=[access(ADMINISTER)],
    )
    async def delete_user(
        self,
        info: Info,
        input: Annotated[DeleteUserInput, strawberry.argument(description="Whom.")],
    ) -> DeleteUserResult:
        async with info.context.writing() as session:
            user = await deleting_users.delete(
                session,
                id_of(IdPrefix.USER, input.user_id),
                expected_version=input.expected_version,
                reason=input.reason,
            )
        return DeleteUserPayload(user=User.of(user))


def _outcome(sent: strawberry.ID, done: Transition | EntityNotFound) -> EntityStatusOutcome:
    if isinstance(done, EntityNotFound):
        return EntityStatusOutcome(entity_id=sent, change=None, refusal=to_user_error(done))
    shown = EntityStatusPayload.of(done)
    return EntityStatusOutcome(entity_id=sent, change=shown, refusal=None)


async def _associated(info: Info, *, entity: Entity, user_id: strawberry.ID) -> AssociationPayload:
    user = await load_user(info, id_of(IdPrefix.USER, user_id))
    return AssociationPayload(entity=entity, user=user)
