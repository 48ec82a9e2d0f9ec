"""What software may do with an API token: as far as its scopes and its daily amount go."""

import asyncio
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import ApiToken, Membership, Transfer
from mccs_graphql.db.queries.entities import lock_entity
from mccs_graphql.domain.identity.api_tokens import end_tokens_of
from mccs_graphql.schema.ids import IdPrefix, encode_id
from tests.clients import GraphQLClient, new_key
from tests.documents import BALANCE, PROPOSE
from tests.factories import MakeAgent, MakeMember, Member
from tests.resolvers.test_identity import proposal
from tests.trading import Trading

SPENT = "{ apiToken { dailyAmount spentToday } }"
TRANSFER = "query T($id: ID!) { transfer(id: $id) { id } }"
CHECK = """
query Check($input: CheckTransferInput!) {
  checkTransfer(input: $input) {
    refusals { code ... on DailyAmountExceeded { remaining resetsAt } }
  }
}"""
PROPOSED_BY_AGENT, ACCEPTED_BY_AGENT = 7 + 2, 8 + 2
"""As in person; and the token, locked and counted."""


class TestReach:
    async def test_is_one_entity(
        self,
        graphql: GraphQLClient,
        make: MakeMember,
        agent: MakeAgent,
        trading: Trading,
        database: Database,
    ) -> None:
        ana, ben, shop = await make(), await make(), await make()
        await join(database, ana, shop)
        robot = await agent(ana)
        id_ = await trading.proposed(ben, shop, "1.00")

        assert (await graphql(BALANCE, by=robot, id=ana.id))["entity"]["account"]
        assert (await graphql(BALANCE, by=robot, id=shop.id))["entity"] == {"account": None}
        assert (await graphql(TRANSFER, by=robot, id=id_))["transfer"] is None
        assert (await trading.accept(robot, id_))["code"] == "TRANSFER_NOT_FOUND"
        as_shop = {"initiatorId": shop.id, "receiver": {"id": ben.id}, "direction": "OUT"}
        proposal = {**as_shop, "amount": "1.00"}
        assert await graphql.code(CHECK, by=robot, input={"proposal": proposal}) == "FORBIDDEN"

    async def test_is_nobody_in_person(
        self, graphql: GraphQLClient, make: MakeMember, agent: MakeAgent
    ) -> None:
        ana = await make()
        user = encode_id(IdPrefix.USER, ana.user_id)
        document = "query P($id: ID!) { viewer { email } node(id: $id) { id } }"

        assert await graphql(document, by=await agent(ana), id=user) == {
            "viewer": None,
            "node": None,
        }
        assert (await graphql(document, by=ana, id=user))["node"] == {"id": user}

    @pytest.mark.parametrize("decision", ["accept", "reject"])
    async def test_does_not_let_one_person_be_both_sides(
        self,
        make: MakeMember,
        agent: MakeAgent,
        trading: Trading,
        database: Database,
        decision: str,
    ) -> None:
        ana, shop = await make(), await make()
        robot = await agent(shop)
        mine, others = await trading.proposed(ana, shop), await trading.proposed(ana, shop)
        await join(database, shop, ana)

        result = await getattr(trading, decision)(robot, mine)

        assert result["code"] == "DECISION_NOT_YOURS"
        assert (await trading.cancel(robot, mine))["code"] == "DECISION_NOT_YOURS"
        assert (await trading.cancel(shop, others))["__typename"] == "TransferPayload"


