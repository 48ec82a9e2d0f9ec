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

from mccs_graphql.endpoint.limits import excess
from mccs_graphql.endpoint.measuring import LOOKED_UP_BY, PAGED_BY, Measure, Measuring
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
        ("{ viewer { email } }", Measure(depth=2, objects=1, fields=1)),
        ("{ a: viewer { b: email } }", Measure(depth=2, aliases=2, objects=1, fields=1)),
        ("{ entities(first: 3) { nodes { name } } }", Measure(depth=3, objects=6, fields=1)),
        ("{ entities { nodes { name } } }", Measure(depth=3, objects=40, fields=1)),
        (
            "{ entities(last: 999999999999) { nodes { name } } }",
            Measure(depth=3, objects=200, fields=1),
        ),
        ("query ($n: Int) { entities(first: $n) { nodes { name } } }", Measure(3, 0, 10, 1)),
        ('{ nodes(ids: ["a", "b"]) { id } }', Measure(depth=2, objects=2, fields=1)),
        ("{ viewer { entities { name } } }", Measure(depth=3, objects=2, fields=1)),
        (
            "{ __schema { a: types { name } } }",
            Measure(aliases=1, fields=1, introspections=2, introspection_depth=3),
        ),
        ("mutation { logOut { loggedOut } }", Measure(2, 0, 1, fields=1, mutations=1)),
        ("query ($a: Int @b) @a { viewer @c @d { id @e } }", Measure(2, 0, 1, 1, directives=5)),
        (
            "{ ...A @a ... @b { __typename } } fragment A on Query @c { viewer { id } }",
            Measure(2, 0, 1, 2, directives=3),
        ),
        ("{ ...A ...A } fragment A on Query { a: viewer { id } }", Measure(2, 2, 2, 2)),
        (
            "query A { viewer { id } } query B { viewer { id } }",
            Measure(depth=2, objects=2, fields=2),
        ),
    ],
)
def test_size_of_a_document(document: str, expected: Measure) -> None:
    assert measure(document, n=5) == expected


@pytest.mark.parametrize("example", list(examples(*PAGES)), ids=lambda example: example.page.name)
def test_examples_of_the_documentation_are_far_from_the_limits(example: Example) -> None:
    assert excess(SCHEMA, parse(example.document), {}) == []
    assert measure(example.document).objects < 1000


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ("{ " + "viewer { id } " * 31 + "}", "fields at the top"),
        ("{ " + "...A " * 16 + "} fragment A on Query { x: __typename y: __typename }", "aliases"),
        ("mutation { " + "logOut { loggedOut } " * 21 + "}", "mutations"),
        ("{ viewer { id " + "@skip(if: false) " * 31 + "} }", "directives"),
        ("{ __schema { " + " ".join(f"a{n}: types {{ name }}" for n in range(3)) + "} }", "intro"),
        ('{ __type(name: "A") { ' + "ofType { " * 16 + "name" + " }" * 16 + " } }", "levels of in"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_more_than_allowed_is_refused_and_named(document: str, what: str) -> None:
    found = excess(SCHEMA, parse(document), {})
    assert any(what in error.message for error in found)


@pytest.mark.parametrize(
    "variables",
    [{"a": list(range(1000))}, {"a": [[[0] * 500] * 2]}, dict.fromkeys(map(str, range(1000)))],
)
def test_variables_with_too_many_values_are_refused(variables: dict[str, object]) -> None:
    (error,) = excess(SCHEMA, parse("{ viewer { id } }"), variables)
    assert "values in the variables" in error.message
