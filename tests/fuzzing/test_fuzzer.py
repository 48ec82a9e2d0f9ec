"""The fuzzer would notice: what it has no values for, and what is wrong with an answer."""

from typing import Any, cast

import orjson
import pytest
from graphql import GraphQLNonNull, GraphQLScalarType

from mccs_graphql.schema.ids import IdPrefix
from tests.fuzzing.fuzzing import Fuzzing
from tests.fuzzing.known import Knowledge
from tests.fuzzing.mutations import FOR_ADMINS, MUTATIONS
from tests.fuzzing.requests import Ready
from tests.fuzzing.town import Town
from tests.fuzzing.values import Spelling, Spot, kinds_of, values_of
from tests.fuzzing.verdicts import faults

SECRET = "planted"
NOWHERE = cast(Town, None)  # nothing is sent
LOG_OUT = Ready("logOut", {}, Spelling.ALONE, is_damaged=False)
LOGGED_OUT = {"m0": {"__typename": "LogOutPayload", "loggedOut": True}}


def error(code: str) -> dict[str, Any]:
    return {"message": "Such is life.", "extensions": {"code": code}}


def faults_of(answer: object, status: int = 200) -> list[str]:
    body = answer if isinstance(answer, bytes) else orjson.dumps(answer)
    return list(faults([LOG_OUT], status=status, body=body, secrets={SECRET}))


def test_scalar_without_values_is_named() -> None:
    with pytest.raises(LookupError, match="Colour"):
        values_of(GraphQLNonNull(GraphQLScalarType("Colour")), Spot("c", "", ""))


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"errors": [error("INTERNAL_SERVER_ERROR")]}, 200),
        ({"errors": [error("UNAVAILABLE")]}, 200),
        ({"errors": [error("TIMEOUT")]}, 200),
        ({"errors": [{"message": "No code."}]}, 200),
        ({"errors": []}, 200),
        ({"errors": [error("BAD_REQUEST")]}, 500),
        ({"data": LOGGED_OUT}, 503),
        ({"data": None}, 200),
        ({"data": LOGGED_OUT, "debug": {}}, 200),
        ({"data": {"m0": {"__typename": "LogOutPayload", "loggedOut": None}}}, 200),
        ({"data": {"m0": {"__typename": "LogOutPayload", "loggedOut": "yes"}}}, 200),
        ({"data": {"m0": {"__typename": "LogOutPayload"}}}, 200),
        ({"data": {"m0": {"__typename": "User", "loggedOut": True}}}, 200),
        ({"errors": [error("BAD_USER_INPUT") | {"message": f"Not {SECRET}."}]}, 400),
        (b"Internal Server Error", 500),
    ],
    ids=str,
)
def test_wrong_answer_is_noticed(answer: object, status: int) -> None:
    assert faults_of(answer, status)


@pytest.mark.parametrize(
    "answer", [{"data": LOGGED_OUT}, {"data": {"m0": None}, "errors": [error("UNAUTHENTICATED")]}]
)
def test_right_answer_is_not_complained_about(answer: object) -> None:
    assert faults_of(answer) == []


@pytest.mark.parametrize(
    ("spot", "kinds"),
    [
        (Spot("transferId", "EndTransferInput", "The id of the transfer."), {IdPrefix.TRANSFER}),
        (Spot("actingFor", "ContactEntityInput", "The entity you act for."), {IdPrefix.ENTITY}),
        (Spot("id", "X", "One of `User.sessions`."), {IdPrefix.USER, IdPrefix.SESSION}),
        (Spot("id", "X", "Which."), set()),
    ],
)
def test_kind_of_an_id_is_what_the_schema_calls_it(spot: Spot, kinds: set[IdPrefix]) -> None:
    assert set(kinds_of(spot)) == kinds


def test_mutation_that_never_came_is_named() -> None:
    fuzzing = Fuzzing(NOWHERE)
    fuzzing.outcomes["logOut"]["LogOutPayload"] = 1
    assert len(list(fuzzing.neglected())) == len(MUTATIONS) - 1


def test_mutation_that_is_always_refused_is_named() -> None:
    fuzzing = Fuzzing(NOWHERE)
    for mutation in MUTATIONS:
        fuzzing.outcomes[mutation]["LogOutPayload"] = 1000
    fuzzing.outcomes["logIn"].clear()
    fuzzing.outcomes["logIn"]["CredentialsInvalid"] = 1000
    assert [why for why in fuzzing.neglected() if "logIn" in why]


def test_mutation_for_admins_that_is_always_refused_is_only_reported() -> None:
    fuzzing = Fuzzing(NOWHERE)
    for mutation in MUTATIONS:
        fuzzing.outcomes[mutation]["LogOutPayload"] = 1000
    fuzzing.outcomes["createAdmin"].clear()
    fuzzing.outcomes["createAdmin"]["EmailTaken"] = 1000
    assert list(fuzzing.neglected()) == []
    assert "createAdmin was never carried out" in fuzzing.report()


def test_mutations_for_admins_are_those_for_nobody_else() -> None:
    assert "removeAdmin" in FOR_ADMINS
    assert FOR_ADMINS.isdisjoint({"logIn", "leaveEntity", "removeMember", "updateUser"})


def test_token_of_a_mail_is_sent_where_it_is_of_use() -> None:
    known = Knowledge()
    known.plant("token", "stale")
    known.plant("MailTokenInput.token", "fresh")
    assert known.called("MailTokenInput.token") == ["fresh"]
    assert known.called("ResetPasswordInput.token") == ["stale"]


def test_secret_of_an_answer_is_known_to_whom_it_was_shown_alone() -> None:
    own, everybodys = Knowledge(), Knowledge()
    for knowledge, learn in ((own, own.learn_own), (everybodys, everybodys.learn)):
        learn({"recoveryCodes": ["k7p2-9xqm"]})
        assert knowledge.called("LogInInput.code") == (["k7p2-9xqm"] if knowledge is own else [])
    assert own.called("UpdateEntityInput.postalCode") == []
