"""How much one operation may ask for."""

import pytest
from graphql import (
    GraphQLList,
    GraphQLObjectType,
    build_schema,
    get_named_type,
    get_nullable_type,
)

from mccs_graphql.endpoint.documents import Document
from mccs_graphql.endpoint.limits import COST_MAX, excess
from mccs_graphql.endpoint.measuring import COMMAND, INTROSPECTION, PAGE, Measure
from mccs_graphql.endpoint.sizes import LOOKED_UP_BY, PAGED_BY
from tests.docs.test_examples import PAGES, ROOT, Example, examples

SCHEMA = build_schema((ROOT / "schema.graphql").read_text())


def measure(document: str, **variables: object) -> Measure:
    """What the limits make of a document; an operation called A is the one that is meant."""
    name = "A" if "query A" in document else None
    return Document(SCHEMA, document).measure(name, variables)


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
        ("{ viewer { email } }", Measure(depth=2, cost=1, fields=1)),
        ("{ __typename }", Measure(cost=1, fields=1)),
        ("{ a: viewer { b: email } }", Measure(depth=2, aliases=2, cost=1, fields=1)),
        ("{ entities(first: 3) { nodes { name } } }", Measure(depth=3, cost=PAGE + 3, fields=1)),
        ("{ ...A ...A } fragment A on Query { a: viewer { id } }", Measure(2, 2, 2, fields=2)),
        ("query A { viewer { id } } query B { a: viewer { id } }", Measure(2, 0, 1, fields=1)),
        (
            "{ __schema { a: types { name } } }",
            Measure(0, 1, 2 * INTROSPECTION, 1, introspections=2, introspection_depth=3),
        ),
        ("mutation { logOut { loggedOut } }", Measure(2, 0, COMMAND + 1, fields=1, mutations=1)),
        ("query ($a: Int @b) @a { viewer @c @d { id @e } }", Measure(2, 0, 1, 1, directives=5)),
        (
            "{ ...A @a ... @b { __typename } } fragment A on Query @c { viewer { id } }",
            Measure(2, 0, 1, 2, directives=3),
        ),
    ],
)
def test_size_of_an_operation(document: str, expected: Measure) -> None:
    assert measure(document) == expected


@pytest.mark.parametrize(
    ("document", "cost"),
    [
        ("{ entities { nodes { name } } }", PAGE + 20),
        ("{ entities(first: 0) { nodes { name } } }", PAGE + 1),
        ("{ entities(last: 7) { nodes { name } } }", PAGE + 7),
        ("{ entities(last: 999999999999) { nodes { name } } }", PAGE + 100),
        ("{ entities(first: null) { nodes { name } } }", PAGE + 20),
        ("{ entities(first: 9) { pageInfo { endCursor } totalCount } }", PAGE + 1),
        ("{ entities(first: 9) { edges { node { name } } } }", PAGE + 2 * 9),
        ("{ entities(first: 9) { nodes { offers { name } wants { name } } } }", PAGE + 3 * 9),
        ("{ entities(first: 9) { ... { ... on EntityConnection { nodes { id } } } } }", PAGE + 9),
        ("{ tags(first: 9) { name } }", PAGE + 9),
        ('{ nodes(ids: ["a", "b"]) { id } }', 2),
        ('{ nodes(ids: ["a", "b"]) { ... on Entity { account { balance } } } }', 4),
        ("{ viewer { entities { name } } }", 2),
        ("{ viewer { entities @include(if: false) { name } } }", 2),
        ("{ a: viewer { id } b: viewer { id } viewer { id } viewer { id } }", 4),
        ("{ __schema { types { name } } }", INTROSPECTION),
        ('{ __type(name: "User") { name } viewer { id } }', INTROSPECTION + 1),
        ("mutation { logOut { loggedOut } }", COMMAND + 1),
        ("mutation { a: logOut { loggedOut } b: logOut { loggedOut } }", 2 * (COMMAND + 1)),
        ('subscription { transferEvents(entityId: "x") { __typename } }', COMMAND + 1),
    ],
)
def test_cost_of_an_operation(document: str, cost: int) -> None:
    assert measure(document).cost == cost


@pytest.mark.parametrize(
    ("inner", "cost"), [(1, PAGE + 4 * (1 + PAGE + 1)), (30, PAGE + 4 * (1 + PAGE + 30))]
)
def test_pages_within_pages_multiply(inner: int, cost: int) -> None:
    document = (
        f"{{ entities(first: 4) {{ nodes {{ transfers(first: {inner}) {{ nodes {{ id }} }} }} }} }}"
    )
    assert measure(document).cost == cost


def test_fragment_counts_for_each_page_that_spreads_it() -> None:
    document = """{ a: entities(first: 5) { ...Page } b: entities(first: 50) { ...Page } }
        fragment Page on EntityConnection { nodes { id } }"""
    assert measure(document).cost == 2 * PAGE + 55


@pytest.mark.parametrize(
    ("variables", "cost"),
    [
        ({"n": 5}, PAGE + 5),
        ({"n": 10**12}, PAGE + 100),
        ({"n": -5}, PAGE + 1),
        ({"n": None}, PAGE + 20),
        ({"n": "x"}, PAGE + 20),
        ({}, PAGE + 70),
    ],
)
def test_size_of_a_page_comes_from_variables(variables: dict[str, object], cost: int) -> None:
    document = "query ($n: Int = 70) { entities(first: $n) { nodes { name } } }"
    assert measure(document, **variables).cost == cost


@pytest.mark.parametrize(("ids", "cost"), [([], 1), (["a"], 1), (["a"] * 500, 500)])
def test_number_of_ids_comes_from_variables(ids: list[str], cost: int) -> None:
    assert measure("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids).cost == cost


def test_same_document_is_measured_anew_for_other_variables() -> None:
    document = Document(SCHEMA, "query ($n: Int) { entities(first: $n) { nodes { name } } }")
    costs = [document.measure(None, {"n": size, "other": size}).cost for size in (1, 50, 1)]
    assert costs == [PAGE + 1, PAGE + 50, PAGE + 1]


def test_as_much_as_allowed_is_no_excess() -> None:
    assert excess(Measure(cost=COST_MAX), {}) == []
    assert len(excess(Measure(cost=COST_MAX + 1), {})) == 1


@pytest.mark.parametrize("example", list(examples(*PAGES)), ids=lambda example: example.page.name)
def test_examples_of_the_documentation_are_far_from_the_limits(example: Example) -> None:
    found = measure(example.document)
    assert excess(found, {}) == []
    assert found.cost < COST_MAX / 2


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
    found = excess(measure(document), {})
    assert any(what in error.message for error in found)


@pytest.mark.parametrize(
    "variables",
    [{"a": list(range(1000))}, {"a": [[[0] * 500] * 2]}, dict.fromkeys(map(str, range(1000)))],
)
def test_variables_with_too_many_values_are_refused(variables: dict[str, object]) -> None:
    (error,) = excess(Measure(), variables)
    assert "values in the variables" in error.message
