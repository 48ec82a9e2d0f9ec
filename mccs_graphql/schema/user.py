"""Users."""

from datetime import datetime

import strawberry

from mccs_graphql.db.models import AdminRole
from mccs_graphql.db.models import User as UserRow
from mccs_graphql.db.queries import members
from mccs_graphql.domain.access import USER
from mccs_graphql.domain.identity import sessions
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import Entity
from mccs_graphql.schema.ids import IdPrefix, encode_id
from mccs_graphql.schema.membership import Membership, load_memberships
from mccs_graphql.schema.nodes import Node
from mccs_graphql.schema.second_factor import SecondFactor
from mccs_graphql.schema.session import Session
from mccs_graphql.settings import Language


@strawberry.type(description="One who logs in. Seen by nobody else.", directives=[access(USER)])
class User(Node):
    email: str = strawberry.field(description="The address to log in with.")
    first_name: str = strawberry.field(description="May be empty.")
    last_name: str = strawberry.field(description="May be empty.")
    telephone: str = strawberry.field(description="May be empty.")
    language: Language | None = strawberry.field(
        description="What mails to the user are written in; null if it is the community's language."
    )
    previous_log_in_at: datetime | None = strawberry.field(
        description="When this user had logged in before the latest log-in; null if that was the "
        "first. Signing up counts."
    )
    email_verified_at: datetime | None = strawberry.field(
        description="When it was first proved that the user reads the mails of `email`; null if "
        "it has not been."
    )
    pending_email: str | None = strawberry.field(
        description="The address that is to follow `email` once it is confirmed there."
    )
    previous_log_in_address: str | None = strawberry.field(
        description="The network address of the log-in before the last one; null if there was none."
    )
    second_factor: SecondFactor | None = strawberry.field(
        description="What is needed to log in besides the password; null if nothing is."
    )

    @classmethod
    def of(cls, row: UserRow) -> "User":
        """The row as clients see it."""
        return cls(
            id=encode_id(IdPrefix.USER, row.id),
            email=row.email,
            first_name=row.first_name,
            last_name=row.last_name,
            telephone=row.telephone,
            language=row.language,
            previous_log_in_at=row.previously_logged_in_at,
            email_verified_at=row.email_verified_at,
            pending_email=row.pending_email,
            previous_log_in_address=row.previous_log_in_address,
            second_factor=SecondFactor(enabled_at=row.second_factor_at)
            if row.second_factor_at
            else None,
        )

    @strawberry.field(
        description="What this user is if it is an admin; null for everybody else. An admin who "
        "lacks the second factor that is asked of admins has the role, but none of its powers."
    )
    def admin_role(self, info: Info) -> AdminRole | None:
        return info.context.require_viewer().admin_role

    @strawberry.field(
        description="The entities this user belongs to, oldest first; `memberships` has the roles."
    )
    async def entities(self, info: Info) -> list[Entity] | None:
        ids = info.context.require_viewer().entity_ids
        found = await info.context.loaders.entities.load_many(ids)
        return [Entity.of(row) for row in found if row is not None]

    @strawberry.field(
        description="The entities this user belongs to, and as what; those joined first first, 50 "
        "at most."
    )
    async def memberships(self, info: Info) -> list[Membership] | None:
        viewer = info.context.require_viewer()
        async with info.context.database.reading() as session:
            rows = await members.memberships_of(session, viewer.id)
        return await load_memberships(info, rows)

    @strawberry.field(
        description="The user's log-ins that still last, the one used last first; 50 at most."
    )
    async def sessions(self, info: Info) -> list[Session] | None:
        viewer = info.context.require_viewer()
        current_id = viewer.require_session()
        async with info.context.database.reading() as session:
            found = await sessions.own(session, viewer)
        return [Session.of(row, current_id=current_id) for row in found]
