"""Statements and balances at a moment: exact, for those who see the books, at a constant cost."""

from contextlib import AbstractContextManager
from typing import Any

import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import AdminRole, Scope
from tests.clients import GraphQLClient
from tests.factories import MakeAgent, MakeMember, Member, make_admin
from tests.statements import BALANCE_AT, FAR_AWAY, LONG_AGO, STATEMENT, Statements, now
from tests.stewardship import Administration
from tests.trading import Trading

WAIT_AND_READS = 5
"""Who asks; the entity; who writes just now; both balances; the lines."""


@pytest.fixture
def statements(graphql: GraphQLClient) -> Statements:
    return Statements(graphql)


def figures(statement: dict[str, Any]) -> list[tuple[str, str]]:
    """Each line's amount, and the balance after it."""
    return [(line["amount"], line["balanceAfter"]) for line in statement["lines"]["nodes"]]


@pytest.mark.parametrize(
    "until", ["2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z"], ids=["empty", "backward"]
)
async def test_period_without_a_moment_is_refused(
    graphql: GraphQLClient, make: MakeMember, until: str
) -> None:
    ana = await make()
    period = {"from": "2026-01-01T00:00:00Z", "to": until}

    assert await graphql.code(STATEMENT, by=ana, id=ana.id, **period) == "BAD_USER_INPUT"


async def test_cursor_of_another_entity_is_refused(
    graphql: GraphQLClient, statements: Statements, make: MakeMember, trading: Trading
) -> None:
    ana, ben = await make(), await make()
    await trading.pay(ana, ben, "1.00")
    cursor = (await statements.read(ana))["lines"]["pageInfo"]["endCursor"]

    period = {"from": LONG_AGO, "to": FAR_AWAY}
    code = await graphql.code(STATEMENT, by=ben, id=ben.id, after=cursor, **period)

    assert code == "BAD_USER_INPUT"


class TestAudience:
    async def test_counterparty_sees_nothing(
        self, statements: Statements, make: MakeMember, trading: Trading
    ) -> None:
        ana, ben = await make(), await make()
        await trading.pay(ana, ben, "1.00")

        assert await statements.read(ana, by=ben) is None
        assert await statements.balance_at(ana, now(), by=ben) is None

    async def test_token_of_another_entity_sees_nothing(
        self, statements: Statements, make: MakeMember, agent: MakeAgent
    ) -> None:
        robot = await agent(await make(), Scope.READ)

        assert await statements.read(await make(), by=robot) is None

    async def test_visitor_sees_nothing(self, graphql: GraphQLClient, make: MakeMember) -> None:
        ana = await make()

        data = await graphql(BALANCE_AT, id=ana.id, moment=now())

        assert data == {"entity": {"balanceAt": None}}

    async def test_own_token_and_auditor_see_all(
        self,
        statements: Statements,
        make: MakeMember,
        trading: Trading,
        agent: MakeAgent,
        database: Database,
    ) -> None:
        ana, ben = await make(), await make()
        await trading.pay(ana, ben, "1.00")
        own = await statements.read(ana, to=now())

        for reader in (await agent(ana, Scope.READ), await make_admin(database, AdminRole.AUDITOR)):
            assert await statements.read(ana, by=reader, to=own["to"]) == own


