"""GraphQL over HTTP: whatever comes in, JSON with a code goes out."""

import re
from collections.abc import AsyncIterator
from time import process_time
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest

from mccs_graphql.app import create_app
from mccs_graphql.db.engine import Database
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.databases import alter
from tests.factories import MakeMember, access_token, make_member

VIEWER = "{ viewer { id } }"
SUBSCRIBE = 'subscription { transferEvents(entityId: "x") { __typename } }'
TWO = 'query One { entity(id: "x") { id } } query Two { __typename }'
JSON = {"Content-Type": "application/json"}
TELLING = re.compile(
    r"relation|select|asyncpg|sqlalchemy|lost|does not exist|traceback", re.IGNORECASE
)


async def refused(response: httpx.Response) -> str:
    """The code of the only error of a refused request."""
    assert response.status_code < 500, response.text
    assert response.headers["content-type"].startswith("application/json"), response.text
    body = response.json()
    assert not any((body.get("data") or {}).values())
    assert all(error["message"] for error in body["errors"])
    code: str = body["errors"][0]["extensions"]["code"]
    return code


def deep(levels: int) -> str:
    """A query that goes down by so many levels."""
    inside = "id"
    for _ in range(levels // 3):
        inside = f"transfers {{ nodes {{ payer {{ {inside} }} }} }}"
    return f'{{ entity(id: "x") {{ {inside} }} }}'


def doubling(levels: int, *, name: str) -> str:
    """A document that spreads a fragment twice in the one above it, level by level."""
    inner = " ".join(
        f"fragment {name}{n} on Query {{ ...{name}{n + 1} ...{name}{n + 1} }}"
        for n in range(levels)
    )
    return f"{{ ...{name}0 }} {inner} fragment {name}{levels} on Query {{ __typename }}"


async def cost_of(graphql: GraphQLClient, query: str) -> float:
    """Seconds of work, however busy the machine is."""
    began = process_time()
    await graphql.http.post("/graphql", json={"query": query})
    return process_time() - began


class TestBody:
    @pytest.mark.parametrize(
        "body",
        [
            *(b'"x"', b"[5]", b"null", b"5", b"true", b"", b" ", b"{", b"query", b"[]", b"{}"),
            *(b"\xff\xfe", b'{"query": "\xff"}', b'{"query": "\\ud800"}', b'{"query": NaN}'),
            *(b'{"query": null}', b'{"query": 5}', b'{"query": ["{ viewer { id } }"]}'),
            *(b'{"query": {}}', b'{"query": ""}', b'{"query": "  "}', b'{"query": "# nothing"}'),
            *(b'[{"query": "{ viewer { id } }"}]', b"[" * 100_000, b'{"a":' * 10_000),
            b"\xef\xbb\xbf" + orjson.dumps({"query": VIEWER}),
            orjson.dumps({"query": VIEWER}).decode().encode("utf-16"),
            *(
                orjson.dumps({"query": VIEWER, name: value})
                for name, wrong in {
                    "variables": ["x", [1], 5, True],
                    "operationName": [5, [], {}, True, "Other"],
                    "extensions": ["x", [1], 5],
                }.items()
                for value in wrong
            ),
        ],
        ids=lambda body: repr(body)[:50],
    )
    async def test_anything_but_one_request_is_refused(
        self, graphql: GraphQLClient, body: bytes
    ) -> None:
        response = await graphql.http.post("/graphql", content=body, headers=JSON)
        assert await refused(response) in ("BAD_REQUEST", "GRAPHQL_PARSE_FAILED")

    @pytest.mark.parametrize(
        "content_type",
        ["", "text/plain", "application/graphql", "application/x-www-form-urlencoded", "x"],
    )
    async def test_body_of_another_type_is_refused(
        self, graphql: GraphQLClient, content_type: str
    ) -> None:
        response = await graphql.http.post(
            "/graphql",
            content=orjson.dumps({"query": VIEWER}),
            headers={"Content-Type": content_type},
        )
        assert await refused(response) == "BAD_REQUEST"

    @pytest.mark.parametrize("parts", [{}, {"operations": "x"}, {"operations": "{}", "map": "[]"}])
    async def test_uploads_are_refused(self, graphql: GraphQLClient, parts: dict[str, str]) -> None:
        files = {"file": b"x"}
        response = await graphql.http.post("/graphql", data=parts, files=files)
        assert await refused(response) == "BAD_REQUEST"

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
    async def test_other_methods_are_refused(self, graphql: GraphQLClient, method: str) -> None:
        response = await graphql.http.request(method, "/graphql", json={"query": VIEWER})
        assert await refused(response) == "BAD_REQUEST"

    async def test_mutation_in_the_address_is_not_carried_out(
        self, graphql: GraphQLClient, make: MakeMember
    ) -> None:
        ana = await make()
        headers = {"Authorization": f"Bearer {ana.token}"}
        query = "mutation { logOut { loggedOut } }"

        response = await graphql.http.get("/graphql", params={"query": query}, headers=headers)

        assert (response.status_code, response.headers["allow"]) == (405, "POST")
        assert (await graphql("{ viewer { email } }", by=ana))["viewer"] == {"email": ana.email}

    async def test_query_in_the_address_is_carried_out(self, graphql: GraphQLClient) -> None:
        params = {"query": "query A($a: Int) { entities(first: $a) { nodes { id } } }"}
        params |= {"variables": '{"a": 0}', "operationName": "A"}
        response = await graphql.http.get("/graphql", params=params)
        assert await refused(response) == "BAD_USER_INPUT"
        answer = (await graphql.http.get("/graphql", params={"query": VIEWER})).json()
        assert answer["data"] == {"viewer": None}

    async def test_head_has_no_body(self, graphql: GraphQLClient) -> None:
        response = await graphql.http.head("/graphql", params={"query": VIEWER})
        assert response.status_code == 200

    async def test_endless_body_is_refused(self, graphql: GraphQLClient) -> None:
        variables = {"a": "x" * 5_000_000}
        response = await graphql.http.post(
            "/graphql", json={"query": VIEWER, "variables": variables}
        )
        assert await refused(response) == "BAD_REQUEST"

    async def test_answer_says_what_was_asked(self, graphql: GraphQLClient) -> None:
        response = await graphql.http.post("/graphql", json={"query": VIEWER})
        assert (response.status_code, response.json()["data"]) == (200, {"viewer": None})


class TestOperation:
    @pytest.mark.parametrize("accept", ["*/*", "multipart/mixed;subscriptionSpec=1.0, */*"])
    async def test_subscription_is_refused(self, graphql: GraphQLClient, accept: str) -> None:
        response = await graphql.http.post(
            "/graphql", json={"query": SUBSCRIBE}, headers={"Accept": accept}
        )
        assert await refused(response) == "BAD_REQUEST"

    @pytest.mark.parametrize("name", [None, "", "Three"])
    async def test_which_of_two_must_be_said(
        self, graphql: GraphQLClient, name: str | None
    ) -> None:
        body = {"query": TWO, "operationName": name}
        response = await graphql.http.post("/graphql", json=body)
        assert await refused(response) == "BAD_REQUEST"

    async def test_the_one_that_is_named_is_carried_out(self, graphql: GraphQLClient) -> None:
        body = {"query": TWO, "operationName": "Two"}
        response = await graphql.http.post("/graphql", json=body)
        assert response.json()["data"] == {"__typename": "Query"}

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("{", "GRAPHQL_PARSE_FAILED"),
            ("{ viewer { id } } \0", "GRAPHQL_PARSE_FAILED"),
            ('{ entity(id: "\\uD800") { id } }', "GRAPHQL_PARSE_FAILED"),
            ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("{ viewer }", "GRAPHQL_VALIDATION_FAILED"),
            ("{ entity { id } }", "GRAPHQL_VALIDATION_FAILED"),
            ("{ entities(first: 1.5) { nodes { id } } }", "GRAPHQL_VALIDATION_FAILED"),
            ("{ entities(first: 3000000000) { nodes { id } } }", "GRAPHQL_VALIDATION_FAILED"),
            ("{ ...Lost }", "GRAPHQL_VALIDATION_FAILED"),
            ("{ ...A } fragment A on Query { ...A }", "GRAPHQL_VALIDATION_FAILED"),
            (
                "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
                "GRAPHQL_VALIDATION_FAILED",
            ),
            ("fragment A on Query { viewer { id } }", "BAD_REQUEST"),
            ("query($a: Int!) { entities(first: $a) { nodes { id } } }", "BAD_USER_INPUT"),
            ("type A { b: Int }", "BAD_REQUEST"),
            ("mutation { logOut { loggedOut } }", "UNAUTHENTICATED"),
        ],
    )
    async def test_mistake_gets_a_code(self, graphql: GraphQLClient, query: str, code: str) -> None:
        response = await graphql.http.post("/graphql", json={"query": query})
        assert await refused(response) == code