class TestDailyAmount:
    async def test_past_it_proposals_are_refused_with_what_is_left(
        self, graphql: GraphQLClient, make: MakeMember, agent: MakeAgent, trading: Trading
    ) -> None:
        ana, ben = await make(), await make()
        robot = await agent(ana, daily="10.00")
        await trading.proposed(robot, ben, "4.00")
        await trading.proposed(robot, ben, "3.00", direction="IN")
        terms = {"initiatorId": ana.id, "receiver": {"id": ben.id}, "direction": "OUT"}

        refused = await trading.propose(robot, ben, "3.01")
        check = await graphql(CHECK, by=robot, input={"proposal": terms | {"amount": "3.01"}})

        (foretold,) = check["checkTransfer"]["refusals"]
        assert (refused["code"], refused["path"]) == ("DAILY_AMOUNT_EXCEEDED", ["amount"])
        assert (foretold["code"], foretold["remaining"]) == ("DAILY_AMOUNT_EXCEEDED", "3.00")
        resets_at = datetime.fromisoformat(foretold["resetsAt"])
        assert resets_at.time() == datetime.min.time()
        assert timedelta(0) < resets_at - datetime.now(UTC) <= timedelta(days=1)
        assert await spent_by(graphql, robot) == "7.00"
        await trading.proposed(robot, ben, "3.00")
        await trading.proposed(ana, ben, "3.01")

    async def test_past_it_acceptances_are_refused_and_change_nothing(
        self, graphql: GraphQLClient, make: MakeMember, agent: MakeAgent, trading: Trading
    ) -> None:
        ana, ben = await make(floor="0.00"), await make()
        robot = await agent(ana, daily="10.00")
        paid, asked = await trading.proposed(ben, ana, "7.00"), await trading.proposed(ben, ana)
        assert (await trading.accept(robot, paid))["__typename"] == "TransferPayload"

        refused = await trading.accept(robot, asked)
        check = await graphql(CHECK, by=robot, input={"acceptanceOf": asked})

        assert refused["code"] == "DAILY_AMOUNT_EXCEEDED"
        assert [each["code"] for each in check["checkTransfer"]["refusals"]] == [refused["code"]]
        assert await trading.balance(ana) == "7.00"
        assert (await trading.accept(ana, asked))["__typename"] == "TransferPayload"

    async def test_of_a_token_does_not_decide_over_a_broken_limit(
        self, make: MakeMember, agent: MakeAgent, trading: Trading
    ) -> None:
        """A person who accepts lets the system cancel; a token without the amount may not."""
        ana, ben = await make(), await make(floor="10.00")
        id_, other = await trading.proposed(ben, ana), await trading.proposed(ben, ana)
        await trading.accept(ana, other)

        result = await trading.accept(await agent(ana, daily="9.99"), id_)

        assert result["code"] == "DAILY_AMOUNT_EXCEEDED"
        assert (await trading.accept(ana, id_))["code"] == "TRANSFER_CANCELLED_BY_SYSTEM"

    async def test_counts_nothing_else(
        self, graphql: GraphQLClient, make: MakeMember, agent: MakeAgent, trading: Trading
    ) -> None:
        ana, ben, key = await make(), await make(floor="10.00"), new_key()
        robot = await agent(ana, daily="30.00")
        id_ = await trading.proposed(robot, ben, "10.00", key=key)
        assert await trading.proposed(robot, ben, "10.00", key=key) == id_
        assert (await trading.propose(robot, ben, "1.00", key=key))["code"]
        assert (await trading.propose(robot, ana, "1.00"))["code"] == "TRANSFER_WITH_ITSELF"
        theirs = [await trading.proposed(ben, ana, "10.00") for _ in range(3)]
        await trading.cancel(robot, id_)
        await trading.reject(robot, theirs[0])
        for _ in range(2):
            await trading.accept(robot, theirs[1])
        assert (await trading.accept(robot, theirs[2]))["code"] == "TRANSFER_CANCELLED_BY_SYSTEM"

        assert await spent_by(graphql, robot) == "20.00"

    async def test_is_all_there_again_on_the_next_day(
        self,
        graphql: GraphQLClient,
        make: MakeMember,
        agent: MakeAgent,
        trading: Trading,
        database: Database,
    ) -> None:
        ana, ben = await make(), await make()
        robot = await agent(ana, daily="10.00")
        await trading.proposed(robot, ben, "10.00")
        await set_spent_on(database, ana, days=-1)

        assert await spent_by(graphql, robot) == "0.00"
        await trading.proposed(robot, ben, "9.00")
        assert await spent_by(graphql, robot) == "9.00"

    async def test_is_not_there_again_by_a_clock_that_is_behind(
        self, make: MakeMember, agent: MakeAgent, trading: Trading, database: Database
    ) -> None:
        ana, ben = await make(), await make()
        robot = await agent(ana, daily="10.00")
        await trading.proposed(robot, ben, "10.00")
        await set_spent_on(database, ana, days=1)

        assert (await trading.propose(robot, ben, "1.00"))["code"] == "DAILY_AMOUNT_EXCEEDED"

    async def test_holds_for_twenty_commands_at_once(
        self, graphql: GraphQLClient, make: MakeMember, agent: MakeAgent, trading: Trading
    ) -> None:
        ana, ben, eve = await make(), await make(), await make()
        robot, theirs = await agent(ana, daily="7.00"), await agent(ben, daily="5.00")
        incoming = [await trading.proposed(ben, ana, "1.00") for _ in range(10)]
        commands = [
            *(trading.accept(robot, id_) for id_ in incoming),
            *(trading.propose(robot, (ben, eve)[n % 2], "1.00") for n in range(10)),
            *(trading.propose(theirs, (ana, eve)[n % 2], "1.00") for n in range(10)),
        ]

        results = await asyncio.gather(*commands)

        codes = [result.get("code") for result in results]
        assert set(codes) == {None, "DAILY_AMOUNT_EXCEEDED"}
        assert (codes[:20].count(None), codes[20:].count(None)) == (7, 5)
        assert await spent_by(graphql, robot) == "7.00"
        assert await spent_by(graphql, theirs) == "5.00"

    async def test_costs_two_statements(
        self,
        graphql: GraphQLClient,
        make: MakeMember,
        agent: MakeAgent,
        trading: Trading,
        counting: AbstractContextManager[list[str]],
    ) -> None:
        ana, ben = await make(), await make()
        robots = [await agent(each) for each in (ana, ben)]
        await trading.pay(robots[0], robots[1], "1.00")

        with counting as statements:
            id_ = await trading.proposed(robots[0], ben, "1.00")
            proposal = len(statements)
            await trading.accept(robots[1], id_)

        acceptance = len(statements) - proposal
        assert (proposal, acceptance) == (PROPOSED_BY_AGENT, ACCEPTED_BY_AGENT), statements


