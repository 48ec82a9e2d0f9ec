"""Documents, each read once: parsed, validated and measured."""

from collections.abc import Mapping
from functools import cached_property, lru_cache

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    get_operation_ast,
    parse,
    validate,
)

from mccs_graphql.endpoint.errors import invalid
from mccs_graphql.endpoint.limits import TOKENS_MAX
from mccs_graphql.endpoint.measuring import Measure, Measuring
from mccs_graphql.endpoint.sizes import Sizes

DOCUMENTS_KEPT = 256
MEASURES_KEPT = 64
"""Of one document: pages have a few sizes, and operations a few names."""


class Document:
    """What is known of a document. By its text, as nodes are slow to hash."""

    def __init__(self, schema: GraphQLSchema, text: str) -> None:
        self._schema = schema
        self.node: DocumentNode = parse(text, max_tokens=TOKENS_MAX)
        self._measure = lru_cache(MEASURES_KEPT)(self._measured)

    @cached_property
    def faults(self) -> tuple[GraphQLError, ...]:
        """What keeps it from being valid."""
        return tuple(map(invalid, validate(self._schema, self.node)))

    @cached_property
    def operation_count(self) -> int:
        """How many operations there are to choose from."""
        return sum(isinstance(node, OperationDefinitionNode) for node in self.node.definitions)

    def measure(self, name: str | None, variables: Mapping[str, object]) -> Measure:
        """The size of an operation. The document must be valid."""
        return self._measure(name, self._sizes.given(variables))

    @cached_property
    def _sizes(self) -> Sizes:
        return Sizes(self.node)

    def _measured(self, name: str | None, given: tuple[tuple[str, int], ...]) -> Measure:
        operation = get_operation_ast(self.node, name)
        if operation is None:
            return Measure()
        return Measuring(self._schema, self.node, operation).measure(dict(given))


@lru_cache(DOCUMENTS_KEPT)
def read(schema: GraphQLSchema, text: str) -> Document:
    """The document with this text. Raises GraphQLError if it has no form."""
    return Document(schema, text)
