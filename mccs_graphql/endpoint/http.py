"""GraphQL over HTTP: a request in, an answer out, by the specification."""

from collections.abc import Sequence

from graphql import GraphQLError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from mccs_graphql.context import Caller, Services
from mccs_graphql.domain.rates import Charge
from mccs_graphql.endpoint import charges, graphiql
from mccs_graphql.endpoint.callers import caller_of
from mccs_graphql.endpoint.errors import presentable
from mccs_graphql.endpoint.media_types import JSON, negotiated
from mccs_graphql.endpoint.operations import UNREADABLE
from mccs_graphql.endpoint.refusals import json_response, refuse, told
from mccs_graphql.endpoint.requests import Asked, asked_by, check_headers, check_site
from mccs_graphql.endpoint.schema import Schema

METHODS = ("GET", "POST")
_ALLOWED = {
    "GET": {OperationType.QUERY},
    "HEAD": {OperationType.QUERY},
    "POST": {OperationType.QUERY, OperationType.MUTATION},
}
_RATE_LIMITED = 429
"""Whatever the media type: what stands between looks at the status alone."""
_FAULTS = {"UNAVAILABLE": 503, "TIMEOUT": 503, "INTERNAL_SERVER_ERROR": 500}
"""The status of a document that was not carried out, where that is not the client's fault."""


class HttpEndpoint:
    """Answers single requests; whatever lasts longer needs a WebSocket."""

    def __init__(self, schema: Schema, services: Services) -> None:
        self._schema = schema
        self._services = services

    async def answer(self, request: Request) -> Response:
        """The result of one operation. Raises HTTPException for what is no request."""
        settings = self._services.settings
        if settings.graphiql and graphiql.wants_page(request):
            return graphiql.page()
        # First, and free: a page from elsewhere must not spend what its reader's place has.
        check_site(request, settings.origins)
        caller = caller_of(request, self._services)
        try:
            check_headers(request)
            media_type, asked = _media_type(request), await asked_by(request)
        except HTTPException as refused:
            return await _told(request, refused, await caller.pay(UNREADABLE, by=None))
        result = await self._execute(asked, caller, method=request.method)
        return respond(result, media_type, charge=caller.charge)

    async def _execute(self, asked: Asked, caller: Caller, *, method: str) -> ExecutionResult:
        try:
            return await self._schema.execute(
                asked.query,
                variable_values=asked.variables,
                context_value=caller,
                operation_name=asked.operation_name,
                allowed_operation_types=_ALLOWED[method],
                operation_extensions=asked.extensions,
            )
        except (
            InvalidOperationTypeError,
            MissingQueryError,
            CannotGetOperationTypeError,
        ) as refused:
            return _not_begun(refused, caller)


def _media_type(request: Request) -> str:
    media_type = negotiated(request.headers.get("accept"))
    if media_type is None:
        raise HTTPException(406, "Answers are application/graphql-response+json or JSON.")
    return media_type


async def _told(request: Request, refused: HTTPException, charge: Charge) -> Response:
    """Why this is no request, until no points are left for such."""
    headers = {**(refused.headers or {}), **charges.headers(charge)}
    if charge.retry_seconds:
        return told(request, charges.refusal(charge), status=_RATE_LIMITED, headers=headers)
    return await refuse(request, HTTPException(refused.status_code, refused.detail, headers))


def respond(result: ExecutionResult, media_type: str, *, charge: Charge | None) -> Response:
    """The answer; without the entry `data` if nothing was carried out."""
    errors = result.errors or []
    body: dict[str, object] = {"data": result.data} if _was_carried_out(result) else {}
    if errors:
        body["errors"] = [error.formatted for error in errors]
    if result.extensions:
        body["extensions"] = result.extensions
    is_limited = charge is not None and charge.retry_seconds > 0
    return json_response(
        body,
        media_type,
        status=_RATE_LIMITED if is_limited else _status(body, errors, media_type),
        headers=charges.headers(charge) if charge else None,
    )


def _status(body: dict[str, object], errors: Sequence[GraphQLError], media_type: str) -> int:
    if "data" in body or media_type == JSON:
        return 200
    return _FAULTS.get((errors[0].extensions or {}).get("code", ""), 400)


def _was_carried_out(result: ExecutionResult) -> bool:
    """Errors of fields have a path; an error without one came before any field."""
    return result.data is not None or any(error.path for error in result.errors or ())


def _not_begun(cause: Exception, caller: Caller) -> ExecutionResult:
    """What Strawberry says by raising. It costs what all documents do that are not carried out."""
    charge = caller.charge
    extensions: dict[str, object] = {"request": caller.reference}
    if charge:
        extensions |= {"cost": charges.shown(charge)}
    if charge and charge.retry_seconds:
        return ExecutionResult(None, [charges.refusal(charge)], extensions)
    if isinstance(cause, InvalidOperationTypeError):
        raise _unfit(cause.operation_type) from cause
    error = GraphQLError(str(cause), original_error=cause)
    return ExecutionResult(None, [presentable(error)], extensions)


def _unfit(operation_type: OperationType) -> HTTPException:
    if operation_type is OperationType.SUBSCRIPTION:
        return HTTPException(400, "A subscription needs a WebSocket (graphql-transport-ws).")
    return HTTPException(405, "GET is for queries; send mutations by POST.", {"Allow": "POST"})
