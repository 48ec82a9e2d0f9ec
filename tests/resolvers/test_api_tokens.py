"""Making, showing and revoking API tokens, and those that are no good."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import ApiToken, MailKind, Membership, Role, Scope
from mccs_graphql.db.queries.entities import lock_entity
from mccs_graphql.domain.identity.api_token_text import new_text
from mccs_graphql.domain.identity.api_tokens import end_tokens_of
from mccs_graphql.domain.identity.token_making import TOKENS_MAX
from mccs_graphql.schema.ids import IdPrefix, id_of
from tests.clients import GraphQLClient, Live
from tests.documents import BALANCE
from tests.factories import MakeAgent, MakeMember, Member, new_token
from tests.mails import token_for
from tests.resolvers.accounts import (
    CHANGE_PASSWORD,
    REQUEST_RESET,
    RESET,
    Account,
    doing,
    open_account,
)
from tests.resolvers.test_access_tokens import fault_in
from tests.resolvers.test_events import error_code
from tests.resolvers.test_identity import LISTEN, PASSWORD, VIEWER
from tests.resolvers.test_sessions import ends_at_once
from tests.trading import Trading

SHOWN = """
  id name scopes dailyAmount spentToday createdAt expiresAt lastUsedAt lastUsedAddress revokedAt
