"""Who may use which field, as a page to read: drawn from the directives of the printed schema."""

from collections.abc import Iterable, Iterator, Sequence

from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    Node,
    build_schema,
    get_named_type,
    value_from_ast_untyped,
)

from mccs_graphql.db.models import AdminRole, Role, Scope
from mccs_graphql.domain.access import Audience, Requirement

ROOTS = ("Query", "Mutation", "Subscription")
UNSAID = {Audience.EVERYBODY, Audience.HOLDER}
HEAD = """# Who may use which field

Made by `make schema` from the directives `@access` of the schema, which the server goes by. The
tests in `tests/access` try every root field as each of these people, and look through every answer
for fields that are not theirs.

What a member may do depends on the role in the *entity in question*: the one that the input names,
or that owns what it names. Admins belong to no entity: what they may do holds for all of them, once
they have the second factor that the community asks of them. An API token acts for one entity, as
far as its scopes go; where none is named, no token will do.
"""
INSIDE = """## Inside what they answer

Left out is what everybody may see, and what is for whoever got the object. The fields that lead to
an object have requirements of their own.
"""
_ROOT_COLUMNS = (
    *("Field", "Visitor", "Logged in"),
    *(role.value for role in Role),
    *(f"Admin: {role.value}" for role in AdminRole),
    "API token",
)
_INNER_COLUMNS = ("Field", "For", "API token")
_YES, _NO = "yes", "-"


def print_access(printed_schema: str) -> str:
    """The page in Markdown."""
    schema = build_schema(printed_schema)
    roots = (part for root in ROOTS for part in (f"## {root}\n", _root_table(schema, root)))
    return "\n".join((HEAD, *roots, INSIDE, *_inner_tables(schema)))


def requirement_of(schema: GraphQLSchema, type_name: str, field: str) -> Requirement:
    """What the field takes, by its own directive or by that of its type."""
    type_ = _objects(schema)[type_name]
    nodes = (type_.fields[field].ast_node, type_.ast_node)
    return next(found for node in nodes if (found := _said(node)) is not None)


def _said(node: Node | None) -> Requirement | None:
    for directive in getattr(node, "directives", None) or ():
        if directive.name.value == "access":
            said = {
                each.name.value: value_from_ast_untyped(each.value) for each in directive.arguments
            }
            scope = said.get("scope")
            return Requirement(
                frozenset(map(Audience, said["to"])), Scope(scope) if scope else None
            )
    return None


def _root_table(schema: GraphQLSchema, root: str) -> str:
    names = sorted(_objects(schema)[root].fields)
    return _table(_ROOT_COLUMNS, (_root_row(schema, root, name) for name in names))


def _root_row(schema: GraphQLSchema, root: str, name: str) -> list[str]:
    of = requirement_of(schema, root, name)
    everybody = Audience.EVERYBODY in of.audience
    admin = everybody or Audience.USER in of.audience
    logged_in = admin or Audience.PLAIN_USER in of.audience
    may = (
        *(everybody, logged_in),
        *(logged_in or of.has_room_for(role) for role in Role),
        *(admin or of.has_room_for_admin(role) for role in AdminRole),
    )
    return [
        f"`{name}`",
        *(_YES if each else _NO for each in may),
        _YES if everybody else _scope(of),
    ]


def _inner_tables(schema: GraphQLSchema) -> Iterator[str]:
    ways = _ways(schema)
    for name, type_ in sorted(_objects(schema).items()):
        asked = {field: requirement_of(schema, name, field) for field in sorted(type_.fields)}
        rows = [
            [f"`{field}`", _audience(of), _scope(of)]
            for field, of in asked.items()
            if not of.audience & UNSAID
        ]
        if rows and name not in ROOTS:
            yield f"### {name}\n\nReached by {ways[name]}.\n"
            yield _table(_INNER_COLUMNS, rows)


def _ways(schema: GraphQLSchema) -> dict[str, str]:
    """For each type the fields that answer with it."""
    ways: dict[str, list[str]] = {}
    for name, type_ in sorted(_objects(schema).items()):
        for field, of in sorted(type_.fields.items()):
            ways.setdefault(get_named_type(of.type).name, []).append(f"`{name}.{field}`")
    return {name: ", ".join(found) for name, found in ways.items()}


def _objects(schema: GraphQLSchema) -> dict[str, GraphQLObjectType]:
    return {
        name: type_
        for name, type_ in schema.type_map.items()
        if isinstance(type_, GraphQLObjectType) and not name.startswith("__")
    }


def _audience(of: Requirement) -> str:
    return " or ".join(audience for audience in Audience if audience in of.audience)


def _scope(of: Requirement) -> str:
    return of.scope or _NO


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in _lines(columns, rows))


def _lines(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    yield columns
    yield ["---"] * len(columns)
    yield from rows
