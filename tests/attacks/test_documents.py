"""Documents that ask for too much, or go round in circles: refused before anything is read."""

from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest

from tests.clients import Live

LARGE, INVALID, BROKEN = "DOCUMENT_TOO_LARGE", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"
MISTAKEN = "BAD_USER_INPUT"
MANY_IDS = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
PAGES = """query ($n: Int) { entities(first: $n) { nodes {
  transfers(first: $n) { nodes { payer { offers { name } } } } } } }"""


def times(count: int, text: str) -> str:
    """The text so many times, each with its number for ``#``."""
    return " ".join(text.replace("#", str(number)) for number in range(count))


def nested(levels: int, field: str, inner: str) -> str:
    return f"{field} {{ " * levels + inner + " }" * levels


def circle(length: int) -> str:
    """Fragments of which each spreads the next one, and the last one the first."""
    return "{ ...F0 } " + " ".join(
        f"fragment F{n} on Query {{ ...F{(n + 1) % length} }}" for n in range(length)
    )


def doubling(levels: int, inner: str) -> str:
    """Fragments of which each spreads the next one twice: 2 to the power of levels in the end."""
    spreads = " ".join(
        f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)
    )
    return f"{{ ...F0 }} {spreads} fragment F{levels} on Query {{ {inner} }}"


DOWN = nested(4, "transfers { nodes { payer", "id").replace(" }" * 4, " }" * 12)
Case = tuple[str, dict[str, Any], str]
"""A document, its variables, and the code of the refusal."""
DOCUMENTS: dict[str, tuple[str, str]] = {
    "oversized: tokens": ("{ " + "__typename " * 1001 + "}", BROKEN),
    "oversized: one string": ('{ entity(id: "' + "x" * 90_000 + '") { id } } {', BROKEN),
    "oversized: a name": ("{ " + "x" * 90_000 + " }", INVALID),
    "oversized: a number": (f"{{ entities(first: {'9' * 50_000}) {{ nodes {{ id }} }} }}", INVALID),
    "oversized: a comment": ("#" + "x" * 90_000 + "\n{", BROKEN),
    "oversized: block string": ('{ entity(id: """' + "\n" * 40_000 + '""") { nothing } }', INVALID),
    "oversized: arguments": ("{ viewer(" + times(400, "a#: 1") + ") { id } }", BROKEN),
    "oversized: variables declared": (
        "query (" + times(180, "$a#: Int") + ") { viewer { id } }",
        INVALID,
    ),
    "oversized: operations": (times(120, "query Q# { viewer { id } }"), "BAD_REQUEST"),
    "deep: fields": (f'{{ entity(id: "x") {{ {DOWN} }} }}', LARGE),
    "deep: braces": (nested(300, "viewer", "id"), BROKEN),
    "deep: not closed": ("{ a " * 400, BROKEN),
    "deep: lists": ("{ nodes(ids: " + "[" * 400 + "]" * 400 + ") { id } }", BROKEN),
    "deep: objects": (
        "{ entities(filter: " + "{a: " * 250 + "1" + "}" * 250 + ") { nodes { id } } }",
        BROKEN,
    ),
    "deep: types": ("query ($a: " + "[" * 400 + "Int" + "]" * 400 + ") { viewer { id } }", BROKEN),
    "deep: inline fragments": ("{ " + nested(240, "...", "viewer { id }") + " }", BROKEN),
    "deep: introspection": (
        '{ __type(name: "User") { ' + nested(20, "ofType", "name") + " } }",
        LARGE,
    ),
    "wide: fields": ("{ " + times(31, "viewer { id }") + " }", LARGE),
    "wide: pages": (
        "{ entities(first: 100) { nodes { offers { name } wants { name } "
        + times(9, "a#: offers { name }")
        + " } } }",
        LARGE,
    ),
    "wide: pages within pages": (
        "{ entities(first: 100) { nodes { transfers(first: 100) { nodes { id } } } } }",
        LARGE,
    ),
    "wide: ids": (
        "{ nodes(ids: [" + '"x" ' * 900 + "]) { ... on Entity { account { balance } } } }",
        LARGE,
    ),
    "wide: introspection": ("{ __schema { " + times(4, "a#: types { name }") + " } }", LARGE),
    "wide: introspection by circles": (
        "{ __schema { types { "
        + nested(3, "fields { type", "name").replace(" }" * 3, " }" * 6)
        + " "
        + times(4, "b#: fields { name }")
        + " } } }",
        INVALID,
    ),
    "wide: mutations": ("mutation { " + times(21, "logOut { loggedOut }") + " }", LARGE),
    "wide: log-ins": (
        "mutation { "
        + times(25, 'a#: logIn(input: {email: "a@b.example", password: "p#"}) { __typename }')
        + " }",
        LARGE,
    ),
    "aliases: of nothing": ("{ " + times(31, "a#: __typename") + " }", LARGE),
    "aliases: of objects": ("{ viewer { " + times(31, "a#: entities { id }") + " } }", LARGE),
    "aliases: in a fragment": (
        "{ " + "...A " * 16 + "} fragment A on Query { a: __typename b: __typename }",
        LARGE,
    ),
    "aliases: of one name": ("{ " + times(60, "a: viewer { id }") + " }", LARGE),
    "aliases: that collide": ("{ " + times(60, 'a: entity(id: "#") { id }') + " }", INVALID),
    "directives: on a field": ("{ viewer { id " + "@skip(if: false) " * 31 + "} }", INVALID),
    "directives: unknown": ("{ viewer " + times(150, "@a#") + " { id } }", INVALID),
    "directives: on many fields": (
        "{ viewer { " + "id @include(if: true) " * 31 + "} }",
        LARGE,
    ),
    "directives: on spreads": (
        "{ " + "...A @skip(if: false) " * 31 + "} fragment A on Query { viewer { id } }",
        LARGE,
    ),
    "directives: to hide a flood": (
        "{ " + times(31, "a#: viewer @skip(if: true) { id }") + " }",
        LARGE,
    ),
    "circle: of one": (circle(1), INVALID),
    "circle: of two": (circle(2), INVALID),
    "circle: of a hundred": (circle(100), INVALID),
    "circle: below a field": (
        """{ viewer { ...A } } fragment A on User { entities { ...B } }
        fragment B on Entity { transfers { nodes { payer { ...B } } } }""",
        INVALID,
    ),
    "circle: in inline fragments": (
        "{ ...A } fragment A on Query { ... { ... on Query { ...A } } }",
        INVALID,
    ),
    "circle: that nobody spreads": (
        "{ viewer { id } } fragment A on Query { ...B } fragment B on Query { ...A }",
        INVALID,
    ),
    "doubling: of objects": (doubling(30, "viewer { id }"), LARGE),
    "doubling: of aliases": (doubling(30, "a: __typename"), LARGE),
    "doubling: of nothing that is there": (doubling(30, "nothing"), INVALID),
    "doubling: of introspection": (doubling(30, "__schema { types { name } }"), LARGE),
}
VARIABLES: dict[str, Case] = {
    "bomb: ids": (MANY_IDS, {"ids": ["x"] * 5_000}, LARGE),
    "bomb: ids beyond a page": (MANY_IDS, {"ids": ["x"] * 101}, MISTAKEN),
    "bomb: pages": (PAGES, {"n": 100}, LARGE),
    "bomb: endless pages": (PAGES, {"n": 10**9}, LARGE),
    "bomb: page of another type": (PAGES, {"n": "100"}, LARGE),
    "bomb: page beyond 32 bits": (
        "query ($n: Int) { entities(first: $n) { nodes { id } } }",
        {"n": 2**40},
        MISTAKEN,
    ),
    "bomb: page below zero": (
        "query ($n: Int) { entities(first: $n) { nodes { id } } }",
        {"n": -(2**31)},
        MISTAKEN,
    ),
    "bomb: a default": (PAGES.replace("$n: Int", "$n: Int = 100"), {}, LARGE),
    "bomb: values": ("{ viewer { id } }", {"a": list(range(5_000))}, LARGE),
    "bomb: nested values": ("{ viewer { id } }", {"a": [[[0] * 30] * 30] * 2}, LARGE),
    "bomb: many variables": ("{ viewer { id } }", {f"a{n}": n for n in range(2_000)}, LARGE),
    "bomb: in a filter": (
        "query ($f: EntityFilterInput) { entities(filter: $f) { nodes { id } } }",
        {"f": {"words": ["x"] * 2_000}},
        LARGE,
    ),
}
PLAIN: dict[str, Case] = {name: (query, {}, code) for name, (query, code) in DOCUMENTS.items()}
CASES = PLAIN | VARIABLES


