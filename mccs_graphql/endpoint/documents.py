"""Documents, each read once: parsed, validated and measured."""

from collections import OrderedDict
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
from mccs_graphql.endpoint.titles import Title, title_of

CHARACTERS_NEW, CHARACTERS_KNOWN = 50_000, 150_000
"""Of documents that came once and that came again; some 300 bytes of nodes for each at most."""
MEASURES_KEPT = 64
"""Of one document: pages have a few sizes, and operations a few names."""


class Document:
    """What is known of a document. By its text, as nodes are slow to hash."""

    def __init__(self, schema: GraphQLSchema, text: str) -> None:
        self._schema = schema
        self.node: DocumentNode = parse(text, max_tokens=TOKENS_MAX)
        self._measure = lru_cache(MEASURES_KEPT)(self._measured)
        self.title = lru_cache(MEASURES_KEPT)(self._titled)

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

    def _titled(self, name: str | None) -> Title:
        """What an operation is called. The document must be valid."""
        return title_of(self.node, get_operation_ast(self.node, name))

    @cached_property
    def _sizes(self) -> Sizes:
        return Sizes(self.node)

    def _measured(self, name: str | None, given: tuple[tuple[str, int], ...]) -> Measure:
        operation = get_operation_ast(self.node, name)
        if operation is None:
            return Measure()
        return Measuring(self._schema, self.node, operation).measure(dict(given))


Key = tuple[GraphQLSchema, str]


class Shelf:
    """Documents within so many characters; those that were asked for least recently go first."""

    def __init__(self, characters_max: int) -> None:
        self._characters_max = characters_max
        self._documents: OrderedDict[Key, Document] = OrderedDict()
        self.characters = 0

    def find(self, key: Key) -> Document | None:
        """The document, which stays a while longer."""
        if key in self._documents:
            self._documents.move_to_end(key)
        return self._documents.get(key)

    def take(self, key: Key) -> Document | None:
        """The document, which is here no more."""
        document = self._documents.pop(key, None)
        if document is not None:
            self.characters -= len(key[1])
        return document

    def put(self, key: Key, document: Document) -> None:
        """Keep a document that is not here."""
        self._documents[key] = document
        self.characters += len(key[1])
        while self.characters > self._characters_max:
            self.take(next(iter(self._documents)))


class Documents:
    """Those worth keeping: whoever sends new ones all the time pushes out no known ones."""

    def __init__(self) -> None:
        self.new, self.known = Shelf(CHARACTERS_NEW), Shelf(CHARACTERS_KNOWN)

    def read(self, schema: GraphQLSchema, text: str) -> Document:
        """The document with this text. Raises GraphQLError if it has no form."""
        key = schema, text
        if document := self.known.find(key):
            return document
        if document := self.new.take(key):
            self.known.put(key, document)
            return document
        document = Document(schema, text)
        self.new.put(key, document)
        return document


read = Documents().read
