"""Users."""

from datetime import datetime
from uuid import UUID

import strawberry

from mccs_graphql.db.models import AdminRole
from mccs_graphql.db.models import User as UserRow
from mccs_graphql.domain.access import USER, USER_OR_ADMIN
from mccs_graphql.domain.identity import sessions
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import Entity
from mccs_graphql.schema.ids import IdPrefix, encode_id
from mccs_graphql.schema.membership import Membership, load_memberships
from mccs_graphql.schema.nodes import Node
from mccs_graphql.schema.notice_preference import (
    NoticePreference,
    QuietHours,
    load_preferences,
)
from mccs_graphql.schema.second_factor import SecondFactor
from mccs_graphql.schema.session import Session
from mccs_graphql.settings import Language


@strawberry.type(
    description="One who logs in. Seen by nobody else but admins.",
    directives=[access(USER_OR_ADMIN)],
)
class User(Node):
    row: strawberry.Private[UserRow]
    version: int = strawberry.field(
        description="Raised by each change of the names, the telephone number and the address."
    )
    email: str = strawberry.field(description="The address to log in with.")
    first_name: str = strawberry.field(description="May be empty.")
    last_name: str = strawberry.field(description="May be empty.")
    telephone: str = strawberry.field(description="May be empty.")
    language: Language | None = strawberry.field(
        description="What mails to the user are written in; null if it is the community's language."
    )
    time_zone: str | None = strawberry.field(
        description="The time zone by whose clocks quiet hours are, such as `Europe/Berlin`; null "
        "if it is the community's."
    )
    created_at: datetime = strawberry.field(description="When this user signed up.")
    deleted_at: datetime | None = strawberry.field(
        description="Since when there is nobody behind it any more; null if there is."
    )
    log_in_at: datetime | None = strawberry.field(
        description="The latest log-in; null if there was none. Signing up counts."
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
            row=row,
            version=row.version,
            created_at=row.created_at,
            deleted_at=row.deleted_at,
            log_in_at=row.logged_in_at,
            email=row.email,
            first_name=row.first_name,
            last_name=row.last_name,
            telephone=row.telephone,
            language=row.language,
            time_zone=row.time_zone,
            previous_log_in_at=row.previously_logged_in_at,
            email_verified_at=row.email_verified_at,
            pending_email=row.pending_email,
            previous_log_in_address=row.previous_log_in_address,
            second_factor=SecondFactor(user_id=row.id, enabled_at=row.second_factor_at)
            if row.second_factor_at
            else None,
        )

    @strawberry.field(
        description="What you are if you are an admin; null for everybody else. An admin who "
        "lacks the second factor that is asked of admins has the role, but none of its powers."
    )
    def admin_role(self, info: Info) -> AdminRole | None:
        viewer = info.context.require_viewer()
        return viewer.admin_role if viewer.id == self.row.id else None

    @strawberry.field(
        description="The entities this user belongs to, oldest first; `memberships` has the roles."
    )
    async def entities(self, info: Info) -> list[Entity] | None:
        viewer, id_ = info.context.require_viewer(), self.row.id
        own = viewer.id == id_
        ids = viewer.entity_ids if own else await info.context.loaders.entity_ids.load(id_)
        found = await info.context.loaders.entities.load_many(ids)
        return [Entity.of(row) for row in found if row is not None]

    @strawberry.field(
        description="The entities this user belongs to, and as what; those joined first first, 50 "
        "at most."
    )
    async def memberships(self, info: Info) -> list[Membership] | None:
        rows = await info.context.loaders.memberships.load(self.row.id)
        return await load_memberships(info, rows)

    @strawberry.field(
        description="What you are told, by which way: all that there is to choose. Null for "
        "another user, also to admins.",
        directives=[access(USER)],
    )
    async def notice_preferences(self, info: Info) -> list[NoticePreference] | None:
        viewer = info.context.require_viewer()
        return await load_preferences(info) if viewer.id == self.row.id else None

    @strawberry.field(
        description="When mails wait that can be turned off; null if they never do. Null for "
        "another user, also to admins.",
        directives=[access(USER)],
    )
    def quiet_hours(self, info: Info) -> QuietHours | None:
        viewer = info.context.require_viewer()
        return QuietHours.of(self.row) if viewer.id == self.row.id else None

    @strawberry.field(
        description="Your log-ins that still last, the one used last first; 50 at most. Null for "
        "another user, also to admins.",
        directives=[access(USER)],
    )
    async def sessions(self, info: Info) -> list[Session] | None:
        viewer = info.context.require_viewer()
        if viewer.id != self.row.id:
            return None
        current_id = viewer.require_session()
        async with info.context.database.reading() as session:
            found = await sessions.own(session, viewer)
        return [Session.of(row, current_id=current_id) for row in found]


async def load_user(info: Info, id_: UUID) -> User | None:
    """The user, if there is one that the viewer may see."""
    row = await info.context.loaders.users.load(id_)
    return User.of(row) if row else None
