"""How much one document may ask for."""

from collections.abc import Mapping

from graphql import DocumentNode, GraphQLError, GraphQLSchema

from mccs_graphql.endpoint.measuring import Measuring

TOKENS_MAX = 1000
DEPTH_MAX = 10
ALIASES_MAX = 30
OBJECTS_MAX = 10_000
"""How many objects the answer may have if every page is full."""
FIELDS_MAX, MUTATIONS_MAX = 30, 20
"""Fields at the top, each of which begins with a read of its own, or a transaction."""
DIRECTIVES_MAX = 30
INTROSPECTIONS_MAX = 3
INTROSPECTION_DEPTH_MAX = 16
"""The query that tools send goes down by 15: a type in nine wrappings."""
VALUES_MAX = 1000
"""Values in the variables; no input has lists of more than a hundred."""

Variables = Mapping[str, object]


def excess(
    schema: GraphQLSchema, document: DocumentNode, variables: Variables
) -> list[GraphQLError]:
    """Why a valid document asks for too much; empty if it does not."""
    measure = Measuring(schema, document, variables).sum()
    asked = (
        ("levels of fields", measure.depth, DEPTH_MAX),
        ("aliases", measure.aliases, ALIASES_MAX),
        ("objects", measure.objects, OBJECTS_MAX),
        ("fields at the top", measure.fields, FIELDS_MAX),
        ("mutations", measure.mutations, MUTATIONS_MAX),
        ("directives", measure.directives, DIRECTIVES_MAX),
        ("introspections", measure.introspections, INTROSPECTIONS_MAX),
        ("levels of introspection", measure.introspection_depth, INTROSPECTION_DEPTH_MAX),
        ("values in the variables", _count(variables), VALUES_MAX),
    )
    return [
        GraphQLError(
            f"This document asks for {found} {what}; at most {most} are allowed.",
            extensions={"code": "DOCUMENT_TOO_LARGE"},
        )
        for what, found, most in asked
        if found > most
    ]


def introspects(schema: GraphQLSchema, document: DocumentNode) -> bool:
    """Whether a valid document asks for the schema."""
    return Measuring(schema, document, {}).sum().introspections > 0


def _count(value: object) -> int:
    """How many values there are in this one, itself included. JSON is at most 1024 levels deep."""
    count, left = 0, [value]
    while left:
        inner = left.pop()
        count += 1
        if isinstance(inner, Mapping):
            left.extend(inner.values())
        elif isinstance(inner, list):
            left.extend(inner)
    return count
