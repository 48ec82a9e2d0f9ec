"""What the mutations of members and invitations take and lead to."""

from typing import Annotated

import strawberry

from mccs_graphql.db.models import Role
from mccs_graphql.db.models import entity as entities
from mccs_graphql.db.models.invitation import INVITATION_MESSAGE_MAX
from mccs_graphql.db.models.user import EMAIL_MAX, PERSON_NAME_MAX
from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.membership.founding import Founding
from mccs_graphql.domain.membership.invitations import Wish
from mccs_graphql.domain.membership.joining import Person
from mccs_graphql.schema.access import access
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.member import Invitation
from mccs_graphql.schema.membership import Membership
from mccs_graphql.schema.profile_results import EntityPayload
from mccs_graphql.schema.refusals import (
    AlreadyMember,
    EmailTaken,
    InvalidInput,
    InvitationInvalid,
    InvitationNotFound,
    LastOwner,
    MemberNotFound,
    TooManyAttempts,
    TooManyEntities,
    TooManyInvitations,
    TooManyMembers,
)
from mccs_graphql.schema.session_results import LogInPayload

_PLACE = f"At most {entities.PLACE_MAX} characters."
_NAME = f"At most {PERSON_NAME_MAX} characters."
_FROM_MAIL = "From the link of the mail."


@strawberry.input(description="Who is to become a member of what, as what.")
class InviteMemberInput:
    entity_id: strawberry.ID = strawberry.field(description="The entity you act for.")
    email: str = strawberry.field(
        description=f"Where the mail goes; at most {EMAIL_MAX} characters. It need not be an "
        "address that somebody logs in with."
    )
    role: Role = strawberry.field(description="What who accepts becomes.")
    message: str = strawberry.field(
        default="",
        description=f"A word to them in the mail; at most {INVITATION_MESSAGE_MAX} characters.",
    )

    def to_wish(self) -> Wish:
        """As the domain takes it."""
        entity_id = id_of(IdPrefix.ENTITY, self.entity_id)
        return Wish(entity_id, self.email, self.role, self.message)


@strawberry.input(description="Which invitation is to be taken back.")
class WithdrawInvitationInput:
    entity_id: strawberry.ID = strawberry.field(description="The entity you act for.")
    invitation_id: strawberry.ID = strawberry.field(description="One of `Entity.invitations`.")


@strawberry.input(description="What came by mail.")
class InvitationTokenInput:
    token: str = strawberry.field(description=_FROM_MAIL)


@strawberry.input(
    description="Who joins by an invitation and has no login yet. The address to log in with is "
    "the one that was invited."
)
class SignUpWithInvitationInput:
    token: str = strawberry.field(description=_FROM_MAIL)
    password: str = strawberry.field(
        description="8 to 100 characters, with a letter, a digit and a mark among them."
    )
    first_name: str = strawberry.field(default="", description=_NAME)
    last_name: str = strawberry.field(default="", description=_NAME)

    def to_person(self) -> Person:
        """As the domain takes it."""
        return Person(self.password, self.first_name, self.last_name)


@strawberry.input(description="What a member is to be from now on.")
class ChangeMemberRoleInput:
    entity_id: strawberry.ID = strawberry.field(description="The entity you act for.")
    user_id: strawberry.ID = strawberry.field(description="A `userId` of `Entity.members`.")
    role: Role = strawberry.field(description="The role they are to have.")


@strawberry.input(description="Who is to be a member no more.")
class RemoveMemberInput:
    entity_id: strawberry.ID = strawberry.field(description="The entity you act for.")
    user_id: strawberry.ID = strawberry.field(description="A `userId` of `Entity.members`.")


@strawberry.input(description="What you want to leave.")
class LeaveEntityInput:
    entity_id: strawberry.ID = strawberry.field(description="The entity you belong to.")


@strawberry.input(description="What a further entity of yours says of itself.")
class CreateEntityInput:
    name: str = strawberry.field(
        description=f"The name it goes by; 1 to {entities.ENTITY_NAME_MAX} characters."
    )
    description: str = strawberry.field(
        default="", description=f"What it does; at most {entities.DESCRIPTION_MAX} characters."
    )
    city: str = strawberry.field(default="", description=_PLACE)
    region: str = strawberry.field(default="", description=_PLACE)
    country: str = strawberry.field(default="", description=_PLACE)

    def to_founding(self) -> Founding:
        """As the domain takes it."""
        return Founding(**vars(self))


@strawberry.type(
    description="A mail goes out; the answer is the same whether a user has the address or not.",
    directives=[access(HOLDER)],
)
class InvitationPayload:
    invitation: Invitation = strawberry.field(
        description="The invitation; the one there was, renewed, if the address was invited before."
    )


@strawberry.type(description="You are a member now.", directives=[access(HOLDER)])
class MembershipPayload:
    membership: Membership = strawberry.field(description="Of what, and as what.")


@strawberry.type(
    description="You have a login now, are logged in, and are a member.",
    directives=[access(HOLDER)],
)
class SignUpWithInvitationPayload(LogInPayload, MembershipPayload):
    pass


@strawberry.type(description="Nobody can accept it any more.", directives=[access(HOLDER)])
class DeclineInvitationPayload:
    declined: bool = strawberry.field(description="Always true.")


@strawberry.type(description="You are a member no more.", directives=[access(HOLDER)])
class LeaveEntityPayload:
    left_id: strawberry.ID = strawberry.field(description="The entity it was.")


InviteMemberResult = Annotated[
    InvitationPayload | AlreadyMember | InvalidInput | TooManyAttempts | TooManyInvitations,
    strawberry.union("InviteMemberResult", description="What `inviteMember` leads to."),
]
WithdrawInvitationResult = Annotated[
    EntityPayload | InvitationNotFound,
    strawberry.union("WithdrawInvitationResult", description="What `withdrawInvitation` leads to."),
]
AcceptInvitationResult = Annotated[
    MembershipPayload | AlreadyMember | InvitationInvalid | TooManyEntities | TooManyMembers,
    strawberry.union("AcceptInvitationResult", description="What `acceptInvitation` leads to."),
]
DeclineInvitationResult = Annotated[
    DeclineInvitationPayload | InvitationInvalid,
    strawberry.union("DeclineInvitationResult", description="What `declineInvitation` leads to."),
]
SignUpWithInvitationResult = Annotated[
    SignUpWithInvitationPayload
    | EmailTaken
    | InvalidInput
    | InvitationInvalid
    | TooManyAttempts
    | TooManyMembers,
    strawberry.union(
        "SignUpWithInvitationResult", description="What `signUpWithInvitation` leads to."
    ),
]
ChangeMemberRoleResult = Annotated[
    EntityPayload | LastOwner | MemberNotFound,
    strawberry.union("ChangeMemberRoleResult", description="What `changeMemberRole` leads to."),
]
RemoveMemberResult = Annotated[
    EntityPayload | LastOwner | MemberNotFound,
    strawberry.union("RemoveMemberResult", description="What `removeMember` leads to."),
]
LeaveEntityResult = Annotated[
    LeaveEntityPayload | LastOwner,
    strawberry.union("LeaveEntityResult", description="What `leaveEntity` leads to."),
]
CreateEntityResult = Annotated[
    EntityPayload | InvalidInput | TooManyAttempts | TooManyEntities,
    strawberry.union("CreateEntityResult", description="What `createEntity` leads to."),
]
