"""The second factor of a user."""

from datetime import datetime
from uuid import UUID

import strawberry

from mccs_graphql.domain.access import USER, USER_OR_ADMIN
from mccs_graphql.domain.identity import enrolment
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info


@strawberry.type(
    description="What a user proves besides the password when logging in: a code of an "
    "authenticator app, or a recovery code. Seen by its user only.",
    directives=[access(USER_OR_ADMIN)],
)
class SecondFactor:
    user_id: strawberry.Private[UUID]
    enabled_at: datetime = strawberry.field(description="Since when it is needed to log in.")

    @strawberry.field(
        description="How many recovery codes have not been used; of 10. `renewRecoveryCodes` "
        "makes new ones. Null for another user, also to admins.",
        directives=[access(USER)],
    )
    async def recovery_codes_left(self, info: Info) -> int | None:
        viewer = info.context.require_viewer()
        if viewer.id != self.user_id:
            return None
        async with info.context.database.reading() as session:
            return await enrolment.codes_left(session, viewer)
