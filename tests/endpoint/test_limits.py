"""How much one document may ask for."""

import pytest
from graphql import (
    GraphQLList,
    GraphQLObjectType,
    build_schema,
    get_named_type,
    get_nullable_type,
    parse,
)

from mccs_graphql.endpoint.limits import LOOKED_UP_BY, PAGED_BY, Measure, Measuring, excess
from tests.docs.test_examples import PAGES, ROOT, Example, examples

SCHEMA = build_schema((ROOT / "schema.graphql").read_text())


def measure(document: str, **variables: object) -> Measure:
    """What the limits make of a document."""
    return Measuring(SCHEMA, parse(document), variables).sum()


def test_every_connection_and_lookup_is_recognised_by_its_argument() -> None:
    for type_ in SCHEMA.type_map.values():
        if isinstance(type_, GraphQLObjectType):
            for name, field in type_.fields.items():
                if get_named_type(field.type).name.endswith("Connection"):
                    assert PAGED_BY in field.args, name
                for argument, definition in field.args.items():
                    if isinstance(get_nullable_type(definition.type), GraphQLList):
                        assert argument == LOOKED_UP_BY, name


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ viewer { email } }", Measure(depth=2, objects=1)),
        ("{ a: viewer { b: email } }", Measure(depth=2, aliases=2, objects=1)),
        ("{ entities(first: 3) { nodes { name } } }", Measure(depth=3, objects=6)),
        ("{ entities { nodes { name } } }", Measure(depth=3, objects=40)),
        ("{ entities(last: 999999999999) { nodes { name } } }", Measure(depth=3, objects=200)),
        ("query ($n: Int) { entities(first: $n) { nodes { name } } }", Measure(3, 0, 10)),
        ('{ nodes(ids: ["a", "b"]) { id } }', Measure(depth=2, objects=2)),
        ("{ viewer { entities { name } } }", Measure(depth=3, objects=2)),
        ("{ __schema { types { name } } }", Measure()),
        ("{ ...A ...A } fragment A on Query { a: viewer { id } }", Measure(2, 2, 2)),
        ("query A { viewer { id } } query B { viewer { id } }", Measure(depth=2, objects=2)),
    ],
)
def test_size_of_a_document(document: str, expected: Measure) -> None:
    assert measure(document, n=5) == expected


@pytest.mark.parametrize("example", list(examples(*PAGES)), ids=lambda example: example.page.name)
def test_examples_of_the_documentation_are_far_from_the_limits(example: Example) -> None:
    assert excess(SCHEMA, parse(example.document), {}) == []
    assert measure(example.document).objects < 1000
