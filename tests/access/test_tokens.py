"""Each root field, tried with API tokens: the scope that its directive names opens it."""

from typing import Any

import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Scope
from mccs_graphql.domain.access import Audience, Requirement
from tests.access.askers import Asker, Known
from tests.access.expected import requirement_of
from tests.access.private import leaks
from tests.access.samples import NODES, SAMPLES, settle
from tests.access.test_roots import (
    BECOMES_SOMEBODY_ELSE,
    CELLS,
    NOTHING,
    document_of,
    first_of,
    outcome_of,
)
from tests.clients import GraphQLClient, Live
from tests.factories import make_agent, make_member

WITH_ALL_BUT = {scope: [each for each in Scope if each is not scope] for scope in Scope}


def refusal_of(requirement: Requirement, *scopes: Scope) -> str | None:
    """The words in which tokens with these scopes are refused; None if they are let in."""
    if Audience.EVERYBODY in requirement.audience or requirement.scope in {Scope.READ, *scopes}:
        return None
    if requirement.scope is None:
        return "API tokens may not do this."
    return f"This API token has not the scope {requirement.scope}."


def test_there_are_fields_of_each_kind() -> None:
    found = {requirement_of(root, name).scope for root, name in CELLS}

    assert found == {None, *Scope}
    assert refusal_of(requirement_of("Mutation", "createApiToken"), *Scope)
    assert refusal_of(requirement_of("Mutation", "revokeApiToken"), *Scope)


@pytest.mark.parametrize(
    "scopes",
    [*([scope] for scope in Scope), *WITH_ALL_BUT.values(), [*Scope]],
    ids="+".join,
)
@pytest.mark.parametrize(("root", "name"), CELLS)
async def test_scope_opens_what_asks_for_it(
    graphql: GraphQLClient,
    live: Live,
    database: Database,
    root: str,
    name: str,
    scopes: list[Scope],
) -> None:
    shop = await make_member(database)
    robot = await make_agent(database, shop, *scopes)
    place = await settle(database, graphql, Known(None, robot.token), shop)
    arguments = await SAMPLES[name](place)
    document = document_of(root, name, arguments)

    answer = await (
        first_of(live, document, robot.token, arguments)
        if root == "Subscription"
        else graphql.send(document, by=robot, **arguments)
    )

    refusal = refusal_of(requirement_of(root, name), *scopes)
    assert message_of(answer) == refusal
    assert outcome_of(name, answer) == outcome_expected(name, refusal), answer
    if name not in BECOMES_SOMEBODY_ELSE:
        assert leaks(answer.get("data"), place, Asker.OWNER) == []


@pytest.mark.parametrize("type_", NODES)
async def test_finds_what_its_maker_would_but_the_user(
    graphql: GraphQLClient, database: Database, type_: str
) -> None:
    shop = await make_member(database)
    robot = await make_agent(database, shop)
    place = await settle(database, graphql, Known(shop, robot.token), shop)
    document = document_of("Query", "node", ["id"], node=type_)

    answer = await graphql.send(document, by=robot, id=await NODES[type_](place))

    assert outcome_of("node", answer) == (NOTHING if type_ == "User" else "answer"), answer


def message_of(answer: dict[str, Any]) -> str | None:
    """The words of the only error."""
    errors = answer.get("errors") or [{"message": None}]
    assert len(errors) == 1, errors
    message: str | None = errors[0]["message"]
    return message


def outcome_expected(name: str, refusal: str | None) -> str:
    """What comes of a field: no token has a user to show."""
    if refusal:
        return "FORBIDDEN"
    return NOTHING if name == "viewer" else "answer"
