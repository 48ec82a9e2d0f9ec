"""Which media type an answer has, and what the status says in each."""

import pytest

from mccs_graphql.endpoint.media_types import GRAPHQL_RESPONSE, JSON, negotiated
from tests.clients import GraphQLClient


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("text/html", None),
        ("application/json;q=0", None),
        ("*/*;q=0.0", None),
        ("application/json;q=many", None),
        ("application/xml, text/*", None),
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("text/html, */*;q=0.1", JSON),
        ("application/json, */*", JSON),
        ("APPLICATION/JSON; charset=utf-8", JSON),
        ("application/json, application/graphql-response+json;q=0.9", JSON),
        ("application/graphql-response+json;q=0, */*", JSON),
        (GRAPHQL_RESPONSE, GRAPHQL_RESPONSE),
        ("application/json, application/graphql-response+json", GRAPHQL_RESPONSE),
        ("application/graphql-response+json, application/json;q=0.9", GRAPHQL_RESPONSE),
        ("application/json;q=0, */*", GRAPHQL_RESPONSE),
        ("multipart/mixed;deferSpec=20220824, application/graphql-response+json", GRAPHQL_RESPONSE),
    ],
)
def test_what_the_client_likes_best_is_chosen(accept: str | None, expected: str | None) -> None:
    assert negotiated(accept) == expected


@pytest.mark.parametrize(
    "query",
    [
        *("{", "{ nothing }", "fragment A on Query { __typename }", "# nothing"),
        *("query($a: Int!) { entities(first: $a) { nodes { id } } }", "{ a } " * 500),
    ],
    ids=lambda query: query[:30],
)
@pytest.mark.parametrize(("accept", "status"), [(GRAPHQL_RESPONSE, 400), (JSON, 200)])
async def test_document_that_is_not_carried_out_has_no_data(
    graphql: GraphQLClient, query: str, accept: str, status: int
) -> None:
    response = await graphql.http.post(
        "/graphql", json={"query": query}, headers={"Accept": accept}
    )
    assert response.status_code == status
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"
    assert response.json().keys() == {"errors", "extensions"}
    assert response.json()["extensions"].keys() == {"cost", "request"}


@pytest.mark.parametrize("accept", [GRAPHQL_RESPONSE, JSON])
async def test_document_that_was_carried_out_has_data_and_200(
    graphql: GraphQLClient, accept: str
) -> None:
    query = "{ entities(first: 0) { nodes { id } } }"
    response = await graphql.http.post(
        "/graphql", json={"query": query}, headers={"Accept": accept}
    )
    assert response.status_code == 200
    assert response.json()["data"] == {"entities": None}
    assert response.json()["errors"]


async def test_refusal_has_the_media_type_the_client_accepts(graphql: GraphQLClient) -> None:
    response = await graphql.http.get("/nowhere", headers={"Accept": GRAPHQL_RESPONSE})
    assert response.status_code == 404
    assert response.headers["content-type"].startswith(GRAPHQL_RESPONSE)
