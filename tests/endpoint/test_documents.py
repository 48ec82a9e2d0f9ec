"""Documents that are kept: within a bound, and known ones in spite of ever new ones."""

import pytest
from graphql import GraphQLError, build_schema

from mccs_graphql.endpoint.documents import CHARACTERS_KNOWN, CHARACTERS_NEW, Documents

SCHEMA = build_schema("type Query { a: Int }")
KNOWN = "{ a }"


def text(number: int) -> str:
    """A document of a thousand characters that is like no other."""
    return f"{{ a{number}: a }} #".ljust(1000, "x")


@pytest.fixture
def documents() -> Documents:
    """With one that came twice."""
    documents = Documents()
    for _ in range(2):
        documents.read(SCHEMA, KNOWN)
    return documents


def test_what_has_no_form_is_not_kept(documents: Documents) -> None:
    with pytest.raises(GraphQLError):
        documents.read(SCHEMA, "{")
    assert documents.new.characters == 0


def test_other_schema_has_documents_of_its_own(documents: Documents) -> None:
    other = build_schema("type Query { b: Int }")
    assert documents.read(other, KNOWN).faults
    assert not documents.read(SCHEMA, KNOWN).faults


def test_known_document_outlasts_ever_new_ones(documents: Documents) -> None:
    known = documents.read(SCHEMA, KNOWN)
    for number in range(2 * CHARACTERS_NEW // 1000):
        documents.read(SCHEMA, text(number))
    assert documents.read(SCHEMA, KNOWN) is known


def test_no_more_is_kept_than_the_bound(documents: Documents) -> None:
    for number in range(2 * CHARACTERS_KNOWN // 1000):
        for _ in range(2):
            documents.read(SCHEMA, text(number))
        documents.read(SCHEMA, text(1000 + number))
    assert documents.new.characters <= CHARACTERS_NEW
    assert documents.known.characters <= CHARACTERS_KNOWN


def test_document_larger_than_the_bound_is_read_and_not_kept(documents: Documents) -> None:
    large = "{ a } #".ljust(CHARACTERS_NEW + 1, "x")
    assert not documents.read(SCHEMA, large).faults
    assert documents.new.characters == 0
