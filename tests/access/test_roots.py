"""Each root field, tried by everybody: what its directive says is what happens."""

from collections.abc import Iterable
from typing import Any

import pytest
from graphql import GraphQLInterfaceType, get_named_type

from mccs_graphql.db.engine import Database
from mccs_graphql.domain.access import Audience, Requirement
from mccs_graphql.endpoint.access_table import ROOTS
from tests.access.askers import Asker, introduce
from tests.access.expected import SCHEMA, everything_of, fields_of, requirement_of
from tests.access.private import leaks
from tests.access.samples import NODES, SAMPLES, SUCCEEDS_WITH, settle
from tests.clients import GraphQLClient, Live
from tests.factories import make_member

CELLS = [(root, name) for root in ROOTS for name in fields_of(root)]
NOTHING = "nothing"
BECOMES_SOMEBODY_ELSE = {
    *("signUp", "refreshSession"),
    *("acceptInvitation", "signUpWithInvitation", "createEntity"),
}
"""Or has one entity more afterwards."""


def document_of(root: str, name: str, given: Iterable[str], *, node: str = "Entity") -> str:
    """The field with the arguments given as variables, and everything that can be asked of it."""
    field = fields_of(root)[name]
    head = ", ".join(f"${arg}: {field.args[arg].type}" for arg in given)
    page = ["first: 2"] if {"first", "last"} <= field.args.keys() else []
    passed = ", ".join([*(f"{arg}: ${arg}" for arg in given), *page])
    of = get_named_type(field.type)
    asked = everything_of(SCHEMA.type_map[node] if of.name == "Node" else of)
    return (
        f"{root.lower()} Try{f'({head})' if head else ''} "
        f"{{ answer: {name}{f'({passed})' if passed else ''} "
        f"{f'{{ ... on {node} {asked} }}' if of.name == 'Node' else asked} }}"
    )


def expected(asker: Asker, requirement: Requirement) -> set[str]:
    """What who asks may get: an answer, nothing, or one of the errors."""
    audience = requirement.audience
    if Audience.EVERYBODY in audience:
        return {"answer"}
    if asker is Asker.VISITOR:
        return {"UNAUTHENTICATED"}
    if Audience.USER in audience:
        return {"answer"}
    if Audience.PLAIN_USER in audience:
        return {"FORBIDDEN"} if asker.admin else {"answer"}
    if is_of(asker, requirement):
        return {"answer"}
    is_told = asker.role or requirement.is_for_admins_only
    return {"FORBIDDEN"} if is_told else {"FORBIDDEN", NOTHING}


def is_of(asker: Asker, requirement: Requirement) -> bool:
    """Whether who asks is of the audience by a role."""
    if asker.admin:
        return requirement.has_room_for_admin(asker.admin)
    return asker.role is not None and requirement.has_room_for(asker.role)


def outcome_of(name: str, answer: dict[str, Any]) -> str:
    """What came of it, in a word; a refusal of a mutation by the name of its type."""
    if answer.get("errors"):
        code: str = answer["errors"][0]["extensions"]["code"]
        return code
    found = answer["data"]["answer"]
    type_: str = found.get("__typename", "") if isinstance(found, dict) else ""
    if type_ == SUCCEEDS_WITH.get(name) or type_.endswith("Payload"):
        return "answer"
    if found is None or type_.endswith("NotFound"):
        return NOTHING
    return type_ if name in fields_of("Mutation") else "answer"


def test_each_root_field_has_a_sample() -> None:
    assert {name for _, name in CELLS} == SAMPLES.keys()
    node = SCHEMA.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    assert {of.name for of in SCHEMA.get_possible_types(node)} == NODES.keys()


@pytest.mark.parametrize("asker", Asker)
@pytest.mark.parametrize(("root", "name"), CELLS)
async def test_who_may_come_in(
    graphql: GraphQLClient, live: Live, database: Database, root: str, name: str, asker: Asker
) -> None:
    shop = await make_member(database)
    known = await introduce(database, asker, shop)
    place = await settle(database, graphql, known, shop)
    arguments = await SAMPLES[name](place)
    document = document_of(root, name, arguments)

    if root == "Subscription":
        answer = await first_of(live, document, known.token, arguments)
    else:
        answer = await graphql.send(document, by=known.token, **arguments)

    found = outcome_of(name, answer)
    nobody = name == "apiToken" or (name == "viewer" and asker is Asker.VISITOR)
    nothing = {NOTHING} if nobody else set()
    assert found in (nothing or expected(asker, requirement_of(root, name))), answer
    if name not in BECOMES_SOMEBODY_ELSE:
        assert leaks(answer.get("data"), place, asker) == []


async def first_of(
    live: Live, document: str, token: str | None, arguments: dict[str, Any]
) -> dict[str, Any]:
    """The first message of a subscription, or the errors instead of it."""
    async with live.subscription(document, by=token, **arguments) as events:
        return await events.answer()


@pytest.mark.parametrize("asker", Asker)
@pytest.mark.parametrize("type_", NODES)
async def test_who_finds_what_by_its_id(
    graphql: GraphQLClient, database: Database, type_: str, asker: Asker
) -> None:
    shop = await make_member(database)
    known = await introduce(database, asker, shop)
    place = await settle(database, graphql, known, shop)
    document = document_of("Query", "node", ["id"], node=type_)

    answer = await graphql.send(document, by=known.token, id=await NODES[type_](place))

    is_for_asker = "answer" in expected(asker, requirement_of(type_, "id"))
    assert outcome_of("node", answer) == ("answer" if is_for_asker else NOTHING), answer
    assert leaks(answer["data"], place, asker) == []
