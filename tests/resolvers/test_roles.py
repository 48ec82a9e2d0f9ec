"""What each role may do for its entity, and what the others are told."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from graphql import GraphQLField, print_ast

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Role
from tests.access.askers import Known
from tests.access.samples import SAMPLES, Place
from tests.clients import GraphQLClient
from tests.factories import MakeMember, Member
from tests.invitations import SCHEMA, make_partner

MAY = {
    "trade": {Role.OWNER, Role.TRADER},
    "edit": {Role.OWNER, Role.EDITOR},
    "approach": {Role.OWNER, Role.TRADER, Role.EDITOR},
    "manage": {Role.OWNER},
    "leave": set(Role),
}
DEEDS = {
    **dict.fromkeys(
        ("proposeTransfer", "acceptTransfer", "rejectTransfer", "cancelTransfer"), "trade"
    ),
    "updateEntity": "edit",
    "setFavorite": "approach",
    "contactEntity": "approach",
    **dict.fromkeys(
        (
            *("applyForTrading", "inviteMember", "withdrawInvitation"),
            *("changeMemberRole", "removeMember"),
        ),
        "manage",
    ),
    "leaveEntity": "leave",
}
TRIED_ELSEWHERE = {
    *("createApiToken", "revokeApiToken", "createStatementLink"),
    *("createWebhook", "updateWebhook", "deleteWebhook", "testWebhook", "replayWebhook"),
    *("pauseWebhook", "resumeWebhook", "rotateWebhookSecret"),
}
"""Which have tests of their own."""
MESSAGES = {
    "trade": "For this you have to be OWNER or TRADER of the entity.",
    "edit": "For this you have to be EDITOR or OWNER of the entity.",
    "approach": "For this you have to be EDITOR or OWNER or TRADER of the entity.",
    "manage": "For this you have to be OWNER of the entity.",
}
ABOUT_TRANSFERS = {"acceptTransfer", "rejectTransfer", "cancelTransfer"}
"""Others do not learn that there is such a transfer."""
STRANGER = "You may not act for this entity."

Try = Callable[[str, Member], Awaitable[dict[str, Any]]]


@pytest.fixture
async def shop(make: MakeMember) -> Member:
    return await make()


@pytest.fixture
def attempt(graphql: GraphQLClient, database: Database, shop: Member, make: MakeMember) -> Try:
    """Has somebody send a mutation about the shop; the whole answer."""

    async def send(name: str, by: Member) -> dict[str, Any]:
        place = Place(database, graphql, shop, await make(), Known(by, by.token))
        arguments = await SAMPLES[name](place)
        mutation = SCHEMA.mutation_type
        assert mutation
        input_ = mutation.fields[name].args["input"].type
        document = f"mutation Do($input: {input_}) {{ {name}(input: $input) {{ __typename }} }}"
        return await graphql.send(document, by=by, **arguments)

    return send


def test_every_mutation_of_an_entity_is_tried() -> None:
    mutation = SCHEMA.mutation_type
    assert mutation
    of_entities = {
        name
        for name, field in mutation.fields.items()
        if re.search(r"to: \[(MEMBER|OWNER|TRADER|EDITOR)", _directive(field))
    }
    assert of_entities == DEEDS.keys() | TRIED_ELSEWHERE


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", DEEDS)
async def test_role_decides(
    database: Database, shop: Member, attempt: Try, name: str, role: Role
) -> None:
    partner = await make_partner(database, shop, role)

    answer = await attempt(name, partner)

    messages = [error["message"] for error in answer.get("errors", ())]
    assert messages == ([] if role in MAY[DEEDS[name]] else [MESSAGES[DEEDS[name]]])


@pytest.mark.parametrize("name", sorted(DEEDS.keys() - ABOUT_TRANSFERS))
async def test_role_elsewhere_does_not_count(attempt: Try, make: MakeMember, name: str) -> None:
    answer = await attempt(name, await make())
    assert [error["message"] for error in answer["errors"]] == [STRANGER]


def _directive(field: GraphQLField) -> str:
    assert field.ast_node
    return " ".join(map(print_ast, field.ast_node.directives or ()))
