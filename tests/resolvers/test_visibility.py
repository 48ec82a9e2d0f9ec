"""Who sees what: every field of an entity, for everybody, in every status, by every route."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import EntityStatus, Membership
from mccs_graphql.domain.visibility import FIELD_RULES
from tests.clients import GraphQLClient, Live
from tests.factories import MakeMember, Member
from tests.profiles import Profiles
from tests.resolvers.community import (
    Community,
    entities_in,
    found_community,
    set_status,
    whole_entity,
)
from tests.trading import Trading
from tests.visibility import (
    ABOUT_ANOTHER,
    AT_A_MOMENT,
    AUDIENCES,
    ELSEWHERE,
    EVENTS,
    EVERYTHING,
    FIELDS,
    FOR_ADMINS,
    MUTATIONS,
    OF_DELETED,
    QUERIES,
    ROUTES,
    STATUSES,
    TRADING,
    UNLISTED,
    Asker,
    Audience,
    fields_of,
    ways_to_entities,
)

EMAIL = "query Email($id: ID!) { entity(id: $id) { email } }"
CONTACT = """
query Contact($id: ID!) {
  entity(id: $id) { telephone declaredTurnover showTelephone showDeclaredTurnover }
}"""
TRANSFER = """
query Transfer($id: ID!) {
  transfer(id: $id) { id } node(id: $id) { id } nodes(ids: [$id]) { id }
}"""
NOT_THERE = {"transfer": None, "node": None, "nodes": [None]}
SIGN_UP = f"""
mutation Join($input: SignUpInput!) {{
  signUp(input: $input) {{ ... on SignUpPayload {{ token entity {{ ...everything }} }} }}
}} {EVERYTHING}"""
APPLY = f"""
mutation Apply($input: ApplyForTradingInput!) {{
  applyForTrading(input: $input) {{
    ... on ApplyForTradingPayload {{ entity {{ ...everything }} }}
  }}
}} {EVERYTHING}"""
WATCH = """
subscription Watch($id: ID!) {
  transferEvents(entityId: $id) {
    __typename ... on TransferEvent { transfer { payer { email } payee { email } } }
  }
}"""
FOR_SOME = [name for name, audience in AUDIENCES.items() if audience is not Audience.EVERYBODY]
BOOKS = (
    *("account", "transfers", "matches", "matchesSinceLastLogin"),
    *("members", "invitations", "apiTokens", "webhooks"),
)
RULED = [name for name in FOR_SOME if name not in BOOKS]


@pytest.fixture(scope="module")
async def community(database: Database, graphql: GraphQLClient, live: Live) -> Community:
    """Shared by the tests of this module; they end its transfers, and change nothing else."""
    return await found_community(database, graphql, live)


def always(answer: bool) -> Callable[..., bool]:
    return lambda *_: answer


def in_python(field: str) -> str:
    """A field of the schema as the row spells it."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in field)


class TestCompleteness:
    def test_every_field_has_an_audience(self) -> None:
        assert AUDIENCES.keys() == FIELDS.keys()
        assert (
            fields_of("Entity").keys() == FIELDS.keys() | ABOUT_ANOTHER | AT_A_MOMENT | OF_DELETED
        )

    def test_every_way_to_an_entity_is_a_route(self) -> None:
        assert ways_to_entities() <= ROUTES.keys() | ELSEWHERE | FOR_ADMINS

    async def test_neighbours_say_everything_of_themselves(self, community: Community) -> None:
        for of in community.neighbours:
            assert of.truth | of.profile == of.truth
            assert of.truth["status"] == of.status
            assert not [name for name, value in of.truth.items() if value in (None, "", [])]


