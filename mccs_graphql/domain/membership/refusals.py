"""What membership refuses."""

from dataclasses import dataclass
from uuid import UUID

from mccs_graphql.domain.errors import Refusal


@dataclass(eq=False)
class InvitationInvalid(Refusal):
    """The invitation was accepted, declined or withdrawn, has expired, or never was one."""

    code = "INVITATION_INVALID"
    message = "This invitation is not open any more; ask for a new one."
    path = ("token",)


@dataclass(eq=False)
class InvitationNotFound(Refusal):
    """Your entity has no such invitation; it may have been decided already."""

    code = "INVITATION_NOT_FOUND"
    message = "Your entity has no such open invitation."
    path = ("invitation_id",)


@dataclass(eq=False)
class AlreadyMember(Refusal):
    """Who is invited belongs to the entity already."""

    code = "ALREADY_MEMBER"
    message = "Who is invited is a member of the entity already."


@dataclass(eq=False)
class MemberNotFound(Refusal):
    """Your entity has no such member; they may have left already."""

    code = "MEMBER_NOT_FOUND"
    message = "Your entity has no such member."
    path = ("user_id",)


@dataclass(eq=False)
class LastOwner(Refusal):
    """An entity always has an OWNER. Make somebody else one first."""

    code = "LAST_OWNER"
    message = "The entity would be left without an OWNER; make somebody else one first."

    entities: tuple[UUID, ...]


@dataclass(eq=False)
class TooManyInvitations(Refusal):
    """Your entity has as many open invitations as it may have. Withdraw one first."""

    code = "TOO_MANY_INVITATIONS"
    message = "Your entity has as many open invitations as it may have; withdraw one first."

    most: int


@dataclass(eq=False)
class TooManyMembers(Refusal):
    """The entity has as many members as it may have."""

    code = "TOO_MANY_MEMBERS"
    message = "The entity has as many members as it may have."

    most: int


@dataclass(eq=False)
class TooManyEntities(Refusal):
    """You belong to as many entities as you may, or own as many as you may create."""

    code = "TOO_MANY_ENTITIES"
    message = "You have as many entities as you may have; leave one first."

    most: int
