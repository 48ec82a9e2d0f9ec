"""What an operation is called in logs, metrics and traces: by our own words, never a client's."""

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

SEVERAL = "several"
"""Instead of the names: there are more sets of root fields than anybody may count."""


@dataclass(frozen=True)
class Title:
    """The type of an operation, and the root fields it asks for, each once."""

    kind: str
    fields: tuple[str, ...] = ()

    @property
    def is_query(self) -> bool:
        """Whether it can only read."""
        return self.kind == OperationType.QUERY.value

    @property
    def short(self) -> str:
        """One word: the name of the root field, if there is one."""
        return self.fields[0] if len(self.fields) == 1 else SEVERAL


UNREADABLE = Title("none", ("invalid",))
"""Of a document that has no form, is not valid or asks for too much."""


def title_of(document: DocumentNode, operation: OperationDefinitionNode | None) -> Title:
    """The title of an operation of a valid document: its fields exist, fragments have no circles.

    Each fragment is looked at once, however often it is spread.
    """
    if operation is None:
        return UNREADABLE
    fragments = {
        node.name.value: node.selection_set
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    names = _names(operation.selection_set, fragments)
    return Title(operation.operation.value, tuple(sorted(set(names))))


def _names(selected: SelectionSetNode, unseen: dict[str, SelectionSetNode]) -> Iterator[str]:
    for node in selected.selections:
        if isinstance(node, FieldNode):
            yield node.name.value
        elif isinstance(node, InlineFragmentNode):
            yield from _names(node.selection_set, unseen)
        elif isinstance(node, FragmentSpreadNode) and (found := unseen.pop(node.name.value, None)):
            yield from _names(found, unseen)
