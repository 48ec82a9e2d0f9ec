"""What the directives of the schema say, read from the printed one."""

import re
from pathlib import Path

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLUnionType,
    build_schema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from mccs_graphql.domain.access import Requirement
from mccs_graphql.endpoint import access_table

SCHEMA = build_schema((Path(__file__).parents[2] / "schema.graphql").read_text())
TOKENS = 900


def fields_of(name: str) -> dict[str, GraphQLField]:
    """The fields of a type."""
    type_ = SCHEMA.type_map[name]
    assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
    fields: dict[str, GraphQLField] = type_.fields
    return fields


def requirement_of(type_name: str, field: str) -> Requirement:
    """What the field takes, by its own directive or by that of its type."""
    return access_table.requirement_of(SCHEMA, type_name, field)


def everything_of(type_: GraphQLNamedType) -> str:
    """A selection of what can be asked of a type without arguments, as deep as a document may be.

    Empty for a leaf.
    """
    if is_leaf_type(type_):
        return ""
    selections = (_everything(type_, depth) for depth in (3, 2, 1))
    return next(text for text in selections if len(re.findall(r"\w+|[^\s\w]", text)) <= TOKENS)


def _everything(type_: GraphQLNamedType, depth: int) -> str:
    """A selection some objects deep.

    Of a connection only its nodes, and of refusals only which it is.
    """
    if isinstance(type_, GraphQLUnionType | GraphQLInterfaceType):
        of_it = [of for of in SCHEMA.get_possible_types(type_) if not _is_refusal(of)]
        parts = [f"... on {of.name} {_everything(of, depth)}" for of in of_it]
        return f"{{ __typename {' '.join(parts)} }}"
    assert isinstance(type_, GraphQLObjectType)
    fields = dict(type_.fields)
    if "nodes" in fields:
        fields = {"nodes": fields["nodes"]}
    parts = [_selected(name, field, depth) for name, field in fields.items()]
    return f"{{ __typename {' '.join(filter(None, parts))} }}"


def _is_refusal(type_: GraphQLObjectType) -> bool:
    return any(interface.name == "UserError" for interface in type_.interfaces)


def _selected(name: str, field: GraphQLField, depth: int) -> str:
    of = get_named_type(field.type)
    if any(map(is_required_argument, field.args.values())):
        return ""
    if is_leaf_type(of):
        return name
    if depth == 0 and name != "nodes":
        return ""
    page = "(first: 2)" if "first" in field.args else ""
    return f"{name}{page} {_everything(of, depth if name == 'nodes' else depth - 1)}"