class TestBounds:
    @pytest.mark.parametrize(
        "query",
        [
            "{ " + "__typename " * 1001 + "}",
            "{ " + " ".join(f"a{n}: __typename" for n in range(31)) + " }",
            deep(12),
            "{ viewer " * 300 + "}" * 300,
            "{ nodes(ids: " + "[" * 450 + "]" * 450 + ") { id } }",
            "query($a: " + "[" * 450 + "Int" + "]" * 450 + ") { viewer { id } }",
            "{ ...A } fragment A on Query { "
            + " ".join(f"a{n}: viewer {{ id }}" for n in range(31))
            + " }",
        ],
        ids=["tokens", "aliases", "depth", "braces", "lists", "types", "aliases in a fragment"],
    )
    async def test_too_much_of_anything_is_refused(
        self, graphql: GraphQLClient, query: str
    ) -> None:
        response = await graphql.http.post("/graphql", json={"query": query})
        assert await refused(response) in ("DOCUMENT_TOO_LARGE", "GRAPHQL_PARSE_FAILED")

    @pytest.mark.parametrize(
        "query",
        [
            "{ nodes(ids: [" + '"x" ' * 100 + "]) { id } }",
            "{ " + " ".join(f"a{n}: __typename" for n in range(30)) + " }",
            deep(6),
        ],
        ids=["tokens", "aliases", "depth"],
    )
    async def test_as_much_as_allowed_is_answered(self, graphql: GraphQLClient, query: str) -> None:
        response = await graphql.http.post("/graphql", json={"query": query})
        assert "errors" not in response.json()

    async def test_pages_within_pages_that_multiply_are_refused(
        self, graphql: GraphQLClient
    ) -> None:
        inside = "id"
        for _ in range(3):
            inside = f"transfers(first: 100) {{ nodes {{ payer {{ {inside} }} }} }}"
        query = f'{{ entity(id: "x") {{ {inside} }} }}'
        answer = await graphql.send(query)
        assert answer.get("errors"), "a million transfers may be asked for at once"
        assert answer["errors"][0]["extensions"]["code"] != "INTERNAL_SERVER_ERROR"

    async def test_fragments_that_double_at_each_level_cost_no_more_than_their_length(
        self, graphql: GraphQLClient
    ) -> None:
        few = min([await cost_of(graphql, doubling(8, name=name)) for name in "ABC"])
        many = min([await cost_of(graphql, doubling(16, name=name)) for name in "DEF"])
        assert many < 10 * few


