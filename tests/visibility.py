"""Who may see what, written down a second time: what the answers of the API are compared with."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    build_schema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

SCHEMA = build_schema((Path(__file__).parents[1] / "schema.graphql").read_text())
STATUSES = (
    "PENDING",
    "REJECTED",
    "ACCEPTED",
    "TRADING_PENDING",
    "TRADING_ACCEPTED",
    "TRADING_REJECTED",
)
UNLISTED = {"PENDING", "REJECTED"}
TRADING = "TRADING_ACCEPTED"


class Asker(StrEnum):
    """Who looks at an entity."""

    VISITOR = "visitor"
    ACCEPTED = "accepted stranger"
    TRADING = "trading stranger"
    PENDING = "pending stranger"
    OWN = "own member"
    AUDITOR = "admin"


READERS = {Asker.OWN, Asker.AUDITOR}
"""Those who read what is private to an entity."""
STRANGERS = (Asker.ACCEPTED, Asker.TRADING, Asker.PENDING)


class Audience(StrEnum):
    """Whom a field of an entity is for, apart from the entity's own members."""

    EVERYBODY = "everybody"
    TRADERS = "those who trade, if it trades too"
    CHOSEN = "everybody, if the entity chose so"
    NOBODY = "nobody else"


AUDIENCES = {
    **dict.fromkeys(
        (
            *("id", "version", "name", "status", "description", "website", "incType"),
            *("companyNumber", "address", "city", "region", "postalCode", "country"),
            *("offers", "wants", "categories"),
        ),
        Audience.EVERYBODY,
    ),
    "email": Audience.TRADERS,
    "telephone": Audience.CHOSEN,
    "declaredTurnover": Audience.CHOSEN,
    **dict.fromkeys(
        (
            *("showTelephone", "showDeclaredTurnover", "showTagsMatchedSinceLastLogin"),
            *("receiveDailyMatchNotificationEmail", "account", "transfers"),
            *("matches", "matchesSinceLastLogin", "members", "invitations", "apiTokens"),
            *("webhooks",),
            "createdAt",
        ),
        Audience.NOBODY,
    ),
}
"""Every field of an entity: one that is added without a line here fails the tests."""
ABOUT_ANOTHER = {"isFavorite"}
"""Fields about an entity and another one that is named; they have tests of their own."""
AT_A_MOMENT = {"balanceAt", "statement"}
"""Fields that ask for a moment; `tests/resolvers/test_statements.py` is about them."""

OF_DELETED = {"deletedAt"}
"""Fields that say nothing of an entity that is there: only admins see one that is deleted."""


def sees(asker: Asker, field: str, *, status: str, shows: str) -> bool:
    """Whether who asks sees the field of an entity that is there and has chosen to show one."""
    if asker in READERS:
        return True
    match AUDIENCES[field]:
        case Audience.EVERYBODY:
            return True
        case Audience.TRADERS:
            return asker is Asker.TRADING and status == TRADING
        case Audience.CHOSEN:
            return field == shows
        case Audience.NOBODY:
            return False


@dataclass(frozen=True)
class Route:
    """A way by which an entity can be reached, and who gets there at all if it is there.

    Only what is listed is in the ``directory``, also for members of what is not.
    """

    selection: str
    open_to: frozenset[Asker] = frozenset(Asker)
    directory: bool = False

    def leads(self, asker: Asker, *, status: str) -> bool:
        """Whether who asks finds an entity of this status by this route."""
        if self.directory and status in UNLISTED:
            return False
        return asker in self.open_to and (asker in READERS or status not in UNLISTED)

    @property
    def is_mutation(self) -> bool:
        return "input:" in self.selection


_VARIABLES = {
    **dict.fromkeys(("id", "paying", "paid", "own"), "ID!"),
    "name": "String!",
    "key": "UUID!",
    "version": "Int!",
}
"""The entity; a transfer it has proposed to pay and one it is to be paid; the asker's entity."""
LISTED = "entities(filter: { namePrefix: $name }) { %s }"
"""The list of entities, cut down to those that are called ``$name``."""
_SIDES = frozenset(Asker) - {Asker.VISITOR}
_OTHER_SIDE = frozenset(STRANGERS)
_MEMBERS = frozenset({Asker.OWN})