def codes_in(errors: list[dict[str, Any]]) -> set[str]:
    assert errors
    assert all(error["message"] for error in errors)
    return {error["extensions"]["code"] for error in errors}


@pytest.mark.parametrize("name", CASES)
async def test_document_is_refused_and_reads_nothing(
    attacked: httpx.AsyncClient, name: str, counting: AbstractContextManager[list[str]]
) -> None:
    query, variables, code = CASES[name]
    with counting as statements:
        answer = await attacked.post("/graphql", json={"query": query, "variables": variables})
    assert code in codes_in(answer.json()["errors"])
    assert not any((answer.json().get("data") or {}).values())
    assert statements == []


@pytest.mark.parametrize("name", [name for name in CASES if not name.startswith("oversized")])
async def test_socket_refuses_the_document_and_goes_on(live: Live, name: str) -> None:
    query, variables, code = CASES[name]
    async with live.socket() as socket:
        operation = await socket.subscribe(query, **variables)
        message = await operation.message()
        payload = message["payload"]
        assert code in codes_in(payload if message["type"] == "error" else payload["errors"])
        if message["type"] == "next":
            assert (await operation.message())["type"] == "complete"
        after = await socket.subscribe("{ __typename }")
        assert (await after.message())["payload"]["data"] == {"__typename": "Query"}
