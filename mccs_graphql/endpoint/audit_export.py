"""``GET /export/audit.csv``: the audit trail for admins, with the filters of ``auditEntries``."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

import strawberry
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from mccs_graphql.context import Services
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import ActorKind, AuditOutcome
from mccs_graphql.db.queries.audit_search import (
    COUNTED_MAX,
    AuditFilter,
    batches_of_entries,
    count_entries,
)
from mccs_graphql.domain.access import INSPECT
from mccs_graphql.domain.audit.export import head, lines
from mccs_graphql.domain.errors import DomainError
from mccs_graphql.domain.identity.viewer import admit
from mccs_graphql.endpoint import charges
from mccs_graphql.endpoint.callers import caller_of
from mccs_graphql.endpoint.errors import presentable
from mccs_graphql.endpoint.refusals import told
from mccs_graphql.reference import begin_reference
from mccs_graphql.schema.audit import AuditFilterInput
from mccs_graphql.schema.scalars import parse_date_time, refuse

PATH = "/export/audit.csv"
LEAST_POINTS = 10
ENTRIES_A_POINT = 25
"""A line costs less than an object of GraphQL."""
PARAMETERS = ("actor", "subject", "action", "field", "outcome", "actorKind", "from", "to")
_STATUS = {"UNAUTHENTICATED": 401, "FORBIDDEN": 403, "BAD_USER_INPUT": 400, "RATE_LIMITED": 429}
_TOO_MANY = (
    "These are more than {:,} entries; ask for less by `from` and `to`, or let an operator run "
    "`mccs export-audit`."
)
Kind = TypeVar("Kind", bound=StrEnum)


async def audit_csv(request: Request) -> Response:
    """All entries that are asked for, streamed; an error as GraphQL has them."""
    try:
        return await _export(request)
    except (DomainError, GraphQLError) as error:
        shown = presentable(GraphQLError(str(error), original_error=error))
        status = _STATUS.get((shown.extensions or {}).get("code", ""), 400)
        return told(request, shown, status=status)


async def _export(request: Request) -> Response:
    services: Services = request.app.state.services
    caller = caller_of(request, services)
    context = await caller.enter(reference=begin_reference())
    admit(context.viewer, INSPECT)
    wanted = _wanted(request)
    async with services.database.reading() as session:
        count = await count_entries(session, wanted)
    if count is None:
        refuse(_TOO_MANY.format(COUNTED_MAX))
    charge = await caller.pay(LEAST_POINTS + count // ENTRIES_A_POINT, by=context)
    if charge.retry_seconds:
        return told(request, charges.refusal(charge), status=429, headers=charges.headers(charge))
    name = f"audit-{datetime.now(UTC):%Y-%m-%d}.csv"
    return StreamingResponse(
        _stream(services.database, wanted),
        media_type="text/csv",
        headers=charges.headers(charge) | {"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _stream(database: Database, wanted: AuditFilter) -> AsyncIterator[str]:
    yield head()
    async for entries in batches_of_entries(database, wanted):
        yield lines(entries)


def _wanted(request: Request) -> AuditFilter:
    """The filter that the address says. A name that is not known would export too much."""
    given = request.query_params
    for name in given:
        if name not in PARAMETERS or len(given.getlist(name)) > 1:
            refuse(f"Say each of these once at most: {', '.join(PARAMETERS)}.")
    return AuditFilterInput(
        actor=_id(given.get("actor")),
        subject=_id(given.get("subject")),
        action=given.get("action"),
        field=given.get("field"),
        outcome=_one_of(AuditOutcome, given.get("outcome")),
        actor_kind=_one_of(ActorKind, given.get("actorKind")),
        from_=_moment(given.get("from")),
        to=_moment(given.get("to")),
    ).to_filter()


def _one_of(kind: type[Kind], text: str | None) -> Kind | None:
    if text is not None and text not in kind.__members__:
        refuse(f"One of these: {', '.join(kind.__members__)}.")
    return None if text is None else kind[text]


def _id(text: str | None) -> strawberry.ID | None:
    return None if text is None else strawberry.ID(text)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_date_time(text)
