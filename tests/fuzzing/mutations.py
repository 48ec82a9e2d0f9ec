"""The mutations as the schema prints them: all that they take, and all that they may answer."""

from collections.abc import Iterator
from functools import cache
from typing import Any, cast

from graphql import (
    GraphQLDirective,
    GraphQLEnumType,
    GraphQLField,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    get_directive_values,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    parse,
)
from graphql import build_ast_schema as read_schema

from mccs_graphql.domain.access import LEAST_ROLES
from mccs_graphql.endpoint.schema import print_schema
from mccs_graphql.settings import Settings


def _audience(field: GraphQLField) -> set[str]:
    """Whom a field is for, as ``@access`` says."""
    node = field.ast_node
    said = get_directive_values(ACCESS, node) if node else None
    return set(said["to"]) if said else set()


SCHEMA: GraphQLSchema = read_schema(parse(print_schema(Settings(_env_file=None))))
assert SCHEMA.mutation_type
ACCESS = cast(GraphQLDirective, SCHEMA.get_directive("access"))
MUTATIONS: dict[str, GraphQLField] = dict(SCHEMA.mutation_type.fields)
FOR_ADMINS = {
    name
    for name, field in MUTATIONS.items()
    if _audience(field) and _audience(field) <= {*LEAST_ROLES}
}
"""Those that nobody but an admin may carry out."""
DEPTH = 1
"""Objects inside a result that are asked for: enough for ``payload { entity { id version } }``."""
NAME_ONLY = -1
"""The depth at which nothing is asked for but the name of the type."""
REFUSAL = "UserError"
WHOLE = {"Int", "BigInt"}

Fields = dict[str, tuple[str, GraphQLOutputType]]
"""By the key in the answer: the name of the field, and its type."""


def members(type_: GraphQLNamedType) -> tuple[GraphQLObjectType, ...]:
    """The objects that a field of this type may come to."""
    if isinstance(type_, GraphQLUnionType):
        return tuple(type_.types)
    assert isinstance(type_, GraphQLObjectType), type_
    return (type_,)


def is_success(type_name: str) -> bool:
    """Whether a result of this type says that the mutation was carried out."""
    type_ = SCHEMA.get_type(type_name)
    assert isinstance(type_, GraphQLObjectType), type_name
    return all(interface.name != REFUSAL for interface in type_.interfaces)


@cache
def asked_of(object_: GraphQLObjectType, union: GraphQLNamedType, *, depth: int) -> Fields:
    """What is asked of an object; a key says its type where others in the union differ."""
    asked: Fields = {}
    for name, field in object_.fields.items() if depth > NAME_ONLY else ():
        if any(map(is_required_argument, field.args.values())):
            continue
        if not is_leaf_type(get_named_type(field.type)) and (depth == 0 or field.args):
            continue
        kinds = {str(other.fields[name].type) for other in members(union) if name in other.fields}
        asked[name if len(kinds) == 1 else f"{object_.name}_{name}"] = name, field.type
    return asked


@cache
def selection(type_: GraphQLOutputType, *, depth: int) -> str:
    """Everything that may be asked of a field of this type, in GraphQL."""
    named = get_named_type(type_)
    if is_leaf_type(named):
        return ""
    parts = ["__typename"]
    for object_ in members(named):
        fields = asked_of(object_, named, depth=depth)
        inner = " ".join(
            (name if key == name else f"{key}: {name}") + selection(kind, depth=depth - 1)
            for key, (name, kind) in fields.items()
        )
        parts.append(f"... on {object_.name} {{ {inner} }}" if inner else "")
    return f" {{ {' '.join(parts)} }}"


def misfits(value: Any, type_: GraphQLOutputType, *, depth: int, at: str) -> Iterator[str]:
    """Where an answer is not what the schema promises for ``selection``."""
    if isinstance(type_, GraphQLNonNull):
        if value is None:
            yield f"{at} is null"
            return
        type_ = type_.of_type
    if value is None:
        return
    if isinstance(type_, GraphQLList):
        for place, item in enumerate(value):
            yield from misfits(item, type_.of_type, depth=depth, at=f"{at}.{place}")
    elif isinstance(type_, GraphQLScalarType | GraphQLEnumType):
        if not _is_leaf(value, type_):
            yield f"{at} is no {type_}: {value!r}"
    else:
        yield from _misfits_of_object(value, get_named_type(type_), depth=depth, at=at)


def _misfits_of_object(
    value: dict[str, Any], type_: GraphQLNamedType, *, depth: int, at: str
) -> Iterator[str]:
    found = {object_.name: object_ for object_ in members(type_)}.get(value["__typename"])
    if found is None:
        yield f"{at} is no {type_}: {value['__typename']}"
        return
    asked = asked_of(found, type_, depth=depth)
    if set(value) != {"__typename", *asked}:
        yield f"{at} has other fields than were asked for: {sorted(value)}"
        return
    for key, (_, kind) in asked.items():
        yield from misfits(value[key], kind, depth=depth - 1, at=f"{at}.{key}")


def _is_leaf(value: object, type_: GraphQLScalarType | GraphQLEnumType) -> bool:
    if isinstance(type_, GraphQLEnumType):
        return value in type_.values
    if type_.name == "Boolean":
        return isinstance(value, bool)
    if type_.name in WHOLE:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str)