async def test_ending_tokens_stands_in_nobodys_way(
    graphql: GraphQLClient, make: MakeMember, agent: MakeAgent, database: Database
) -> None:
    """Whoever ends a membership holds the entity; trading with its token must not hold the rest."""
    ana, ben = await make(), await make()
    robots = [await agent(each) for each in (ana, ben) for _ in range(8)]

    async def end(of: Member) -> None:
        async with database.writing() as session:
            await lock_entity(session, of.entity_id)
            await end_tokens_of(session, user_id=of.user_id, entity_id=of.entity_id)

    proposals = [
        graphql.send(PROPOSE, by=by, input=proposal(by, ben if by.id == ana.id else ana))
        for by in robots
    ]
    ending = asyncio.gather(end(ana), end(ben))
    answers = await asyncio.gather(*proposals)
    await ending

    codes = {error["extensions"]["code"] for each in answers for error in each.get("errors", ())}
    assert codes <= {"UNAUTHENTICATED"}, answers
    assert await graphql.code(SPENT, by=robots[0]) == "UNAUTHENTICATED"


async def test_transfer_keeps_who_did_it_and_with_what(
    trading: Trading, make: MakeMember, agent: MakeAgent, database: Database
) -> None:
    ana, ben = await make(), await make()
    robot = await agent(ana)
    for proposer, decider, decision in (
        (robot, ben, trading.accept),
        (ben, robot, trading.reject),
        (robot, robot, trading.cancel),
        (ana, ben, trading.accept),
    ):
        other = ana if proposer is ben else ben
        await decision(decider, await trading.proposed(proposer, other, "1.00"))

    token_id, made = await records_of(database, ana)

    assert [(row.proposed_with, row.decided_with) for row in made] == [
        (token_id, None),
        (None, token_id),
        (token_id, token_id),
        (None, None),
    ]
    assert [(row.proposed_by, row.decided_by) for row in made[:3]] == [
        (ana.user_id, ben.user_id),
        (ben.user_id, ana.user_id),
        (ana.user_id, ana.user_id),
    ]


async def records_of(database: Database, of: Member) -> tuple[UUID, list[Transfer]]:
    """The only token of an entity, and the transfers it initiated or received, oldest first."""
    sides = (Transfer.payer_id == of.entity_id) | (Transfer.payee_id == of.entity_id)
    async with database.reading() as session:
        tokens = await session.scalars(
            select(ApiToken.id).where(ApiToken.entity_id == of.entity_id)
        )
        made = await session.scalars(select(Transfer).where(sides).order_by(Transfer.id))
        return tokens.one(), list(made)


async def spent_by(graphql: GraphQLClient, robot: Member) -> str:
    spent: str = (await graphql(SPENT, by=robot))["apiToken"]["spentToday"]
    return spent


async def set_spent_on(database: Database, of: Member, *, days: int) -> None:
    day = datetime.now(UTC).date() + timedelta(days=days)
    async with database.writing() as session:
        mine = update(ApiToken).where(ApiToken.entity_id == of.entity_id)
        await session.execute(mine.values(spent_on=day))


async def join(database: Database, member: Member, other: Member) -> None:
    """Let the member own the entity of another one too."""
    async with database.writing() as session:
        joined = {"user_id": member.user_id, "entity_id": other.entity_id}
        await session.execute(insert(Membership).values(**joined))
