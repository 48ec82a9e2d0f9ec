"""Which refusal is given when several reasons hold: the published order, pair by pair."""

import re
from typing import Any

import pytest

from mccs_graphql.db.models import EntityStatus
from mccs_graphql.domain.errors import Refusal
from mccs_graphql.domain.ledger import refusals
from tests.clients import GraphQLClient, new_key
from tests.factories import MakeMember, Member
from tests.trading import Trading

CHECK = """
query Check($input: CheckTransferInput!) {
  checkTransfer(input: $input) { possible refusals { code } }
}"""

PUBLISHED = [
    re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()
    for name in re.findall(r"^ ?\d+\. (\w+)", refusals.__doc__ or "", re.MULTILINE)
]


def test_published_order_names_every_refusal_of_the_ledger() -> None:
    codes = {
        refusal.code
        for refusal in Refusal.__subclasses__()
        if refusal.__module__ == refusals.__name__
    }

    assert codes | {"INVALID_INPUT"} == {*PUBLISHED, "TRANSFER_CANCELLED_BY_SYSTEM"}


@pytest.fixture
async def sides(make: MakeMember) -> dict[str, Member]:
    """Members with whom something is wrong, one thing each, and more with some."""
    no_trade = EntityStatus.ACCEPTED
    return {
        "good": await make(),
        "poor": await make(floor="1.00"),
        "poor, not trading": await make(floor="1.00", status=no_trade),
        "not trading": await make(status=no_trade),
        "full": await make(ceiling="1.00"),
        "full, not trading": await make(ceiling="1.00", status=no_trade),
        "hidden": await make(status=EntityStatus.PENDING),
    }


# Each case has the reason that is named and at least one that comes later in the order.
CASES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("INVALID_INPUT", "poor, not trading", "wrong number", {"description": "x" * 501}),
    ("INVALID_INPUT", "poor, not trading", "hidden", {"amount": "0"}),
    ("ACCOUNT_NUMBER_INVALID", "poor, not trading", "wrong number", {"key": "used"}),
    ("IDEMPOTENCY_KEY_REUSED", "good", "hidden", {"key": "used"}),
    ("RECEIVER_NOT_FOUND", "poor, not trading", "hidden", {}),
    ("TRANSFER_WITH_ITSELF", "poor, not trading", "poor, not trading", {}),
    ("ENTITY_NOT_TRADING", "poor, not trading", "full, not trading", {}),
    ("COUNTERPARTY_NOT_TRADING", "poor", "full, not trading", {}),
    ("CREDIT_LIMIT_EXCEEDED", "poor", "full", {}),
    ("COUNTERPARTY_LIMIT_EXCEEDED", "good", "full", {}),
    ("BALANCE_CEILING_EXCEEDED", "full", "poor", {"direction": "IN"}),
    ("COUNTERPARTY_LIMIT_EXCEEDED", "good", "poor", {"direction": "IN"}),
]


@pytest.mark.parametrize(("code", "by", "to", "more"), CASES)
async def test_first_of_several_reasons_is_given(
    trading: Trading,
    sides: dict[str, Member],
    code: str,
    by: str,
    to: str,
    more: dict[str, Any],
) -> None:
    key = new_key()
    if "key" in more:
        await trading.propose(sides["good"], sides["full"], "1.00", key=key)
    receiver = sides.get(to) or {"accountNumber": "1234567890123456"}
    wishes = {"amount": "5.00"} | more | {"key": key}

    result = await trading.propose(sides[by], receiver, wishes.pop("amount"), **wishes)

    assert result["code"] == code


def test_cases_follow_the_published_order() -> None:
    places = [PUBLISHED.index(code) for code, *_ in CASES[:10]]

    assert places == sorted(places)


@pytest.mark.parametrize(
    ("by", "to", "direction"),
    [
        (by, to, direction)
        for by in ("good", "poor", "full", "not trading")
        for to in ("good", "poor", "full", "not trading", "hidden")
        for direction in ("OUT", "IN")
    ],
)
async def test_check_foretells_what_the_proposal_answers(
    trading: Trading,
    graphql: GraphQLClient,
    sides: dict[str, Member],
    by: str,
    to: str,
    direction: str,
) -> None:
    terms = {
        "initiatorId": sides[by].id,
        "receiver": {"id": sides[to].id},
        "direction": direction,
        "amount": "5.00",
    }

    data = await graphql(CHECK, by=sides[by], input={"proposal": terms})
    result = await trading.propose(sides[by], sides[to], "5.00", direction=direction)

    foretold = data["checkTransfer"]
    assert foretold["possible"] == (result["__typename"] == "TransferPayload")
    assert [refusal["code"] for refusal in foretold["refusals"]][:1] == [
        code for code in [result.get("code")] if code
    ]


async def test_check_of_an_acceptance_foretells_it(
    trading: Trading, graphql: GraphQLClient, make: MakeMember
) -> None:
    ana, ben = await make(floor="10.00"), await make()
    first, second = await trading.proposed(ana, ben, "8.00"), await trading.proposed(ana, ben, "8")

    before = await graphql(CHECK, by=ben, input={"acceptanceOf": second})
    await trading.accept(ben, first)
    after = await graphql(CHECK, by=ben, input={"acceptanceOf": second})
    decided = await graphql(CHECK, by=ben, input={"acceptanceOf": first})

    assert before["checkTransfer"] == {"possible": True, "refusals": []}
    assert after["checkTransfer"]["refusals"] == [{"code": "COUNTERPARTY_LIMIT_EXCEEDED"}]
    assert decided["checkTransfer"]["refusals"] == [{"code": "TRANSFER_ALREADY_DECIDED"}]


async def test_check_writes_nothing(
    trading: Trading, graphql: GraphQLClient, make: MakeMember
) -> None:
    ana, ben = await make(), await make()
    terms = {
        "initiatorId": ana.id,
        "receiver": {"id": ben.id},
        "direction": "OUT",
        "amount": "5.00",
    }

    await graphql(CHECK, by=ana, input={"proposal": terms})

    listed = "query ($id: ID!) { entity(id: $id) { transfers { nodes { id } } } }"
    assert (await graphql(listed, by=ana, id=ana.id))["entity"]["transfers"]["nodes"] == []