@pytest.mark.parametrize("asker", Asker)
@pytest.mark.parametrize("status", STATUSES)
class TestMatrix:
    """Everybody sees what is for them, and nothing else."""

    async def test_by_queries(self, community: Community, status: str, asker: Asker) -> None:
        for half in (QUERIES[::2], QUERIES[1::2]):  # all in one document would cost too much
            assert await community.wrong_cells(asker, status, half) == []

    async def test_by_events(self, community: Community, status: str, asker: Asker) -> None:
        assert await community.wrong_cells(asker, status, [EVENTS]) == []

    @pytest.mark.parametrize("mutation", MUTATIONS)
    async def test_by_mutations(
        self, community: Community, status: str, asker: Asker, mutation: str
    ) -> None:
        assert await community.wrong_cells(asker, status, [mutation]) == []


class TestMatrixNotices:
    """That rules which are wrong do not go unseen, each tried once in both directions."""

    @pytest.mark.parametrize("answer", [True, False])
    @pytest.mark.parametrize("field", RULED)
    async def test_rule_of_a_field(
        self, community: Community, monkeypatch: pytest.MonkeyPatch, field: str, answer: bool
    ) -> None:
        monkeypatch.setitem(FIELD_RULES, in_python(field), always(answer))

        asker = Asker.VISITOR if answer else Asker.OWN
        wrong = await community.wrong_cells(asker, TRADING, ["Query.entity"])

        assert wrong
        assert all(cell.startswith(f"{field} by") for cell in wrong)

    @pytest.mark.parametrize(
        ("rule", "asker", "status", "route"),
        [
            ("may_see_entity", Asker.TRADING, "PENDING", "Query.node"),
            ("may_see_entity", Asker.TRADING, "REJECTED", "Transfer.payer"),
            ("may_see_books", Asker.TRADING, TRADING, "Query.entity"),
            ("may_see_members", Asker.TRADING, TRADING, "Query.entity"),
            ("may_see_invitations", Asker.TRADING, TRADING, "Query.entity"),
            ("may_see_webhooks", Asker.TRADING, TRADING, "Query.entity"),
        ],
    )
    @pytest.mark.parametrize("answer", [True, False])
    async def test_rule_of_the_whole(
        self,
        community: Community,
        monkeypatch: pytest.MonkeyPatch,
        rule: str,
        asker: Asker,
        status: str,
        route: str,
        answer: bool,
    ) -> None:
        monkeypatch.setattr(f"mccs_graphql.loaders.{rule}", always(answer))

        assert await community.wrong_cells(asker if answer else Asker.OWN, status, [route])


class TestEmail:
    @pytest.mark.parametrize("seen", STATUSES)
    @pytest.mark.parametrize("asking", STATUSES)
    async def test_is_shared_between_entities_that_trade(
        self, community: Community, graphql: GraphQLClient, asking: str, seen: str
    ) -> None:
        asker, of = community.of_status(asking)[0], community.of_status(seen)[1]

        entity = (await graphql(EMAIL, by=asker.member, id=of.member.id))["entity"]

        shared = {"email": of.profile["email"] if asking == seen == TRADING else None}
        assert entity == (None if seen in UNLISTED else shared)

    async def test_one_entity_that_trades_is_enough(
        self, community: Community, graphql: GraphQLClient, database: Database, make: MakeMember
    ) -> None:
        ana, shop = await make(status=EntityStatus.ACCEPTED), await make()
        assert (await graphql(EMAIL, by=ana, id=shop.id))["entity"]["email"] is None

        await join(database, ana, await make())

        assert (await graphql(EMAIL, by=ana, id=shop.id))["entity"]["email"] == shop.email

    async def test_user_who_acts_for_nobody_is_like_a_visitor(
        self, graphql: GraphQLClient, database: Database, make: MakeMember
    ) -> None:
        ana, shop = await make(), await make()
        async with database.writing() as session:
            await session.execute(delete(Membership).where(Membership.user_id == ana.user_id))

        assert (await graphql(EMAIL, by=ana, id=shop.id))["entity"] == {"email": None}
        assert (await graphql("{ viewer { entities { id } } }", by=ana))["viewer"] == {
            "entities": []
        }

    async def test_is_hidden_from_the_next_event_once_one_trades_no_more(
        self, live: Live, trading: Trading, database: Database, make: MakeMember
    ) -> None:
        ana, ben = await make(), await make()
        async with live.subscription(WATCH, by=ana, id=ana.id) as events:
            assert (await events.next())["__typename"] == "CaughtUp"
            id_ = await trading.proposed(ana, ben)
            trades = (await events.next())["transfer"]
            await set_status(database, ana, "TRADING_REJECTED")
            await trading.reject(ben, id_)
            trades_no_more = (await events.next())["transfer"]

        assert trades == {"payer": {"email": ana.email}, "payee": {"email": ben.email}}
        assert trades_no_more == {"payer": {"email": ana.email}, "payee": {"email": None}}


