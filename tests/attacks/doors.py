"""Every argument and input of the schema that takes an id, and how to try somebody else's there."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    get_named_type,
)

from mccs_graphql.schema.ids import IdPrefix
from tests.clients import new_key
from tests.visibility import EVERYTHING, SCHEMA

REFUSED = "... on UserError { code }"
TRANSFER = """id description amount payer { ...everything } payee { ...everything }"""
LISTEN = "subscription Try($id: ID!) { result: %s(entityId: $id) { __typename } }"
OWN_ENTITY = "query Try($own: ID!, $id: ID!) {{ result: entity(id: $own) {{ {} }} }} {}"


@dataclass(frozen=True)
class Door:
    """Somewhere to put an id: ``path`` leads there in the variables.

    What is ``public`` may be named by everybody, as everybody may look it up; what is private of it
    is not shown all the same.
    """

    document: str
    path: tuple[str, ...] = ("id",)
    of: IdPrefix = IdPrefix.ENTITY
    variables: dict[str, Any] = field(default_factory=dict)
    is_public: bool = False


def query(selection: str, *, of: IdPrefix = IdPrefix.ENTITY, is_public: bool = False) -> Door:
    everything = EVERYTHING if "...everything" in selection else ""
    document = f"query Try($id: ID!) {{ result: {selection} }} {everything}"
    return Door(document, of=of, is_public=is_public)


def mutation(name: str, input_type: str, payload: str, path: str, /, **more: Any) -> Door:
    """``more`` is the rest of the input, and what a door has."""
    of, is_public = more.pop("of", IdPrefix.ENTITY), more.pop("is_public", False)
    everything = EVERYTHING if "...everything" in payload else ""
    document = f"""mutation Try($input: {input_type}!) {{
        result: {name}(input: $input) {{ {payload} {REFUSED} }}
    }} {everything}"""
    return Door(document, ("input", *path.split(".")), of, {"input": more}, is_public)


def check(path: str, *, of: IdPrefix = IdPrefix.ENTITY, is_public: bool = False) -> Door:
    document = """query Try($input: CheckTransferInput!) {
        result: checkTransfer(input: $input) { possible refusals { code } }
    }"""
    variables = {"input": {"proposal": TERMS}} if of is IdPrefix.ENTITY else {"input": {}}
    return Door(document, ("input", *path.split(".")), of, variables, is_public)


OWN = "$own"
"""Stands for the entity of who tries."""
TERMS = {"initiatorId": OWN, "receiver": {"id": OWN}, "direction": "IN", "amount": "1.00"}
KEY = {"idempotencyKey": new_key()}
ENTITY = "... on EntityPayload { entity { ...everything } }"
DECIDED = f"... on TransferPayload {{ transfer {{ {TRANSFER} }} }}"
TRANSFER_ID = {"of": IdPrefix.TRANSFER} | KEY
NODE = "__typename id ... on Entity { ...everything } ... on User { reads: email lastName }"

DOORS = {
    "Query.entity(id)": query("entity(id: $id) { ...everything }", is_public=True),
    "Query.node(id)": query(f"node(id: $id) {{ {NODE} }}", is_public=True),
    "Query.node(id) of a transfer": query("node(id: $id) { id }", of=IdPrefix.TRANSFER),
    "Query.node(id) of a user": query(f"node(id: $id) {{ {NODE} }}", of=IdPrefix.USER),
    "Query.node(id) of a session": query("node(id: $id) { id }", of=IdPrefix.SESSION),
    "Query.nodes(ids)": query(f"nodes(ids: [$id]) {{ {NODE} }}", is_public=True),
    "Query.nodes(ids) of a transfer": query("nodes(ids: [$id]) { id }", of=IdPrefix.TRANSFER),
    "Query.nodes(ids) of a user": query("nodes(ids: [$id]) { id }", of=IdPrefix.USER),
    "Query.transfer(id)": query(f"transfer(id: $id) {{ {TRANSFER} }}", of=IdPrefix.TRANSFER),
    "Query.checkTransfer(input.acceptanceOf)": check("acceptanceOf", of=IdPrefix.TRANSFER),
    "Query.checkTransfer(input.proposal.initiatorId)": check("proposal.initiatorId"),
    "Query.checkTransfer(input.proposal.receiver.id)": check(
        "proposal.receiver.id", is_public=True
    ),
    "Query.entities(filter.actingFor)": query(
        "entities(filter: {actingFor: $id, favoritesOnly: true}) { nodes { ...everything } }"
    ),
    "Entity.isFavorite(of)": Door(
        OWN_ENTITY.format("isFavorite(of: $id)", ""), variables={"own": OWN}
    ),
    "Entity.transfers(filter.counterparty)": Door(
        OWN_ENTITY.format(
            f"transfers(filter: {{counterparty: $id}}) {{ nodes {{ {TRANSFER} }} }}", EVERYTHING
        ),
        variables={"own": OWN},
        is_public=True,
    ),
    "Mutation.acceptTransfer(input.transferId)": mutation(
        "acceptTransfer", "AcceptTransferInput", DECIDED, "transferId", **TRANSFER_ID
    ),
    "Mutation.rejectTransfer(input.transferId)": mutation(
        "rejectTransfer", "EndTransferInput", DECIDED, "transferId", **TRANSFER_ID
    ),
    "Mutation.cancelTransfer(input.transferId)": mutation(
        "cancelTransfer", "EndTransferInput", DECIDED, "transferId", **TRANSFER_ID
    ),
    "Mutation.proposeTransfer(input.initiatorId)": mutation(
        "proposeTransfer", "ProposeTransferInput", DECIDED, "initiatorId", **TERMS, **KEY
    ),
    "Mutation.proposeTransfer(input.receiver.id)": mutation(
        *("proposeTransfer", "ProposeTransferInput", DECIDED, "receiver.id"),
        **(TERMS | KEY),
        is_public=True,
    ),
    "Mutation.endSession(input.id)": mutation(
        *("endSession", "EndSessionInput", "... on EndSessionPayload { endedId }", "id"),
        of=IdPrefix.SESSION,
    ),
    "Mutation.setFavorite(input.actingFor)": mutation(
        *("setFavorite", "SetFavoriteInput", "", "actingFor"), entityId=OWN, favorite=True
    ),
    "Mutation.setFavorite(input.entityId)": mutation(
        *("setFavorite", "SetFavoriteInput", "", "entityId"),
        actingFor=OWN,
        favorite=True,
        is_public=True,
    ),
    "Mutation.contactEntity(input.actingFor)": mutation(
        *("contactEntity", "ContactEntityInput", "", "actingFor"),
        **({"entityId": OWN, "message": "Hello"} | KEY),
    ),
    "Mutation.contactEntity(input.entityId)": mutation(
        *("contactEntity", "ContactEntityInput", "", "entityId"),
        **({"actingFor": OWN, "message": "Hello"} | KEY),
        is_public=True,
    ),
    "Mutation.updateEntity(input.entityId)": mutation(
        *("updateEntity", "UpdateEntityInput", ENTITY, "entityId"),
        expectedVersion=2,
        name="Taken over",
        offers=["loot"],
    ),
    "Mutation.applyForTrading(input.entityId)": mutation(
        *("applyForTrading", "ApplyForTradingInput", "", "entityId"),
        expectedVersion=2,
        lastName="Taken over",
    ),
    **{
        f"Subscription.{name}(entityId)": Door(LISTEN % name)
        for name in ("matchEvents", "transferEvents", "transferProposed")
    },
}
"""By the way to the id through the schema, and what it is of, where it may be of several."""


def ways_for_ids() -> set[str]:
    """All ways through the schema that lead to an id or a list of ids a client may give."""
    return {
        f"{type_.name}.{name}({'.'.join(way)})"
        for type_ in SCHEMA.type_map.values()
        if isinstance(type_, GraphQLObjectType)
        for name, field_ in type_.fields.items()
        for way in _ways(field_.args, within=())
    }


def _ways(
    inputs: dict[str, GraphQLArgument] | dict[str, GraphQLInputField], *, within: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    for name, input_ in inputs.items():
        type_ = get_named_type(input_.type)
        if type_.name == "ID":
            yield (*within, name)
        elif isinstance(type_, GraphQLInputObjectType):
            yield from _ways(type_.fields, within=(*within, name))
