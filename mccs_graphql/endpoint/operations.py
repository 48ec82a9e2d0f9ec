"""What happens around every operation: the document, who asks, and how errors are shown."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import lru_cache

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    get_operation_ast,
    parse,
    validate,
)
from graphql import ExecutionResult as GraphQLExecutionResult
from graphql import (
    OperationType as DocumentOperation,
)
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionResult, StreamExecutionResult

from mccs_graphql.context import Caller, Context
from mccs_graphql.endpoint.errors import invalid, presentable
from mccs_graphql.endpoint.limits import TOKENS_MAX, excess, introspects

DOCUMENTS_KEPT = 256
_NO_INTROSPECTION = "The schema is not shown here; it is published as schema.graphql."
BRING_THEIR_OWN_PROOF = frozenset(
    (
        *("logIn", "refreshSession", "signUp", "requestPasswordReset", "resetPassword"),
        *("verifyEmail", "confirmEmailChange", "cancelEmailChange"),
    )
)
"""Mutations that do not ask who sends them: a token that has expired does not keep them out."""


class Operation(SchemaExtension):
    """Parses and validates a document once, looks the caller up, makes errors presentable."""

    async def on_operation(self) -> AsyncIterator[None]:
        """Bound the document before, show the errors after."""
        self.execution_context.parse_options["max_tokens"] = TOKENS_MAX
        self._deadline = asyncio.get_running_loop().time() + self._seconds
        yield
        _show_errors(self.execution_context.result)

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        """Show the errors of a subscription's message."""
        _show_errors(result)
        yield None

    def on_parse(self) -> Iterator[None]:
        """Take the document from those kept; one with an error is left to Strawberry to report."""
        try:
            self.execution_context.graphql_document = _parsed(self.execution_context.query or "")
        except GraphQLError:
            self.execution_context.graphql_document = None
        yield

    async def on_validate(self) -> AsyncIterator[None]:
        """Validate, then give the operation a context of its own.

        Here because an error of this step reaches the client on every transport.
        """
        operation = self.execution_context
        if operation.graphql_document is not None:
            operation.pre_execution_errors = self._faults(
                operation.graphql_document
            ) or await self._enter(operation.context, operation.graphql_document)
        yield

    async def on_execute(self) -> AsyncIterator[None]:
        """Bound the time; of a subscription only its beginning is carried out here."""
        deadline = asyncio.timeout_at(self._deadline)
        try:
            async with deadline:
                yield
        except TimeoutError:
            if not deadline.expired():
                raise
            raise GraphQLError(_too_slow(self._seconds), extensions={"code": "TIMEOUT"}) from None

    @property
    def _seconds(self) -> float:
        context: Caller | Context = self.execution_context.context
        return context.services.settings.operation_seconds

    def _faults(self, document: DocumentNode) -> list[GraphQLError]:
        operation = self.execution_context
        # Strawberry would take the first of several operations; the specification says to refuse.
        named = operation._provided_operation_name is not None  # noqa: SLF001 - nowhere else
        if not named and _operation_count(document) > 1:
            return [_refused("Say by `operationName` which of the operations is meant.")]
        schema = operation.schema._schema  # noqa: SLF001 - the only way to graphql-core's
        return list(_validated(schema, document)) or excess(
            schema, document, operation.variables or {}
        )

    async def _enter(self, caller: Caller, document: DocumentNode) -> list[GraphQLError]:
        operation = self.execution_context
        try:
            whoever = _brings_its_own_proof(document, operation.operation_name)
            async with asyncio.timeout_at(self._deadline):
                context = operation.context = await caller.enter(whoever=whoever)
        except Exception as error:
            return [GraphQLError(str(error), original_error=error)]
        return self._secrets(context)

    def _secrets(self, context: Context) -> list[GraphQLError]:
        """Why this caller may not read the schema; empty if the document does not ask for it."""
        allowed = context.services.settings.introspection
        if allowed == "all" or (allowed == "members" and context.viewer):
            return []
        operation = self.execution_context
        schema = operation.schema._schema  # noqa: SLF001 - the only way to graphql-core's
        document = operation.graphql_document
        if document is None or not introspects(schema, document):
            return []
        code = "FORBIDDEN" if allowed == "off" else "UNAUTHENTICATED"
        return [GraphQLError(_NO_INTROSPECTION, extensions={"code": code})]


@lru_cache(DOCUMENTS_KEPT)
def _parsed(query: str) -> DocumentNode:
    return parse(query, max_tokens=TOKENS_MAX)


@lru_cache(DOCUMENTS_KEPT)
def _validated(schema: GraphQLSchema, document: DocumentNode) -> tuple[GraphQLError, ...]:
    return tuple(map(invalid, validate(schema, document)))


def _operation_count(document: DocumentNode) -> int:
    return sum(isinstance(node, OperationDefinitionNode) for node in document.definitions)


def _brings_its_own_proof(document: DocumentNode, name: str | None) -> bool:
    operation = get_operation_ast(document, name)
    if operation is None or operation.operation is not DocumentOperation.MUTATION:
        return False
    return all(
        isinstance(node, FieldNode) and node.name.value in BRING_THEIR_OWN_PROOF
        for node in operation.selection_set.selections
    )


def _refused(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "BAD_REQUEST"})


def _too_slow(seconds: float) -> str:
    return (
        f"This took more than {seconds:g} seconds and was given up. Ask for less; send a mutation "
        "again with the same idempotencyKey."
    )


def _show_errors(result: object) -> None:
    if isinstance(result, ExecutionResult | GraphQLExecutionResult) and result.errors:
        result.errors = [presentable(error) for error in result.errors]
