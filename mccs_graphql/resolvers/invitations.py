"""Inviting people, and what they do about it."""

from typing import Annotated

import strawberry

from mccs_graphql.domain.access import EVERYBODY, MANAGE, PLAIN_USER
from mccs_graphql.domain.identity import sessions
from mccs_graphql.domain.identity.throttle import Attempt, AttemptKind
from mccs_graphql.domain.membership import invitations, joining
from mccs_graphql.resolvers.guesses import count
from mccs_graphql.resolvers.identity import go_on_in
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import Entity
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.member import Invitation
from mccs_graphql.schema.member_results import (
    AcceptInvitationResult,
    DeclineInvitationPayload,
    DeclineInvitationResult,
    InvitationPayload,
    InvitationTokenInput,
    InviteMemberInput,
    InviteMemberResult,
    MembershipPayload,
    SignUpWithInvitationInput,
    SignUpWithInvitationPayload,
    SignUpWithInvitationResult,
    WithdrawInvitationInput,
    WithdrawInvitationResult,
)
from mccs_graphql.schema.membership import Membership
from mccs_graphql.schema.profile_results import EntityPayload
from mccs_graphql.schema.session_results import pair
from mccs_graphql.schema.user import User

FromMail = Annotated[InvitationTokenInput, strawberry.argument(description="What came by mail.")]


@strawberry.type
class InvitationMutation:
    @strawberry.mutation(
        description="Invite somebody to become a member of an entity of yours, by a mail with a "
        "link that is good for 14 days. An address that is invited already is invited anew.",
        directives=[access(MANAGE)],
    )
    async def invite_member(
        self,
        info: Info,
        input: Annotated[InviteMemberInput, strawberry.argument(description="Whom to what.")],
    ) -> InviteMemberResult:
        viewer, wish = info.context.require_viewer(), input.to_wish()
        viewer.require(MANAGE, wish.entity_id)
        invitations.require_valid(wish)
        await count(info.context, Attempt(AttemptKind.INVITE, None, str(viewer.id)))
        async with info.context.writing() as session:
            row = await invitations.invite(session, viewer, wish)
        return InvitationPayload(invitation=Invitation.of(row))

    @strawberry.mutation(
        description="Take an invitation back; its link is dead.", directives=[access(MANAGE)]
    )
    async def withdraw_invitation(
        self,
        info: Info,
        input: Annotated[WithdrawInvitationInput, strawberry.argument(description="Which one.")],
    ) -> WithdrawInvitationResult:
        viewer, entity_id = info.context.require_viewer(), id_of(IdPrefix.ENTITY, input.entity_id)
        invitation_id = id_of(IdPrefix.INVITATION, input.invitation_id)
        async with info.context.writing() as session:
            entity = await invitations.withdraw(
                session, viewer, entity_id=entity_id, invitation_id=invitation_id
            )
        return EntityPayload(entity=Entity.of(entity))

    @strawberry.mutation(
        description="Become a member with the token of a mail. It proves that you read the invited "
        "address; you may log in with another one.",
        directives=[access(PLAIN_USER)],
    )
    async def accept_invitation(self, info: Info, input: FromMail) -> AcceptInvitationResult:
        viewer = info.context.require_viewer()
        async with info.context.writing() as session:
            joined = await joining.accept(session, viewer, input.token)
        await info.context.look_again()
        return MembershipPayload(membership=Membership.of(joined.membership, joined.entity))

    @strawberry.mutation(
        description="Say with the token of a mail that you do not want to become a member; the "
        "link is dead.",
        directives=[access(EVERYBODY)],
    )
    async def decline_invitation(self, info: Info, input: FromMail) -> DeclineInvitationResult:
        async with info.context.writing() as session:
            await invitations.decline(session, input.token)
        return DeclineInvitationPayload(declined=True)

    @strawberry.mutation(
        description="Get a login with the token of an invitation, and become a member by it. The "
        "mail has verified the address; no entity of your own comes along.",
        directives=[access(EVERYBODY)],
    )
    async def sign_up_with_invitation(
        self,
        info: Info,
        input: Annotated[
            SignUpWithInvitationInput, strawberry.argument(description="Who, and with what.")
        ],
    ) -> SignUpWithInvitationResult:
        services, person = info.context.services, input.to_person()
        joining.require_valid(person)
        async with info.context.database.reading() as session:
            await invitations.find_open(session, input.token)
        origin = info.context.origin
        await count(info.context, Attempt(AttemptKind.SIGN_UP, origin.address))
        password_hash = await services.passwords.hash(person.password)
        async with info.context.writing() as session:
            joined = await joining.sign_up(
                session, input.token, person, password_hash=password_hash
            )
            log_in = await sessions.begin(
                session, joined.user, origin=origin, days=services.settings.session_days
            )
        token, viewer = await go_on_in(info.context, log_in)
        return SignUpWithInvitationPayload(
            **pair(log_in, token),
            user=User.of(viewer.user),
            membership=Membership.of(joined.membership, joined.entity),
        )