class TestFigures:
    async def test_empty_account_opens_and_closes_at_nothing(
        self, statements: Statements, make: MakeMember
    ) -> None:
        statement = await statements.read(await make())

        assert (statement["opening"], statement["closing"]) == ("0.00", "0.00")
        assert (statement["lineCount"], figures(statement)) == (0, [])

    async def test_every_line_says_what_it_did(
        self, statements: Statements, make: MakeMember, trading: Trading
    ) -> None:
        ana, ben = await make(entity_name="Ana's"), await make(entity_name="Ben's")
        id_ = await trading.proposed(ana, ben, "30.00", description="Bread")
        await trading.accept(ben, id_)

        (line,) = (await statements.read(ben))["lines"]["nodes"]

        assert line.pop("postedAt") < now()
        assert line == {
            "number": 1,
            "counterpartyName": "Ana's",
            "description": "Bread",
            "amount": "30.00",
            "balanceAfter": "30.00",
            "transfer": {"id": id_},
        }

    async def test_period_is_half_open(
        self, statements: Statements, make: MakeMember, trading: Trading
    ) -> None:
        ana, ben = await make(), await make()
        for amount in ("30.00", "5.00", "1.00"):
            await trading.pay(ana, ben, amount)
        _, second, third = (await statements.read(ana))["lines"]["nodes"]

        period = {"from": second["postedAt"], "to": third["postedAt"]}
        statement = await statements.read(ana, since=period["from"], to=period["to"])

        assert {name: statement[name] for name in period} == period
        assert (statement["opening"], statement["closing"]) == ("-30.00", "-35.00")
        assert figures(statement) == [("-5.00", "-35.00")]

    async def test_month_without_transfers_keeps_the_balance(
        self, statements: Statements, make: MakeMember, trading: Trading
    ) -> None:
        ana, ben = await make(), await make()
        await trading.pay(ana, ben, "30.00")

        statement = await statements.read(ana, since=now())

        assert (statement["opening"], statement["closing"]) == ("-30.00", "-30.00")
        assert statement["lineCount"] == 0

    async def test_reversal_is_a_line_of_its_own(
        self,
        statements: Statements,
        make: MakeMember,
        trading: Trading,
        administration: Administration,
    ) -> None:
        ana, ben = await make(), await make()
        await administration.reverse(await trading.pay(ana, ben, "30.00"))

        statement = await statements.read(ana)

        assert figures(statement) == [("-30.00", "-30.00"), ("30.00", "0.00")]

    async def test_what_an_admin_made_and_forced_is_there(
        self, statements: Statements, make: MakeMember, administration: Administration
    ) -> None:
        ana, ben = await make(), await make()
        await administration.pay(ana, ben, "30.00")
        await administration.change_limits(ana, "10.00", "100.00", force=True)
        await administration.pay(ben, ana, "5.00")

        assert figures(await statements.read(ana)) == [("-30.00", "-30.00"), ("5.00", "-25.00")]

    async def test_open_and_cancelled_transfers_are_not_there(
        self, statements: Statements, make: MakeMember, trading: Trading
    ) -> None:
        ana, ben = await make(), await make()
        await trading.proposed(ana, ben)
        await trading.reject(ben, await trading.proposed(ana, ben))

        assert (await statements.read(ana))["lineCount"] == 0

    async def test_moment_to_come_counts_as_now(
        self, statements: Statements, make: MakeMember, trading: Trading
    ) -> None:
        ana, ben = await make(), await make()
        before = now()
        await trading.pay(ana, ben, "30.00")

        statement = await statements.read(ana, to=FAR_AWAY)

        assert before < statement["to"] <= now()
        assert statement["closing"] == "-30.00"
        assert await statements.balance_at(ana, FAR_AWAY) == "-30.00"

    async def test_balance_at_a_moment_is_what_came_before_it(
        self, statements: Statements, make: MakeMember, trading: Trading
    ) -> None:
        ana, ben = await make(), await make()
        for amount in ("30.00", "5.00"):
            await trading.pay(ana, ben, amount)
        first, second = (await statements.read(ana))["lines"]["nodes"]
        moments = (LONG_AGO, first["postedAt"], second["postedAt"], now())

        balances = [await statements.balance_at(ana, moment) for moment in moments]

        assert balances == ["0.00", "0.00", "-30.00", "-35.00"]


class TestPages:
    @pytest.fixture
    async def ana(self, make: MakeMember, trading: Trading) -> Member:
        """A member with five lines."""
        ana, ben = await make(), await make()
        for _ in range(5):
            await trading.pay(ana, ben, "1.00")
        return ana

    async def test_pages_follow_one_another(self, statements: Statements, ana: Member) -> None:
        seen: list[int] = []
        after, more = None, True
        while more:
            page = (await statements.read(ana, first=2, after=after))["lines"]
            seen += [line["number"] for line in page["nodes"]]
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

        assert seen == [1, 2, 3, 4, 5]

    async def test_last_page_comes_first_if_asked_so(
        self, statements: Statements, ana: Member
    ) -> None:
        page = (await statements.read(ana, last=2))["lines"]

        assert [line["number"] for line in page["nodes"]] == [4, 5]
        assert page["pageInfo"]["hasPreviousPage"]

    async def test_cursor_does_not_lead_out_of_the_period(
        self, statements: Statements, ana: Member
    ) -> None:
        lines = (await statements.read(ana))["lines"]["nodes"]
        first = (await statements.read(ana, first=1))["lines"]["pageInfo"]["endCursor"]

        later = await statements.read(ana, after=first, since=lines[3]["postedAt"])

        assert [line["number"] for line in later["lines"]["nodes"]] == [4, 5]

    @pytest.mark.parametrize("first", [1, 5])
    async def test_costs_the_same_for_few_lines_and_for_many(
        self,
        statements: Statements,
        ana: Member,
        counting: AbstractContextManager[list[str]],
        first: int,
    ) -> None:
        with counting as seen:
            await statements.read(ana, first=first)

        assert len(seen) == WAIT_AND_READS, seen


async def test_balances_of_many_cost_the_same_as_of_one(
    graphql: GraphQLClient, database: Database, counting: AbstractContextManager[list[str]]
) -> None:
    admin = await make_admin(database, AdminRole.AUDITOR)
    asked = "query Many { entities(first: 20) { nodes { balanceAt(moment: %r) } } }"

    with counting as seen:
        await graphql((asked % FAR_AWAY).replace("'", '"'), by=admin)

    assert sum("postings" in statement for statement in seen) == 1
