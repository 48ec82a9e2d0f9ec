"""How large an operation is. Measured in one pass, each fragment once for each size of page."""

from collections.abc import Iterable
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
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    OperationType,
    SchemaMetaFieldDef,
    SelectionNode,
    SelectionSetNode,
    TypeMetaFieldDef,
    get_named_type,
    get_nullable_type,
)

from mccs_graphql.domain.rates import LEAST
from mccs_graphql.endpoint.sizes import (
    LOOKED_UP_BY,
    PAGED_BY,
    Given,
    defaults_of,
    looked_up,
    page_of,
)

OBJECT = 1
"""Each object of the answer has to be read, resolved and written. Its scalars come along."""
PAGE = 2
"""A page is a statement of its own, and looks one entry further than it shows."""
COMMAND = 10
"""A mutation locks, writes, commits and wakes; a subscription holds a place and goes on asking."""
INTROSPECTION = 100
"""The whole schema is thousands of small objects, and clients ask for it once."""

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

    ``cost`` is in points, and counts what is skipped, and every type that an object may have, as if
    it came. ``fields`` are those of the selection itself, ``mutations`` those at the top of one.
    Introspection is measured apart: what it walks is the schema, and that has circles.
    """

    depth: int = 0
    aliases: int = 0
    cost: int = 0
    fields: int = 0
    mutations: int = 0
    directives: int = 0
    introspections: int = 0
    introspection_depth: int = 0

    def __add__(self, other: "Measure") -> "Measure":
        return Measure(
            depth=max(self.depth, other.depth),
            aliases=self.aliases + other.aliases,
            cost=self.cost + other.cost,
            fields=self.fields + other.fields,
            mutations=self.mutations + other.mutations,
            directives=self.directives + other.directives,
            introspections=self.introspections + other.introspections,
            introspection_depth=max(self.introspection_depth, other.introspection_depth),
        )


class Measuring:
    """Measures an operation of a valid document: its fragments exist and have no circles."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
    ) -> None:
        self._schema = schema
        self._operation = operation
        fragments = _definitions(document, FragmentDefinitionNode)
        self._fragments = {fragment.name.value: fragment for fragment in fragments}
        self._measured: dict[tuple[str, int], Measure] = {}
        self._given: Given = {}

    def measure(self, given: Given) -> Measure:
        """The operation with variables that give these sizes."""
        self._measured.clear()
        node = self._operation
        self._given = {**defaults_of(node), **given}
        root = self._schema.get_root_type(node.operation)
        found = self._selections(node.selection_set, root, page=1) + _directives(node)
        found += _sum(map(_directives, node.variable_definitions or ()))
        is_mutation = node.operation is OperationType.MUTATION
        return replace(
            found, cost=max(found.cost, LEAST), mutations=found.fields if is_mutation else 0
        )

    def _selections(
        self, selection_set: SelectionSetNode | None, parent: Parent, *, page: int
    ) -> Measure:
        selections = selection_set.selections if selection_set else ()
        return _sum(
            self._selection(node, parent, page=page) + _directives(node) for node in selections
        )

    def _selection(self, node: SelectionNode, parent: Parent, *, page: int) -> Measure:
        match node:
            case FragmentSpreadNode():
                return self._fragment(node.name.value, page=page)
            case InlineFragmentNode(type_condition=condition):
                on = self._schema.get_type(condition.name.value) if condition else parent
                return self._selections(node.selection_set, on, page=page)
            case FieldNode():
                return self._field(node, parent, page=page)
        return Measure()

    def _fragment(self, name: str, *, page: int) -> Measure:
        key = name, page
        if key not in self._measured:
            fragment = self._fragments[name]
            on = self._schema.get_type(fragment.type_condition.name.value)
            inner = self._selections(fragment.selection_set, on, page=page)
            self._measured[key] = inner + _directives(fragment)
        return self._measured[key]

    def _field(self, node: FieldNode, parent: Parent, *, page: int) -> Measure:
        """A field, of which the parent has a ``page`` if it is a list."""
        alias = 1 if node.alias else 0
        fields = parent.fields if isinstance(parent, _WITH_FIELDS) else {}
        field = fields.get(node.name.value)
        if field is None:
            return self._meta_field(node, alias)
        inside = page_of(node, self._given) if PAGED_BY in field.args and not _is_list(field) else 1
        inner = self._selections(node.selection_set, get_named_type(field.type), page=inside)
        cost = self._cost(node, field, inner.cost, page=page) if node.selection_set else 0
        return replace(
            inner,
            depth=inner.depth + 1,
            aliases=inner.aliases + alias,
            cost=cost + self._extra(parent),
            fields=1,
        )

    def _meta_field(self, node: FieldNode, alias: int) -> Measure:
        """``__schema`` and ``__type`` walk the schema, and each alias in them walks it again."""
        meta_type = _META_TYPES.get(node.name.value)
        if meta_type is None:
            return Measure(aliases=alias, fields=1)
        inner = self._selections(node.selection_set, meta_type, page=1)
        walks = 1 + inner.aliases
        return Measure(
            aliases=inner.aliases + alias,
            cost=walks * INTROSPECTION,
            fields=1,
            directives=inner.directives,
            introspections=walks,
            introspection_depth=inner.depth + 1,
        )

    def _cost(self, node: FieldNode, field: GraphQLField, inner: int, *, page: int) -> int:
        if PAGED_BY in field.args:
            times = page_of(node, self._given)
            return PAGE + (times * (OBJECT + inner) if _is_list(field) else inner)
        times = page if _is_list(field) else 1
        if LOOKED_UP_BY in field.args:
            times = looked_up(node, self._given)
        return times * (OBJECT + inner)

    def _extra(self, parent: Parent) -> int:
        """Root fields that are not only read cost more than what they answer with."""
        commands = (self._schema.mutation_type, self._schema.subscription_type)
        return COMMAND if parent and parent in commands else 0


def _is_list(field: GraphQLField) -> bool:
    return isinstance(get_nullable_type(field.type), GraphQLList)


def _sum(measures: Iterable[Measure]) -> Measure:
    return reduce(Measure.__add__, measures, Measure())


def _directives(node: Node) -> Measure:
    return Measure(directives=len(getattr(node, "directives", None) or ()))


def _definitions(document: DocumentNode, kind: type[Definition]) -> list[Definition]:
    return [node for node in document.definitions if isinstance(node, kind)]
