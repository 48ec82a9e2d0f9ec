"""Changing the limits of an account, and what holds for a balance outside of them."""

import asyncio
from typing import Any

import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.domain.ledger.books import check_books
from tests.clients import GraphQLClient
from tests.factories import MakeMember, Member
from tests.stewardship import REASON, Administration, limits
from tests.trading import Trading

HISTORY = """
query History($id: ID!, $first: Int, $after: String) {
  entity(id: $id) { account { limitHistory(first: $first, after: $after) {
    nodes {
      forced byDefault reason changedBy { id }
      before { maxNegativeBalance maxPositiveBalance }
      after { maxNegativeBalance maxPositiveBalance }
    }
    pageInfo { hasNextPage endCursor }
  } } }
}"""
FORMER = limits("100.00", "100.00")


async def history(graphql: GraphQLClient, of: Member, **page: object) -> dict[str, Any]:
    """The history of a member's limits, as the member sees it."""
    data = await graphql(HISTORY, by=of, id=of.id, **page)
    found: dict[str, Any] = data["entity"]["account"]["limitHistory"]
    return found


async def in_debt(trading: Trading, make: MakeMember) -> tuple[Member, Member]:
    """One who owes 50.00 to another."""
    ana, ben = await make(), await make()
    await trading.pay(ana, ben, "50.00")
    return ana, ben


@pytest.mark.parametrize(
    ("floor", "ceiling", "reason", "problem"),
    [
        ("-1.00", "1.00", REASON, (["maxNegativeBalance"], "NEGATIVE")),
        ("1.00", "99999999999999.99", REASON, (["maxPositiveBalance"], "TOO_LARGE")),
        ("1.00", "1.00", "  ", (["reason"], "TOO_SHORT")),
        ("1.00", "1.00", "x" * 501, (["reason"], "TOO_LONG")),
    ],
    ids=["negative", "too large", "no reason", "long reason"],
)
async def test_what_cannot_be_kept_is_refused(
    administration: Administration,
    make: MakeMember,
    floor: str,
    ceiling: str,
    reason: str,
    problem: tuple[list[str], str],
) -> None:
    result = await administration.change_limits(await make(), floor, ceiling, reason=reason)

    assert [(found["path"], found["code"]) for found in result["problems"]] == [problem]


async def test_entity_that_is_not_there_is_refused(
    administration: Administration, make: MakeMember
) -> None:
    result = await administration.change_limits(await make(), "1.00", "1.00", entityId="ent_x")

    assert result["code"] == "ACCOUNT_NOT_FOUND"


async def test_second_admin_is_told_what_the_first_has_set(
    administration: Administration, make: MakeMember
) -> None:
    ana = await make()
    await administration.change_limits(ana, "20.00", "30.00")

    result = await administration.change_limits(ana, "40.00", "50.00")

    assert result["code"] == "LIMITS_CHANGED"
    assert (result["maxNegativeBalance"], result["maxPositiveBalance"]) == ("20.00", "30.00")


async def test_limits_below_the_balance_are_refused(
    administration: Administration, trading: Trading, make: MakeMember
) -> None:
    ana, ben = await in_debt(trading, make)

    below = await administration.change_limits(ana, "49.99", "100.00")
    above = await administration.change_limits(ben, "100.00", "49.99")

    assert (below["code"], below["balance"]) == ("BALANCE_OUT_OF_LIMITS", "-50.00")
    assert (above["code"], above["balance"]) == ("BALANCE_OUT_OF_LIMITS", "50.00")


async def test_change_is_told_with_who_and_why(
    administration: Administration, graphql: GraphQLClient, make: MakeMember
) -> None:
    ana = await make()

    result = await administration.change_limits(ana, "20.00", "30.00")

    assert result["account"] == limits("20.00", "30.00") | {"balance": "0.00"}
    (change,) = (await history(graphql, ana))["nodes"]
    assert change["changedBy"]["id"].startswith("usr_")
    assert (change["reason"], change["forced"], change["byDefault"]) == (REASON, False, False)
    assert (change["before"], change["after"]) == (FORMER, limits("20.00", "30.00"))


