"""Every field says whom it is for."""

from pathlib import Path

import pytest
import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, Node, build_schema

from mccs_graphql.domain.access import EVERYBODY
from mccs_graphql.resolvers.admission import guarded
from mccs_graphql.schema.access import access

SCHEMA = build_schema((Path(__file__).parents[2] / "schema.graphql").read_text())
ROOTS = {"Query", "Mutation", "Subscription"}
OBJECTS = sorted(
    name
    for name, type_ in SCHEMA.type_map.items()
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("__")
)


def says(node: Node | None) -> bool:
    """Whether a definition in the schema carries the directive."""
    directives = getattr(node, "directives", None) or ()
    return any(directive.name.value == "access" for directive in directives)


@pytest.mark.parametrize("name", OBJECTS)
def test_each_field_has_a_requirement_of_its_own_or_of_its_type(name: str) -> None:
    type_ = SCHEMA.type_map[name]
    assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)

    silent = [field for field, definition in type_.fields.items() if not says(definition.ast_node)]

    assert not silent or (name not in ROOTS and says(type_.ast_node)), silent


def test_a_root_field_without_a_requirement_is_not_built() -> None:
    @strawberry.type
    class Root:
        said: bool = strawberry.field(directives=[access(EVERYBODY)])
        forgotten: bool

    with pytest.raises(TypeError, match="forgotten"):
        guarded(Root)
