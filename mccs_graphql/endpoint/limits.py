"""How much one document may ask for. Measured in one pass, each fragment once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TypeVar

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

from mccs_graphql.schema.pages import PAGE_DEFAULT, PAGE_MAX

TOKENS_MAX = 1000
DEPTH_MAX = 10
ALIASES_MAX = 30
OBJECTS_MAX = 10_000
"""How many objects the answer may have if every page is full."""

PAGED_BY, LOOKED_UP_BY = "first", "ids"
"""Arguments of fields that answer with a page, or with one object for each id."""

Variables = Mapping[str, object]
Parent = GraphQLNamedType | None
_WITH_FIELDS = (GraphQLObjectType, GraphQLInterfaceType)
Definition = TypeVar("Definition")


@dataclass(frozen=True)
class Measure:
    """The size of a selection; side by side measures add up, but for the depth."""

    depth: int = 0
    aliases: int = 0
    objects: int = 0

    def __add__(self, other: "Measure") -> "Measure":
        return Measure(
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.objects + other.objects,
        )


class Measuring:
    """Measures the operations of a valid document: its fragments exist and have no circles."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: Variables) -> None:
        self._schema = schema
        self._operations = _definitions(document, OperationDefinitionNode)
        fragments = _definitions(document, FragmentDefinitionNode)
        self._fragments = {fragment.name.value: fragment for fragment in fragments}
        self._measured: dict[str, Measure] = {}
        self._variables = variables

    def sum(self) -> Measure:
        """The document as the sum of its operations."""
        return _sum(
            self._selections(
                operation.selection_set, self._schema.get_root_type(operation.operation)
            )
            for operation in self._operations
        )

    def _selections(self, selection_set: SelectionSetNode | None, parent: Parent) -> Measure:
        selections = selection_set.selections if selection_set else ()
        return _sum(self._selection(node, parent) for node in selections)

    def _selection(self, node: SelectionNode, parent: Parent) -> Measure:
        match node:
            case FragmentSpreadNode():
                return self._fragment(node.name.value)
            case InlineFragmentNode(type_condition=condition):
                on = self._schema.get_type(condition.name.value) if condition else parent
                return self._selections(node.selection_set, on)
            case FieldNode():
                return self._field(node, parent)
        return Measure()

    def _fragment(self, name: str) -> Measure:
        if name not in self._measured:
            fragment = self._fragments[name]
            on = self._schema.get_type(fragment.type_condition.name.value)
            self._measured[name] = self._selections(fragment.selection_set, on)
        return self._measured[name]

    def _field(self, node: FieldNode, parent: Parent) -> Measure:
        alias = 1 if node.alias else 0
        fields = parent.fields if isinstance(parent, _WITH_FIELDS) else {}
        field = fields.get(node.name.value)
        if field is None:
            return Measure(aliases=alias)  # introspection has a limit of its own in graphql-core
        inner = self._selections(node.selection_set, get_named_type(field.type))
        objects = self._size(node, field) * (1 + inner.objects) if node.selection_set else 0
        return Measure(inner.depth + 1, inner.aliases + alias, objects)

    def _size(self, node: FieldNode, field: GraphQLField) -> int:
        """How many objects a field answers with for each one it is asked of."""
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        if PAGED_BY in field.args:
            return self._number(given.get(PAGED_BY, given.get("last")))
        if LOOKED_UP_BY in field.args:
            return self._length(given.get(LOOKED_UP_BY))
        return 1

    def _number(self, value: object) -> int:
        found: object = None
        if isinstance(value, IntValueNode):
            found = int(value.value) if len(value.value) <= len(str(PAGE_MAX)) else PAGE_MAX
        elif isinstance(value, VariableNode):
            found = self._variables.get(value.name.value)
        number = found if isinstance(found, int) else PAGE_DEFAULT
        return min(max(number, 1), PAGE_MAX)

    def _length(self, value: object) -> int:
        found: object = None
        if isinstance(value, ListValueNode):
            found = value.values
        elif isinstance(value, VariableNode):
            found = self._variables.get(value.name.value)
        return len(found) if isinstance(found, list | tuple) else 1


def excess(
    schema: GraphQLSchema, document: DocumentNode, variables: Variables
) -> list[GraphQLError]:
    """Why a valid document asks for too much; empty if it does not."""
    measure = Measuring(schema, document, variables).sum()
    asked = (
        ("levels of fields", measure.depth, DEPTH_MAX),
        ("aliases", measure.aliases, ALIASES_MAX),
        ("objects", measure.objects, OBJECTS_MAX),
    )
    return [
        GraphQLError(
            f"This document asks for {found} {what}; at most {most} are allowed.",
            extensions={"code": "DOCUMENT_TOO_LARGE"},
        )
        for what, found, most in asked
        if found > most
    ]


def _sum(measures: Iterable[Measure]) -> Measure:
    return reduce(Measure.__add__, measures, Measure())


def _definitions(document: DocumentNode, kind: type[Definition]) -> list[Definition]:
    return [node for node in document.definitions if isinstance(node, kind)]
