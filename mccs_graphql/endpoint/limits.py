"""How much one operation may ask for."""

from collections.abc import Mapping

from graphql import GraphQLError

from mccs_graphql.endpoint.measuring import Measure

TOKENS_MAX = 1000
DEPTH_MAX = 10
ALIASES_MAX = 30
COST_MAX = 1000
"""Points of one operation: a full page of a hundred, with nine objects around each entry."""
FIELDS_MAX, MUTATIONS_MAX = 30, 20
"""Fields at the top, each of which begins with a read of its own, or a transaction."""
DIRECTIVES_MAX = 30
INTROSPECTIONS_MAX = 3
INTROSPECTION_DEPTH_MAX = 16
"""The query that tools send goes down by 15: a type in nine wrappings."""
VALUES_MAX = 1000
"""Values in the variables; no input has lists of more than a hundred."""

Variables = Mapping[str, object]


def excess(measure: Measure, variables: Variables) -> list[GraphQLError]:
    """Why an operation asks for too much; empty if it does not."""
    asked = (
        ("levels of fields", measure.depth, DEPTH_MAX),
        ("aliases", measure.aliases, ALIASES_MAX),
        ("points", measure.cost, COST_MAX),
        ("fields at the top", measure.fields, FIELDS_MAX),
        ("mutations", measure.mutations, MUTATIONS_MAX),
        ("directives", measure.directives, DIRECTIVES_MAX),
        ("introspections", measure.introspections, INTROSPECTIONS_MAX),
        ("levels of introspection", measure.introspection_depth, INTROSPECTION_DEPTH_MAX),
        ("values in the variables", _count(variables), VALUES_MAX),
    )
    return [
        GraphQLError(
            f"This operation asks for {found:,} {what}; at most {most:,} are allowed.",
            extensions={"code": "DOCUMENT_TOO_LARGE"},
        )
        for what, found, most in asked
        if found > most
    ]


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
