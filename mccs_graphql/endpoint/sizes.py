"""How long the lists are that a document asks for."""

from collections.abc import Iterator, Mapping

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
    Visitor,
    visit,
)

from mccs_graphql.schema.pages import PAGE_DEFAULT, PAGE_MAX

PAGED_BY, LOOKED_UP_BY = "first", "ids"
"""Arguments of fields that answer with a page, or with one object for each id."""
SIZED_BY = (PAGED_BY, "last", LOOKED_UP_BY)
LIST_MAX = 1000
"""No list is longer: a document has no more tokens, and more ids than that are too many anyway."""

Given = Mapping[str, int]
"""The sizes that variables give, by the variable's name."""


class Sizes:
    """The variables of a document that say how long a list is."""

    def __init__(self, document: DocumentNode) -> None:
        finder = _Finder()
        visit(document, finder)
        self._names = tuple(sorted(finder.names))

    def given(self, variables: Mapping[str, object]) -> tuple[tuple[str, int], ...]:
        """What the variables of one request come to; all that a measure depends on."""
        return tuple((name, _size_of(variables[name])) for name in self._names if name in variables)


def defaults_of(operation: OperationDefinitionNode) -> Given:
    """The sizes of variables that a request leaves out."""
    return {
        definition.variable.name.value: _size_of_literal(definition.default_value)
        for definition in operation.variable_definitions or ()
        if definition.default_value is not None
    }


def page_of(node: FieldNode, given: Given) -> int:
    """How many entries a page has at most."""
    arguments = dict(_arguments(node))
    value = arguments.get(PAGED_BY, arguments.get("last"))
    return min(max(_size(value, given), 1), PAGE_MAX)


def looked_up(node: FieldNode, given: Given) -> int:
    """For how many ids a field has an answer."""
    return max(_size(dict(_arguments(node)).get(LOOKED_UP_BY), given), 1)


def _arguments(node: FieldNode) -> Iterator[tuple[str, ValueNode]]:
    for argument in node.arguments or ():
        yield argument.name.value, argument.value


def _size(value: ValueNode | None, given: Given) -> int:
    if isinstance(value, VariableNode):
        return given.get(value.name.value, PAGE_DEFAULT)
    return _size_of_literal(value)


def _size_of_literal(value: ValueNode | None) -> int:
    match value:
        case IntValueNode(value=digits):
            return int(digits) if len(digits) <= len(str(LIST_MAX)) else LIST_MAX
        case ListValueNode(values=values):
            return len(values)
    return PAGE_DEFAULT


def _size_of(value: object) -> int:
    """A size that is no size gets an error later; until then it is the usual one."""
    match value:
        case int():
            return min(max(value, 0), LIST_MAX)
        case list():
            return min(len(value), LIST_MAX)
    return PAGE_DEFAULT


class _Finder(Visitor):
    """Finds the variables in arguments that say how long a list is."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_argument(self, node: ArgumentNode, *_rest: object) -> None:
        """Look at one argument."""
        if node.name.value in SIZED_BY and isinstance(node.value, VariableNode):
            self.names.add(node.value.name.value)
