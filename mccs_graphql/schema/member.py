"""Those who belong to an entity, and those who are invited to."""

from datetime import datetime

import strawberry

from mccs_graphql.db.models import Invitation as InvitationRow
from mccs_graphql.db.models import Role
from mccs_graphql.db.queries.members import Member as MemberRow
from mccs_graphql.domain.access import HOLDER, OVERSEE, READ
from mccs_graphql.domain.visibility import may_see_log_in_addresses
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.ids import IdPrefix, encode_id


@strawberry.type(
    description="A user who belongs to an entity, as its members see them.",
    directives=[access(READ)],
)
class Member:
    row: strawberry.Private[MemberRow]
    user_id: strawberry.ID = strawberry.field(
        description="What `changeMemberRole` and `removeMember` take."
    )
    first_name: str = strawberry.field(description="May be empty.")
    last_name: str = strawberry.field(description="May be empty.")
    role: Role = strawberry.field(description="What they are in the entity.")
    since: datetime = strawberry.field(description="When they became a member.")

    @classmethod
    def of(cls, row: MemberRow) -> "Member":
        """The row as members of the entity see it."""
        return cls(
            row=row,
            user_id=encode_id(IdPrefix.USER, row.user.id),
            first_name=row.user.first_name,
            last_name=row.user.last_name,
            role=row.membership.role,
            since=row.membership.created_at,
        )

    @strawberry.field(
        description="The address they log in with; null unless you are an OWNER of the entity.",
        directives=[access(OVERSEE)],
    )
    def email(self, info: Info) -> str | None:
        entity_id = self.row.membership.entity_id
        may_see = may_see_log_in_addresses(info.context.viewer, entity_id)
        return self.row.user.email if may_see else None


@strawberry.type(
    description="Whoever reads the mails of an address may become a member. Seen by the OWNERs of "
    "the entity; gone once it is accepted, declined, withdrawn or expired.",
    directives=[access(HOLDER)],
)
class Invitation:
    id: strawberry.ID = strawberry.field(description="Opaque; what `withdrawInvitation` takes.")
    email: str = strawberry.field(description="The address it was mailed to.")
    role: Role = strawberry.field(description="What who accepts it becomes.")
    message: str = strawberry.field(description="What was said along with it; may be empty.")
    invited_by: strawberry.ID = strawberry.field(
        description="The `Member.userId` of the OWNER who sent it last."
    )
    invited_at: datetime = strawberry.field(description="When it was sent last.")
    expires_at: datetime = strawberry.field(description="Until when it can be accepted.")

    @classmethod
    def of(cls, row: InvitationRow) -> "Invitation":
        """The row as the owners of the entity see it."""
        return cls(
            id=encode_id(IdPrefix.INVITATION, row.id),
            email=row.email,
            role=row.role,
            message=row.message,
            invited_by=encode_id(IdPrefix.USER, row.invited_by),
            invited_at=row.invited_at,
            expires_at=row.expires_at,
        )