class TestFault:
    @pytest.fixture
    async def broken(self, empty_settings: Settings) -> AsyncIterator[GraphQLClient]:
        """An application whose table of entities is gone."""
        await alter(empty_settings, "ALTER TABLE entities RENAME TO lost_entities")
        app = create_app(empty_settings)
        async with app.router.lifespan_context(app), GraphQLClient.to(app) as client:
            yield client

    async def test_is_shown_with_a_reference_and_nothing_of_its_cause(
        self, broken: GraphQLClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        answer = await broken.send("{ viewer { id } entities { nodes { id } } }")

        (error,) = answer["errors"]
        reference = error["extensions"]["reference"]
        assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "reference": reference}
        assert not TELLING.search(orjson.dumps(answer).decode())
        assert answer["data"] == {"viewer": None, "entities": None}
        assert reference in caplog.text
        assert "lost_entities" in caplog.text or "UndefinedTable" in caplog.text

    async def test_of_a_mutation_is_masked_too(self, broken: GraphQLClient) -> None:
        sign_up = """mutation { signUp(input: {email: "a@example.com", password: "a-password-1",
            entityName: "A"}) { __typename } }"""
        answer = await broken.send(sign_up)
        assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
        assert not TELLING.search(orjson.dumps(answer).decode())

    async def test_of_looking_up_the_caller_is_masked_too(
        self, empty_database: Database, empty_settings: Settings, broken: GraphQLClient
    ) -> None:
        token = await access_token(empty_database, user_id=uuid4(), session_id=uuid4())
        await alter(empty_settings, "ALTER TABLE user_sessions RENAME TO lost_sessions")

        answer = await broken.send(VIEWER, by=token)

        assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
        assert not TELLING.search(orjson.dumps(answer).decode())

    async def test_leaves_the_next_request_alone(
        self, empty_database: Database, empty_settings: Settings, broken: GraphQLClient
    ) -> None:
        query = "{ entities { nodes { id } } }"
        assert await broken.code(query) == "INTERNAL_SERVER_ERROR"

        await alter(empty_settings, "ALTER TABLE lost_entities RENAME TO entities")
        ana = await make_member(empty_database)

        assert (await broken(query))["entities"]["nodes"] == [{"id": ana.id}]


async def test_two_callers_are_not_taken_for_one_another(
    graphql: GraphQLClient, make: MakeMember
) -> None:
    ana, ben = await make(), await make()
    answers: list[dict[str, Any]] = [
        await graphql("{ viewer { email } }", by=caller) for caller in (ana, None, ben, ana)
    ]
    assert [answer["viewer"] and answer["viewer"]["email"] for answer in answers] == [
        *(ana.email, None, ben.email, ana.email)
    ]