class TestWishes:
    async def test_each_shows_its_own_field_until_it_is_cleared(
        self, graphql: GraphQLClient, make: MakeMember, profiles: Profiles
    ) -> None:
        ana = await make()
        await profiles.updated(ana, telephone="020 7946 0958", declaredTurnover=7)
        hidden = dict.fromkeys(("telephone", "declaredTurnover"))
        wishes = dict.fromkeys(("showTelephone", "showDeclaredTurnover"))

        async def seen() -> dict[str, Any]:
            found: dict[str, Any] = (await graphql(CONTACT, id=ana.id))["entity"]
            return found

        assert await seen() == hidden | wishes
        await profiles.updated(ana, version=2, showTelephone=True)
        assert await seen() == hidden | wishes | {"telephone": "+44 20 7946 0958"}
        await profiles.updated(ana, version=3, showTelephone=None, showDeclaredTurnover=True)
        assert await seen() == hidden | wishes | {"declaredTurnover": 7}

    async def test_are_no_at_first(self, graphql: GraphQLClient, make: MakeMember) -> None:
        ana = await make()

        found = (await graphql(CONTACT, by=ana, id=ana.id))["entity"]

        assert (found["showTelephone"], found["showDeclaredTurnover"]) == (False, False)


class TestPayloads:
    """What leads to an entity only once in its life."""

    async def test_sign_up_shows_the_new_member_everything(self, graphql: GraphQLClient) -> None:
        input_ = {"email": f"{uuid4().hex}@new.example", "password": "correct-horse-9"}

        data = await graphql(SIGN_UP, input=input_ | {"entityName": "The Bakery"})

        (entity,) = entities_in(data)
        token = data["signUp"]["token"]
        assert entity["email"] == input_["email"]
        assert entity == await whole_entity(graphql, token, entity["id"])

    async def test_application_shows_its_member_everything(
        self, graphql: GraphQLClient, make: MakeMember
    ) -> None:
        ana = await make(status=EntityStatus.ACCEPTED)
        said = ("description", "address", "city", "region", "country", "firstName", "lastName")
        input_ = dict.fromkeys((*said, "postalCode"), "x") | {
            "entityId": ana.id,
            "expectedVersion": 1,
            "incType": "ltd",
            "telephone": "020 7946 0958",
        }

        (entity,) = entities_in(await graphql(APPLY, by=ana, input=input_))

        assert (entity["status"], entity["email"]) == ("TRADING_PENDING", ana.email)
        assert entity == await whole_entity(graphql, ana.token, ana.id)


class TestTransfers:
    async def test_nobody_but_the_two_sides_knows_of_one(
        self, community: Community, graphql: GraphQLClient
    ) -> None:
        of, other = community.of_status(TRADING)
        for side, id_ in of.paid.items():
            outside = [None, other.member]
            outside += [by for asker, by in community.strangers.items() if asker is not side]
            for by in outside:
                answer = await graphql.send(TRANSFER, by=by, id=id_)
                assert answer["data"] == NOT_THERE
            for by in (of.member, community.strangers[side]):
                assert (await graphql(TRANSFER, by=by, id=id_))["transfer"] == {"id": id_}


async def join(database: Database, member: Member, other: Member) -> None:
    """Let the member act for the entity of another one too."""
    async with database.writing() as session:
        session.add(Membership(user_id=member.user_id, entity_id=other.entity_id))
