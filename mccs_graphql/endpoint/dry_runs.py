"""Queries that only ask what they would cost: ``rateLimit(dryRun: true)`` is among their fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_argument_values,
    get_operation_ast,
    get_variable_values,
)
from graphql.execution.collect_fields import FragmentDetails, collect_fields

SAYS_THE_COST = "rateLimit"
ARGUMENT = "dryRun"
_CARRIED_OUT = (SAYS_THE_COST, "__typename")


@dataclass(frozen=True)
class DryRun:
    """What is carried out of a query all the same, and under which names the rest is null."""

    document: DocumentNode
    names: tuple[str, ...]

    def fill(self, result: ExecutionResult) -> None:
        """Give the fields that were left out their null, all in the order of the query."""
        if result.data is not None:
            result.data = {name: result.data.get(name) for name in self.names}


def dry_run(
    schema: GraphQLSchema, document: DocumentNode, name: str | None, variables: Mapping[str, Any]
) -> DryRun | None:
    """The dry run that an operation asks for; None if it is to be carried out.

    The document must be valid. Bad variables are left to the execution to find.
    """
    operation = get_operation_ast(document, name)
    if operation is None or operation.operation is not OperationType.QUERY:
        return None
    fields = _fields(schema, document, operation, variables)
    if fields is None:
        return None
    kept = [nodes for nodes in fields.values() if nodes[0].name.value in _CARRIED_OUT]
    return DryRun(_only(document, operation, kept), tuple(fields))


def _fields(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> dict[str, list[FieldNode]] | None:
    """The fields at the top by their names in the answer; None if none asks for a dry run."""
    values = get_variable_values(schema, operation.variable_definitions or (), dict(variables))
    query = schema.query_type
    if isinstance(values, list) or query is None:
        return None
    fragments = {
        node.name.value: FragmentDetails(node)
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    found = collect_fields(schema, fragments, values, query, operation).grouped_field_set
    fields = {name: [each.node for each in details] for name, details in found.items()}
    definition = query.fields[SAYS_THE_COST]
    is_dry = any(
        get_argument_values(definition, nodes[0], values).get(ARGUMENT)
        for nodes in fields.values()
        if nodes[0].name.value == SAYS_THE_COST
    )
    return fields if is_dry else None


def _only(
    document: DocumentNode, operation: OperationDefinitionNode, kept: list[list[FieldNode]]
) -> DocumentNode:
    """The document with an operation that has these fields alone at its top."""
    selections = tuple(node for nodes in kept for node in nodes)
    rest = OperationDefinitionNode(
        operation=operation.operation,
        name=operation.name,
        variable_definitions=operation.variable_definitions,
        directives=operation.directives,
        selection_set=SelectionSetNode(selections=selections),
    )
    others = (node for node in document.definitions if node is not operation)
    return DocumentNode(definitions=(rest, *others))
