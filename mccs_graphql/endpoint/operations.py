"""What happens around every operation: the document, who asks, and how errors are shown."""

from collections.abc import AsyncIterator, Iterator
from functools import lru_cache

from graphql import DocumentNode, GraphQLError, GraphQLSchema, parse, specified_rules, validate
from graphql import ExecutionResult as GraphQLExecutionResult
from strawberry.extensions import MaxAliasesLimiter, QueryDepthLimiter, SchemaExtension
from strawberry.types import ExecutionResult, StreamExecutionResult
from strawberry.types.graphql import OperationType

from mccs_graphql.context import Caller
from mccs_graphql.endpoint.errors import presentable

DOCUMENTS_KEPT = 256
TOKENS_MAX = 1000
ALIASES_MAX = 30
DEPTH_MAX = 10

# Built once: a rule made anew for each request would never be found among the kept results.
RULES = (
    *specified_rules,
    *QueryDepthLimiter(max_depth=DEPTH_MAX).validation_rules,
    *MaxAliasesLimiter(max_alias_count=ALIASES_MAX).validation_rules,
)


class Operation(SchemaExtension):
    """Parses and validates a document once, looks the caller up, makes errors presentable."""

    async def on_operation(self) -> AsyncIterator[None]:
        """Bound the document before, show the errors after."""
        self.execution_context.parse_options["max_tokens"] = TOKENS_MAX
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
            schema = operation.schema._schema  # noqa: SLF001 - the only way to graphql-core's
            errors = list(_validated(schema, operation.graphql_document))
            operation.pre_execution_errors = errors or await self._enter(operation.context)
        yield

    async def _enter(self, caller: Caller) -> list[GraphQLError]:
        operation = self.execution_context
        if operation.operation_type is OperationType.SUBSCRIPTION and not caller.can_stream:
            message = "A subscription needs a WebSocket (graphql-transport-ws)."
            return [GraphQLError(message, extensions={"code": "BAD_REQUEST"})]
        try:
            operation.context = await caller.enter()
        except Exception as error:
            return [GraphQLError(str(error), original_error=error)]
        return []


@lru_cache(DOCUMENTS_KEPT)
def _parsed(query: str) -> DocumentNode:
    return parse(query, max_tokens=TOKENS_MAX)


@lru_cache(DOCUMENTS_KEPT)
def _validated(schema: GraphQLSchema, document: DocumentNode) -> tuple[GraphQLError, ...]:
    return tuple(validate(schema, document, RULES))


def _show_errors(result: object) -> None:
    if isinstance(result, ExecutionResult | GraphQLExecutionResult) and result.errors:
        result.errors = [presentable(error) for error in result.errors]