async def test_same_change_again_leaves_one_entry(
    administration: Administration, graphql: GraphQLClient, make: MakeMember
) -> None:
    ana = await make()

    for _ in range(2):
        result = await administration.change_limits(ana, "20.00", "30.00")
        assert result["__typename"] == "ChangeLimitsPayload"

    assert len((await history(graphql, ana))["nodes"]) == 1


async def test_history_comes_in_pages_newest_first(
    administration: Administration, graphql: GraphQLClient, make: MakeMember
) -> None:
    ana, expected = await make(), FORMER
    for floor in ("1.00", "2.00", "3.00"):
        await administration.change_limits(ana, floor, "100.00", expected=expected)
        expected = limits(floor, "100.00")

    page = await history(graphql, ana, first=2)
    rest = await history(graphql, ana, first=2, after=page["pageInfo"]["endCursor"])

    shown = [change["after"]["maxNegativeBalance"] for change in page["nodes"] + rest["nodes"]]
    assert shown == ["3.00", "2.00", "1.00"]
    assert (page["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)


async def test_balance_below_forced_limits_moves_only_towards_them(
    administration: Administration, trading: Trading, make: MakeMember, database: Database
) -> None:
    ana, ben = await in_debt(trading, make)
    result = await administration.change_limits(ana, "20.00", "100.00", force=True)
    assert result["account"] == limits("20.00", "100.00") | {"balance": "-50.00"}

    further = await trading.propose(ana, ben, "0.01")
    await trading.pay(ben, ana, "10.00")

    assert (further["code"], further["most"]) == ("CREDIT_LIMIT_EXCEEDED", "0.00")
    assert await trading.balance(ana) == "-40.00"
    await books_balance(database)


async def test_balance_above_forced_limits_moves_only_towards_them(
    administration: Administration, trading: Trading, make: MakeMember, database: Database
) -> None:
    ana, ben = await in_debt(trading, make)
    await administration.change_limits(ben, "100.00", "20.00", force=True)

    further = await trading.propose(ben, ana, "0.01", direction="IN")
    await trading.pay(ben, ana, "10.00")

    assert (further["code"], further["most"]) == ("BALANCE_CEILING_EXCEEDED", "0.00")
    assert await trading.balance(ben) == "40.00"
    await books_balance(database)


async def test_balance_that_is_back_within_its_limits_stays_there(
    administration: Administration, trading: Trading, make: MakeMember
) -> None:
    ana, ben = await in_debt(trading, make)
    await administration.change_limits(ana, "20.00", "100.00", force=True)
    await trading.pay(ben, ana, "40.00")

    result = await trading.propose(ana, ben, "10.01")

    assert (result["code"], result["most"]) == ("CREDIT_LIMIT_EXCEEDED", "10.00")


async def test_force_that_was_not_needed_is_not_noted(
    administration: Administration, graphql: GraphQLClient, make: MakeMember
) -> None:
    ana = await make()

    await administration.change_limits(ana, "20.00", "30.00", force=True)

    (change,) = (await history(graphql, ana))["nodes"]
    assert change["forced"] is False


async def test_limits_that_change_while_payments_are_made_are_never_passed(
    administration: Administration, trading: Trading, make: MakeMember, database: Database
) -> None:
    ana, ben = await make(), await make()
    proposals = [await trading.proposed(ana, ben, "10.00") for _ in range(8)]

    change, *_ = await asyncio.gather(
        administration.change_limits(ana, "30.00", "100.00"),
        *(trading.accept(ben, id_) for id_ in proposals),
    )

    if change["__typename"] == "ChangeLimitsPayload":
        assert await trading.balance(ana) == "-30.00"
    else:
        assert change["code"] == "BALANCE_OUT_OF_LIMITS"
        assert await trading.balance(ana) == "-80.00"
    await books_balance(database)


async def books_balance(database: Database) -> None:
    """Nothing that `check-books` would complain about."""
    async with database.snapshot() as session:
        assert (await check_books(session, progress=lambda _: None)).differences == ()
