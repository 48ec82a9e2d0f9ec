"""Refreshing and ending sessions."""

from typing import Annotated

import strawberry

from mccs_graphql.domain.access import EVERYBODY, USER
from mccs_graphql.domain.identity import refreshing, sessions
from mccs_graphql.domain.identity.refusals import RefreshTokenReused
from mccs_graphql.resolvers.identity import go_on_in
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.session_results import (
    EndSessionInput,
    EndSessionPayload,
    EndSessionResult,
    LogOutEverywherePayload,
    LogOutPayload,
    RefreshSessionInput,
    RefreshSessionPayload,
    RefreshSessionResult,
    pair,
)
from mccs_graphql.schema.user import User


@strawberry.type
class SessionMutation:
    @strawberry.mutation(
        description="Get the next pair of tokens. The same refresh token within 30 seconds leads "
        "to the same next one; later it ends the session, as somebody else must have it. On a "
        "WebSocket, what follows is known by the new access token.",
        directives=[access(EVERYBODY)],
    )
    async def refresh_session(
        self,
        info: Info,
        input: Annotated[RefreshSessionInput, strawberry.argument(description="With what.")],
    ) -> RefreshSessionResult:
        days = info.context.services.settings.session_days
        async with info.context.writing() as session:
            outcome = await refreshing.refresh(
                session, input.refresh_token, origin=info.context.origin, days=days
            )
        if isinstance(outcome, RefreshTokenReused):
            raise outcome
        access, viewer = await go_on_in(info.context, outcome)
        info.context.renew(access.text)
        return RefreshSessionPayload(**pair(outcome, access), user=User.of(viewer.user))

    @strawberry.mutation(
        description="End this session, at once: also its open subscriptions.",
        directives=[access(USER)],
    )
    async def log_out(self, info: Info) -> LogOutPayload | None:
        viewer = info.context.require_viewer()
        async with info.context.writing() as session:
            await sessions.end(session, viewer, viewer.require_session())
        info.context.become(None)
        return LogOutPayload(logged_out=True)

    @strawberry.mutation(
        description="End all sessions of yours, this one too.", directives=[access(USER)]
    )
    async def log_out_everywhere(self, info: Info) -> LogOutEverywherePayload | None:
        viewer = info.context.require_viewer()
        async with info.context.writing() as session:
            ended = await sessions.end_own(session, viewer, but_this=False)
        info.context.become(None)
        return LogOutEverywherePayload(ended=ended)

    @strawberry.mutation(
        description="End all sessions of yours but this one.", directives=[access(USER)]
    )
    async def log_out_elsewhere(self, info: Info) -> LogOutEverywherePayload | None:
        viewer = info.context.require_viewer()
        async with info.context.writing() as session:
            ended = await sessions.end_own(session, viewer, but_this=True)
        return LogOutEverywherePayload(ended=ended)

    @strawberry.mutation(description="End one session of yours.", directives=[access(USER)])
    async def end_session(
        self,
        info: Info,
        input: Annotated[EndSessionInput, strawberry.argument(description="Which one.")],
    ) -> EndSessionResult:
        viewer, session_id = info.context.require_viewer(), id_of(IdPrefix.SESSION, input.id)
        async with info.context.writing() as session:
            await sessions.end(session, viewer, session_id)
        if session_id == viewer.session_id:
            info.context.become(None)
        return EndSessionPayload(ended_id=input.id)
