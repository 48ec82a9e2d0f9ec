"""How large a document is. Measured in one pass, each fragment once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import TypeVar

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    Node,
    OperationDefinitionNode,
    OperationType,
    SchemaMetaFieldDef,
    SelectionNode,
    SelectionSetNode,
    TypeMetaFieldDef,
    VariableNode,
    get_named_type,
)

from mccs_graphql.schema.pages import PAGE_DEFAULT, PAGE_MAX

PAGED_BY, LOOKED_UP_BY = "first", "ids"
"""Arguments of fields that answer with a page, or with one object for each id."""

Variables = Mapping[str, object]
Parent = GraphQLNamedType | None
_META_TYPES = {
    name: get_named_type(field.type)
    for name, field in (("__schema", SchemaMetaFieldDef), ("__type", TypeMetaFieldDef))
}
_WITH_FIELDS = (GraphQLObjectType, GraphQLInterfaceType)
Definition = TypeVar("Definition")


@dataclass(frozen=True)
class Measure:
    """The size of a selection; side by side measures add up, but for the depths.

    ``fields`` are those of the selection itself, ``mutations`` those at the top of mutations.
    Introspection is measured apart: what it walks is the schema, and that has circles.
    """

    depth: int = 0
    aliases: int = 0
    objects: int = 0
    fields: int = 0
    mutations: int = 0
    directives: int = 0
    introspections: int = 0
    introspection_depth: int = 0

    def __add__(self, other: "Measure") -> "Measure":
        return Measure(
            depth=max(self.depth, other.depth),
            aliases=self.aliases + other.aliases,
            objects=self.objects + other.objects,
            fields=self.fields + other.fields,
            mutations=self.mutations + other.mutations,
            directives=self.directives + other.directives,
            introspections=self.introspections + other.introspections,
            introspection_depth=max(self.introspection_depth, other.introspection_depth),
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
        return _sum(map(self._operation, self._operations))

    def _operation(self, node: OperationDefinitionNode) -> Measure:
        root = self._schema.get_root_type(node.operation)
        inner = self._selections(node.selection_set, root) + _directives(node)
        measure = _sum(map(_directives, node.variable_definitions or ())) + inner
        is_mutation = node.operation is OperationType.MUTATION
        return replace(measure, mutations=measure.fields) if is_mutation else measure

    def _selections(self, selection_set: SelectionSetNode | None, parent: Parent) -> Measure:
        selections = selection_set.selections if selection_set else ()
        return _sum(self._selection(node, parent) + _directives(node) for node in selections)

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
            inner = self._selections(fragment.selection_set, on)
            self._measured[name] = inner + _directives(fragment)
        return self._measured[name]

    def _field(self, node: FieldNode, parent: Parent) -> Measure:
        alias = 1 if node.alias else 0
        fields = parent.fields if isinstance(parent, _WITH_FIELDS) else {}
        field = fields.get(node.name.value)
        if field is None:
            return self._meta_field(node, alias)
        inner = self._selections(node.selection_set, get_named_type(field.type))
        objects = self._size(node, field) * (1 + inner.objects) if node.selection_set else 0
        return replace(
            inner,
            depth=inner.depth + 1,
            aliases=inner.aliases + alias,
            objects=objects,
            fields=1,
        )

    def _meta_field(self, node: FieldNode, alias: int) -> Measure:
        """``__schema`` and ``__type`` walk the schema, and each alias in them walks it again."""
        meta_type = _META_TYPES.get(node.name.value)
        if meta_type is None:
            return Measure(aliases=alias, fields=1)
        inner = self._selections(node.selection_set, meta_type)
        return Measure(
            aliases=inner.aliases + alias,
            fields=1,
            directives=inner.directives,
            introspections=1 + inner.aliases,
            introspection_depth=inner.depth + 1,
        )

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


def _sum(measures: Iterable[Measure]) -> Measure:
    return reduce(Measure.__add__, measures, Measure())


def _directives(node: Node) -> Measure:
    return Measure(directives=len(getattr(node, "directives", None) or ()))


def _definitions(document: DocumentNode, kind: type[Definition]) -> list[Definition]:
    return [node for node in document.definitions if isinstance(node, kind)]