ROUTES = {
    "Query.entity": Route("entity(id: $id) { ...everything }"),
    "Query.node": Route("node(id: $id) { ...everything }"),
    "Query.nodes": Route("nodes(ids: [$id]) { ...everything }"),
    "EntityConnection.nodes": Route(LISTED % "nodes { ...everything }", directory=True),
    "EntityEdge.node": Route(LISTED % "edges { node { ...everything } }", directory=True),
    "User.entities": Route("viewer { entities { ...everything } }", _MEMBERS),
    "Membership.entity": Route("viewer { memberships { entity { ...everything } } }", _MEMBERS),
    "ApiToken.entity": Route(
        "entity(id: $id) { apiTokens { entity { ...everything } } }",
        _MEMBERS | {Asker.AUDITOR},
    ),
    "Transfer.payer": Route("transfer(id: $paying) { payer { ...everything } }", _SIDES),
    "Transfer.initiator": Route("transfer(id: $paying) { initiator { ...everything } }", _SIDES),
    "Transfer.payee": Route("transfer(id: $paid) { payee { ...everything } }", _SIDES),
    "Transfer.receiver": Route("transfer(id: $paid) { receiver { ...everything } }", _SIDES),
    "TransferEdge.counterparty": Route(
        """entity(id: $own) {
          transfers(filter: { counterparty: $id }) { edges { counterparty { ...everything } } }
        }""",
        _OTHER_SIDE | {Asker.AUDITOR},
    ),
    "EntityPayload.entity": Route(
        """updateEntity(input: { entityId: $id, expectedVersion: $version }) {
          ... on EntityPayload { entity { ...everything } }
        }""",
        _MEMBERS,
    ),
    "SetFavoritePayload.entity": Route(
        """setFavorite(input: { actingFor: $own, entityId: $id, favorite: true }) {
          ... on SetFavoritePayload { entity { ...everything } }
        }""",
        _OTHER_SIDE,
    ),
    "cancelTransfer": Route(
        """cancelTransfer(input: { transferId: $paid, idempotencyKey: $key }) {
          ... on TransferPayload { transfer { receiver { ...everything } } }
        }""",
        _OTHER_SIDE,
    ),
    "rejectTransfer": Route(
        """rejectTransfer(input: { transferId: $paying, idempotencyKey: $key }) {
          ... on TransferPayload { transfer { initiator { ...everything } } }
        }""",
        _OTHER_SIDE,
    ),
}
"""The fields that lead to an entity; and two mutations, by way of the transfer they answer."""
QUERIES = [name for name, route in ROUTES.items() if not route.is_mutation]
MUTATIONS = [name for name, route in ROUTES.items() if route.is_mutation]
EVENTS = "transferEvents"
BY_EVENTS = Route("", _SIDES)
"""The parties of the transfers in the log of who asks; ``FOLLOW`` is its document."""
ELSEWHERE = {
    "SignUpPayload.entity",
    "ApplyForTradingPayload.entity",
    "ContactEntityPayload.entity",
    "MatchEdge.node",
    "MatchConnection.nodes",
    "MatchFound.entity",
    "Notice.entity",
    "AllEntitiesConnection.nodes",
    "AllEntitiesEdge.node",
    "AssociationPayload.entity",
    "DeleteEntityPayload.entity",
    "EntityDeletionPreview.entity",
    "EntityStatusPayload.entity",
    "FollowerConnection.nodes",
    "FollowerEdge.node",
    "Mail.entity",
    "Posting.entity",
    "UserDeletionPreview.ownedAlone",
}
"""Fields that lead to an entity once, a few times a day, or to those that match, or are for
admins; they have tests of their own, and `tests/access` looks through the answers of all."""

FOR_ADMINS = {
    "AllEntitiesConnection.nodes",
    "AllEntitiesEdge.node",
    "AssociationPayload.entity",
    "DeleteEntityPayload.entity",
    "EntityDeletionPreview.entity",
    "EntityStatusPayload.entity",
    "Mail.entity",
    "UserDeletionPreview.ownedAlone",
}
"""Fields that nobody else gets to, and admins see everything: ``tests.access`` tries them."""


def fields_of(name: str) -> dict[str, GraphQLField]:
    """The fields of a type of the schema."""
    type_ = SCHEMA.type_map[name]
    assert isinstance(type_, GraphQLObjectType)
    fields: dict[str, GraphQLField] = type_.fields
    return fields


def _whole(name: str, field: GraphQLField) -> str:
    """The field as it is asked for; with all that can be read at once of an object."""
    of = get_named_type(field.type)
    if is_leaf_type(of):
        return name
    leaves = (leaf for leaf, inner in fields_of(of.name).items() if is_leaf_type(_named(inner)))
    kept = (leaf for leaf in leaves if not leaf.endswith("Count"))  # says nothing of this entity
    return f"{name} {{ __typename {' '.join(kept)} }}"


def _named(field: GraphQLField) -> GraphQLNamedType:
    return get_named_type(field.type)


FIELDS = {
    name: field
    for name, field in fields_of("Entity").items()
    if name not in OF_DELETED and not any(map(is_required_argument, field.args.values()))
}
EVERYTHING = f"""
fragment everything on Entity {{
  __typename {" ".join(_whole(name, field) for name, field in FIELDS.items())}
}}"""
FOLLOW = f"""
subscription Follow($own: ID!, $after: String) {{
  transferEvents(entityId: $own, after: $after) {{
    __typename
    ... on TransferEvent {{ transfer {{ payer {{ ...everything }} payee {{ ...everything }} }} }}
  }}
}} {EVERYTHING}"""


def document_of(names: Sequence[str]) -> str:
    """One document for some routes, queries or a mutation; each answers under an alias of its own.

    The aliases are ``r0``, ``r1`` and so on.
    """
    routes = [ROUTES[name] for name in names]
    selection = " ".join(f"r{number}: {route.selection}" for number, route in enumerate(routes))
    used = dict.fromkeys(re.findall(r"\$(\w+)", selection))
    variables = ", ".join(f"${name}: {_VARIABLES[name]}" for name in used)
    operation = "mutation" if routes[0].is_mutation else "query"
    head = f"{operation} Reach({variables})" if variables else f"{operation} Reach"
    return f"{head} {{ {selection} }} {EVERYTHING}"


def ways_to_entities() -> set[str]:
    """Every field of the schema that may answer with an entity."""
    return {
        f"{type_.name}.{name}"
        for type_ in SCHEMA.type_map.values()
        if isinstance(type_, GraphQLObjectType)
        for name, field in type_.fields.items()
        if _named(field).name in ("Entity", "Node")
    }