"""
CREATE = f"""
mutation Create($input: CreateApiTokenInput!) {{
  createApiToken(input: $input) {{
    __typename
    ... on CreateApiTokenPayload {{ token apiToken {{ {SHOWN} entity {{ id }} }} }}
    ... on UserError {{ code path }}
    ... on TooManyApiTokens {{ most }}
    ... on InvalidInput {{ problems {{ path code }} }}
  }}
}}"""
REVOKE = f"""
mutation Revoke($input: RevokeApiTokenInput!) {{
  revokeApiToken(input: $input) {{
    __typename ... on RevokeApiTokenPayload {{ apiToken {{ {SHOWN} }} }}
    ... on UserError {{ code path }}
  }}
}}"""
LIST = f"query List($id: ID!) {{ entity(id: $id) {{ apiTokens {{ {SHOWN} }} }} }}"
OWN = f"{{ apiToken {{ {SHOWN} entity {{ id account {{ balance }} }} }} }}"
INVALID, EXPIRED = ("UNAUTHENTICATED", "TOKEN_INVALID"), ("UNAUTHENTICATED", "TOKEN_EXPIRED")


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def wishes(entity_id: str, **changes: Any) -> dict[str, Any]:
    """A token that nothing is wrong with."""
    return {
        "entityId": entity_id,
        "name": "Till",
        "scopes": ["TRANSFERS", "READ"],
        "dailyAmount": "50.00",
        "expiresAt": in_days(30),
        "currentPassword": PASSWORD,
    } | changes


@pytest.fixture
async def ana(graphql: GraphQLClient) -> Account:
    return await open_account(graphql)


@pytest.fixture
def create(graphql: GraphQLClient) -> Callable[..., Coroutine[Any, Any, dict[str, Any]]]:
    async def do(by: Account, **changes: Any) -> dict[str, Any]:
        data = await graphql(CREATE, by=by.token, input=wishes(by.entity_id, **changes))
        found: dict[str, Any] = data["createApiToken"]
        return found

    return do


Create = Callable[..., Coroutine[Any, Any, dict[str, Any]]]


async def listed(graphql: GraphQLClient, by: Account) -> list[dict[str, Any]]:
    data = await graphql(LIST, by=by.token, id=by.entity_id)
    found: list[dict[str, Any]] = data["entity"]["apiTokens"]
    return found


async def set_role(database: Database, of: Member | Account, role: Role) -> None:
    async with database.writing() as session:
        mine = update(Membership).where(Membership.user_id == of.user_id)
        await session.execute(mine.values(role=role))


async def change(database: Database, of: Member, **values: Any) -> None:
    async with database.writing() as session:
        mine = update(ApiToken).where(ApiToken.entity_id == of.entity_id)
        await session.execute(mine.values(**values))


class TestCreateIsRefused:
    @pytest.mark.parametrize(
        ("changes", "path", "code"),
        [
            ({"name": " "}, "name", "TOO_SHORT"),
            ({"name": "x" * 101}, "name", "TOO_LONG"),
            ({"scopes": []}, "scopes", "TOO_FEW"),
            ({"scopes": [], "dailyAmount": "1.00"}, "dailyAmount", "NOT_NEEDED"),
            ({"scopes": ["READ"], "dailyAmount": "1.00"}, "dailyAmount", "NOT_NEEDED"),
            ({"dailyAmount": None}, "dailyAmount", "MISSING"),
            ({"dailyAmount": "0"}, "dailyAmount", "NOT_POSITIVE"),
            ({"dailyAmount": "-1"}, "dailyAmount", "NOT_POSITIVE"),
            ({"dailyAmount": "9" * 15}, "dailyAmount", "TOO_LARGE"),
            ({"expiresAt": in_days(-0.01)}, "expiresAt", "PAST"),
            ({"expiresAt": in_days(366.1)}, "expiresAt", "TOO_LATE"),
            ({"currentPassword": "x" * 101}, "currentPassword", "TOO_LONG"),
        ],
        ids=lambda value: str(value)[:40] if not isinstance(value, dict) else "",
    )
    async def test_for_its_form(
        self, create: Create, ana: Account, changes: dict[str, Any], path: str, code: str
    ) -> None:
        result = await create(ana, **changes)

        assert result["code"] == "INVALID_INPUT"
        assert {"path": [path], "code": code} in result["problems"]

    async def test_without_the_password(
        self, graphql: GraphQLClient, create: Create, ana: Account
    ) -> None:
        result = await create(ana, currentPassword="a-guess-9")

        assert (result["code"], result["path"]) == ("PASSWORD_WRONG", ["currentPassword"])
        assert await listed(graphql, ana) == []

    async def test_for_an_entity_of_others(
        self, graphql: GraphQLClient, make: MakeMember, ana: Account
    ) -> None:
        for entity_id in ((await make()).id, "x"):
            input_ = wishes(entity_id)
            assert await graphql.code(CREATE, by=ana.token, input=input_) == "FORBIDDEN"

    @pytest.mark.parametrize("role", [Role.TRADER, Role.EDITOR, Role.VIEWER])
    async def test_to_members_who_do_not_own_the_entity(
        self, graphql: GraphQLClient, database: Database, ana: Account, role: Role
    ) -> None:
        await set_role(database, ana, role)

        answer = await graphql.send(CREATE, by=ana.token, input=wishes(ana.entity_id))

        assert answer["errors"][0]["message"] == "For this you have to be OWNER of the entity."

    async def test_past_the_most_an_entity_may_have(
        self, graphql: GraphQLClient, create: Create, ana: Account
    ) -> None:
        results = await asyncio.gather(*(create(ana) for _ in range(TOKENS_MAX + 3)))

        refused = [result for result in results if "code" in result]
        assert len(refused) == 3
        assert (refused[0]["code"], refused[0]["most"]) == ("TOO_MANY_API_TOKENS", TOKENS_MAX)
        first, *others = await listed(graphql, ana)
        assert len(others) == TOKENS_MAX - 1
        await graphql(REVOKE, by=ana.token, input={"id": first["id"]})
        assert "token" in await create(ana)

    async def test_past_the_most_when_another_owner_makes_one_at_the_same_moment(
        self, create: Create, ana: Account, database: Database
    ) -> None:
        entity_id = id_of(IdPrefix.ENTITY, ana.entity_id)
        for _ in range(TOKENS_MAX - 1):
            await create(ana)
        async with database.writing() as session:
            await lock_entity(session, entity_id)
            asked = asyncio.create_task(create(ana))
            await asyncio.sleep(0.3)
            assert not asked.done()
            session.add(new_token(entity_id, user_id=ana.user_id, text=new_text()))

        assert (await asked)["code"] == "TOO_MANY_API_TOKENS"


class TestCreate:
    async def test_shows_the_token_once(
        self, graphql: GraphQLClient, create: Create, ana: Account
    ) -> None:
        day = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
        result = await create(ana, name=" Till ", expiresAt=f"{day}T12:00:00+01:00")

        (token,) = await listed(graphql, ana)
        made = result["apiToken"]
        assert made == token | {"entity": {"id": ana.entity_id}}
        assert (token["name"], token["scopes"]) == ("Till", ["READ", "TRANSFERS"])
        assert (token["dailyAmount"], token["spentToday"]) == ("50.00", "0.00")
        assert token["expiresAt"] == f"{day}T11:00:00Z"
        assert (token["lastUsedAt"], token["revokedAt"]) == (None, None)
        assert (await graphql(OWN, by=result["token"]))["apiToken"]["id"] == token["id"]

    async def test_without_transfers_there_is_no_amount(self, create: Create, ana: Account) -> None:
        made = (await create(ana, scopes=["DIRECTORY"], dailyAmount=None))["apiToken"]

        assert (made["dailyAmount"], made["spentToday"]) == (None, None)

    async def test_member_who_is_removed_meanwhile_gets_none(
        self, graphql: GraphQLClient, database: Database, ana: Account
    ) -> None:
        """The removal is under way when the owner asks, and commits before the token is made."""
        owner = (Membership.user_id == ana.user_id, Membership.role == Role.OWNER)
        async with database.writing() as session:
            await session.execute(delete(Membership).where(*owner))
            asked = asyncio.create_task(
                graphql.code(CREATE, by=ana.token, input=wishes(ana.entity_id))
            )
            await asyncio.sleep(0.3)
            assert not asked.done()
        assert await asked == "FORBIDDEN"


class TestList:
    async def test_is_for_owners_in_person(
        self, graphql: GraphQLClient, make: MakeMember, agent: MakeAgent, database: Database
    ) -> None:
        ana, ben = await make(), await make()
        robot = await agent(ana)
        for by in (None, ben, robot):
            assert (await graphql(LIST, by=by, id=ana.id))["entity"] == {"apiTokens": None}
        assert len((await graphql(LIST, by=ana, id=ana.id))["entity"]["apiTokens"]) == 1

        await set_role(database, ana, Role.TRADER)

        assert (await graphql(LIST, by=ana, id=ana.id))["entity"] == {"apiTokens": None}

    async def test_has_the_good_ones_only_newest_first(
        self, graphql: GraphQLClient, create: Create, ana: Account, database: Database
    ) -> None:
        tokens = [(await create(ana, name=f"Till {n}"))["apiToken"] for n in range(4)]
        await graphql(REVOKE, by=ana.token, input={"id": tokens[1]["id"]})
        async with database.writing() as session:
            old = ApiToken.id == id_of(IdPrefix.API_TOKEN, tokens[2]["id"])
            await session.execute(update(ApiToken).where(old).values(expires_at=datetime.now(UTC)))

        assert [token["name"] for token in await listed(graphql, ana)] == ["Till 3", "Till 0"]

    async def test_costs_one_statement_for_many_entities(
        self,
        graphql: GraphQLClient,
        make: MakeMember,
        agent: MakeAgent,
        database: Database,
        counting: AbstractContextManager[list[str]],
    ) -> None:
        ana, others = await make(), [await make() for _ in range(3)]
        for of in (ana, *others):
            await agent(of)
        async with database.writing() as session:
            joined = [{"user_id": ana.user_id, "entity_id": each.entity_id} for each in others]
            await session.execute(insert(Membership), joined)

        with counting as statements:
            data = await graphql("{ viewer { entities { apiTokens { name } } } }", by=ana)

        assert [len(each["apiTokens"]) for each in data["viewer"]["entities"]] == [1] * 4
        assert len(statements) == 3, statements


class TestRevoke:
    async def test_is_not_for_others(
        self, graphql: GraphQLClient, make: MakeMember, agent: MakeAgent, database: Database
    ) -> None:
        ana, ben = await make(), await make()
        robot = await agent(ana)
        (token,) = (await graphql(LIST, by=ana, id=ana.id))["entity"]["apiTokens"]
        nothing = {"code": "API_TOKEN_NOT_FOUND", "path": ["id"], "__typename": "ApiTokenNotFound"}
        for id_ in (token["id"], token["id"][:-1] + "A", ana.id, "x"):
            data = await graphql(REVOKE, by=ben, input={"id": id_})
            assert data["revokeApiToken"] == nothing
        assert await graphql.code(REVOKE, by=robot, input={"id": token["id"]}) == "FORBIDDEN"
        await set_role(database, ana, Role.EDITOR)
        assert await graphql.code(REVOKE, by=ana, input={"id": token["id"]}) == "FORBIDDEN"

    async def test_is_at_once_also_on_sockets(
        self, graphql: GraphQLClient, live: Live, make: MakeMember, agent: MakeAgent
    ) -> None:
        ana = await make()
        robot = await agent(ana)
        (token,) = (await graphql(LIST, by=ana, id=ana.id))["entity"]["apiTokens"]
        async with (
            live.subscription(LISTEN, by=robot, id=ana.id) as ends,
            live.subscription(LISTEN, by=ana, id=ana.id) as stays,
        ):
            for events in (ends, stays):
                await events.next()
            since = monotonic()

            data = await graphql(REVOKE, by=ana, input={"id": token["id"]})

            assert await ends_at_once(ends, since=since)
            viewer = await stays.socket.subscribe(VIEWER)
            assert (await viewer.next())["email"]
        assert data["revokeApiToken"]["apiToken"]["revokedAt"]
        assert fault_in(await graphql.send(OWN, by=robot)) == INVALID

    async def test_again_answers_the_same(
        self, graphql: GraphQLClient, make: MakeMember, agent: MakeAgent
    ) -> None:
        ana = await make()
        await agent(ana)
        (token,) = (await graphql(LIST, by=ana, id=ana.id))["entity"]["apiTokens"]

        first, second = [await graphql(REVOKE, by=ana, input={"id": token["id"]}) for _ in "12"]

        assert first == second


class TestNoGood:
    @pytest.mark.parametrize(
        "spoil",
        [
            lambda text: text[:-1],
            lambda text: text + "A",
            lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
            lambda text: text[:10] + ("A" if text[10] != "A" else "B") + text[11:],
            lambda text: text.replace("mccs_", "MCCS_"),
            lambda _text: "mccs_",
            lambda _text: "mccs_" + "x" * 100_000,
        ],
        ids=["cut off", "longer", "check", "letter", "capitals", "nothing", "endless"],
    )
    async def test_text_is_refused_without_a_statement(
        self,
        graphql: GraphQLClient,
        live: Live,
        make: MakeMember,
        agent: MakeAgent,
        counting: AbstractContextManager[list[str]],
        spoil: Callable[[str], str],
    ) -> None:
        token = spoil((await agent(await make())).token)
        with counting as statements:
            answer = await graphql.send(OWN, by=token)

        assert fault_in(answer) == INVALID
        assert statements == []
        if len(token) < 60_000:
            async with live.socket(token) as socket:
                message = await (await socket.subscribe(OWN)).message()
            assert fault_in({"errors": message["payload"]}) == INVALID

    async def test_expired_says_so(
        self, graphql: GraphQLClient, make: MakeMember, agent: MakeAgent
    ) -> None:
        robot = await agent(await make(), lasts=timedelta(0))

        answer = await graphql.send(OWN, by=robot)

        assert fault_in(answer) == EXPIRED
        assert "API token" in answer["errors"][0]["message"]

    @pytest.mark.parametrize("role", [Role.TRADER, Role.EDITOR, Role.VIEWER])
    async def test_maker_who_owns_the_entity_no_more(
        self,
        graphql: GraphQLClient,
        make: MakeMember,
        agent: MakeAgent,
        database: Database,
        role: Role,
    ) -> None:
        ana = await make()
        robot = await agent(ana)
        await set_role(database, ana, role)
        assert fault_in(await graphql.send(OWN, by=robot)) == INVALID

    async def test_maker_who_left(
        self, graphql: GraphQLClient, make: MakeMember, agent: MakeAgent, database: Database
    ) -> None:
        ana = await make()
        robot = await agent(ana)
        async with database.writing() as session:
            await session.execute(delete(Membership).where(Membership.user_id == ana.user_id))
        assert fault_in(await graphql.send(OWN, by=robot)) == INVALID

    async def test_does_not_come_back_with_the_ownership(
        self,
        graphql: GraphQLClient,
        live: Live,
        make: MakeMember,
        agent: MakeAgent,
        services: Any,
    ) -> None:
        ana, ben = await make(), await make()
        robot, other = await agent(ana), await agent(ben)
        async with live.subscription(LISTEN, by=robot, id=ana.id) as events:
            await events.next()
            since = monotonic()
            async with services.database.writing() as session:
                await end_tokens_of(session, user_id=ana.user_id, entity_id=ana.entity_id)
            services.wake_ups.publish(session.info["wake_ups"])
            assert await ends_at_once(events, since=since)

        assert fault_in(await graphql.send(OWN, by=robot)) == INVALID
        assert (await graphql(OWN, by=other))["apiToken"]

    async def test_ends_when_its_maker_resets_the_password(
        self, graphql: GraphQLClient, create: Create, ana: Account, database: Database
    ) -> None:
        token = (await create(ana))["token"]
        await doing(graphql, REQUEST_RESET)(email=ana.email)
        secret = await token_for(database, ana.user_id, MailKind.PASSWORD_RESET)

        await doing(graphql, RESET)(token=secret, newPassword="battery-staple-7")

        assert fault_in(await graphql.send(OWN, by=token)) == INVALID


class TestUse:
    async def test_goes_on_when_its_maker_changes_the_password(
        self, graphql: GraphQLClient, create: Create, ana: Account
    ) -> None:
        token = (await create(ana))["token"]

        await doing(graphql, CHANGE_PASSWORD)(
            by=ana, currentPassword=PASSWORD, newPassword="battery-staple-7"
        )

        assert (await graphql(OWN, by=token))["apiToken"]

    async def test_subscription_ends_before_an_event_after_its_end(
        self,
        live: Live,
        make: MakeMember,
        agent: MakeAgent,
        trading: Trading,
        database: Database,
    ) -> None:
        ana, ben = await make(), await make()
        async with live.subscription(LISTEN, by=await agent(ana), id=ana.id) as events:
            await events.next()
            await change(database, ana, expires_at=datetime.now(UTC))
            await trading.proposed(ben, ana)

            assert await error_code(events) == "UNAUTHENTICATED"

    async def test_agent_sees_which_token_and_entity_it_has(
        self, graphql: GraphQLClient, live: Live, make: MakeMember, agent: MakeAgent
    ) -> None:
        ana = await make()
        robot = await agent(ana, Scope.READ)

        found = (await graphql(OWN, by=robot))["apiToken"]

        assert found["entity"] == {"id": ana.id, "account": {"balance": "0.00"}}
        assert found["scopes"] == ["READ"]
        assert (await graphql(OWN, by=ana))["apiToken"] is None
        assert (await graphql(OWN))["apiToken"] is None
        async with live.socket(robot) as socket:
            assert (await (await socket.subscribe(OWN)).next())["id"] == found["id"]

    async def test_is_kept_once_a_minute(
        self,
        graphql: GraphQLClient,
        make: MakeMember,
        agent: MakeAgent,
        database: Database,
        counting: AbstractContextManager[list[str]],
    ) -> None:
        ana = await make()
        robot = await agent(ana)

        with counting as seen:

            async def statements() -> int:
                before = len(seen)
                await graphql("{ apiToken { id } }", by=robot)
                return len(seen) - before

            assert [await statements() for _ in range(3)] == [2, 1, 1]
            await change(database, ana, last_used_at=datetime.now(UTC) - timedelta(seconds=61))
            assert [await statements() for _ in range(2)] == [2, 1]

        (token,) = (await graphql(LIST, by=ana, id=ana.id))["entity"]["apiTokens"]
        assert token["lastUsedAt"] > token["createdAt"]
        assert token["lastUsedAddress"] == "127.0.0.1"

    async def test_is_not_kept_up_by_what_holds_the_token(
        self, graphql: GraphQLClient, make: MakeMember, agent: MakeAgent, database: Database
    ) -> None:
        ana = await make()
        robot = await agent(ana)
        async with database.writing() as session:
            mine = select(ApiToken).where(ApiToken.entity_id == ana.entity_id).with_for_update()
            await session.execute(mine)
            async with asyncio.timeout(5):
                assert (await graphql(OWN, by=robot))["apiToken"]["lastUsedAt"] is None

    async def test_costs_what_a_session_costs(
        self,
        graphql: GraphQLClient,
        make: MakeMember,
        agent: MakeAgent,
        counting: AbstractContextManager[list[str]],
    ) -> None:
        ana = await make()
        robot = await agent(ana)
        await graphql(OWN, by=robot)
        with counting as seen:
            await graphql(BALANCE, by=robot, id=ana.id)
            by_token = len(seen)
            await graphql(BALANCE, by=ana, id=ana.id)
        assert by_token == len(seen) - by_token == 3
