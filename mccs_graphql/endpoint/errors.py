"""What clients are told of errors: ours with a code, anything unforeseen only with a reference."""

import logging
import re

from graphql import GraphQLError, GraphQLSyntaxError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError

from mccs_graphql.domain.errors import DomainError, InvalidInput, Unauthenticated
from mccs_graphql.reference import new_reference

log = logging.getLogger(__name__)

_NO_OPERATION = "There is no such operation in the document."
_ECHO = re.compile(r"(?:[,;.] [Ff]ound| cannot represent [^:\n]*): .*\Z", re.DOTALL)
_QUOTED = re.compile(r"\b((?:Block)?String|Int|Float) ['\"].*\Z", re.DOTALL)
"""Ends of GraphQL's own messages: the value that was sent, the text where reading ended."""
_SUGGESTION = re.compile(r" Did you mean [^?]*\?")
PASSING_SQLSTATES = ("08", "40", "53", "57")
"""Connection lost; rolled back by a conflict; out of resources; ended by operator or timeout."""


def presentable(error: GraphQLError, *, reference: str = "") -> GraphQLError:
    """The error as the client may see it: always with a code in its extensions.

    What is our fault goes to the log under the ``reference`` of the operation, or a new one.
    """
    cause = _cause(error)
    if isinstance(cause, DomainError):
        return _said(error, cause)
    if isinstance(cause, MissingQueryError | CannotGetOperationTypeError):
        return _with_code(error, "BAD_REQUEST", _NO_OPERATION)
    if cause is not None:
        return _masked(error, cause, reference or new_reference())
    if "code" in (error.extensions or {}):
        return error
    if isinstance(error, GraphQLSyntaxError):
        return _with_code(error, "GRAPHQL_PARSE_FAILED", _without_values(error.message))
    # What is left is about variables.
    return _with_code(error, "BAD_USER_INPUT", _without_values(error.message))


def invalid(error: GraphQLError) -> GraphQLError:
    """An error found in a document, before it meets any variables."""
    code = (error.extensions or {}).get("code", "GRAPHQL_VALIDATION_FAILED")
    return _with_code(error, code, _without_values(error.message))


def _cause(error: GraphQLError) -> Exception | None:
    """What was raised at the bottom; None if it was GraphQL's own checking."""
    cause: Exception | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _said(error: GraphQLError, cause: DomainError) -> GraphQLError:
    """What a rule says; input is bad in the same way whoever finds it out."""
    if isinstance(cause, Unauthenticated) and cause.fault:
        return _with_code(error, cause.code, str(cause), reason=cause.fault)
    if not isinstance(cause, InvalidInput):
        return _with_code(error, cause.code, str(cause))
    problems = (f"{'.'.join(problem.path)}: {problem.message}" for problem in cause.problems)
    return _with_code(error, "BAD_USER_INPUT", " ".join(problems))


def _masked(error: GraphQLError, cause: Exception, reference: str) -> GraphQLError:
    if _may_pass(cause):
        log.warning("Not available just now [%s]: %r", reference, cause)
        return _with_code(
            error, "UNAVAILABLE", "Not available just now; try again.", reference=reference
        )
    log.error("Unforeseen error [%s]", reference, exc_info=cause, extra={"request": reference})
    message = f"Something went wrong on our side; quote {reference} when you report it."
    return _with_code(error, "INTERNAL_SERVER_ERROR", message, reference=reference)


def _may_pass(cause: Exception) -> bool:
    """Whether the same request may well succeed in a moment: no server, no room, no time."""
    if isinstance(cause, DBAPIError):
        state = getattr(cause.orig, "sqlstate", None) or ""
        return cause.connection_invalidated or state.startswith(PASSING_SQLSTATES)
    return isinstance(cause, PoolTimeout | OSError)


def _without_values(message: str) -> str:
    """GraphQL's message without what was sent: next to a mistake may stand a password.

    Clients and their services log errors, and what they have sent they know.
    """
    return _QUOTED.sub(r"\1", _ECHO.sub("", message))


def _without_suggestions(message: str) -> str:
    """A guess at what was meant would tell the names of what is not shown."""
    return _SUGGESTION.sub("", message)


def _with_code(error: GraphQLError, code: str, message: str, **more: str) -> GraphQLError:
    return GraphQLError(
        _without_suggestions(message),
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={"code": code, **more},
    )
