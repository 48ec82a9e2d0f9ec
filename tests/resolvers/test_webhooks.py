"""Registering webhooks and going on with them, and what then arrives."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from graphql import GraphQLUnionType, get_named_type
from sqlalchemy import delete
from sqlalchemy.exc import NoResultFound
from standardwebhooks import Webhook as Verifier

from mccs_graphql.app import create_app
from mccs_graphql.cli.rotate_keys import rotate
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Membership, Role, WebhookFault
from mccs_graphql.domain.cursors import log_cursor
from mccs_graphql.domain.identity.sealing import Seal
from mccs_graphql.domain.webhooks.registering import WEBHOOKS_MAX
from mccs_graphql.schema.ids import IdPrefix, encode_id, id_of
from mccs_graphql.settings import Settings
from tests.access.askers import join
from tests.access.expected import fields_of
from tests.administration.desk import Desk
from tests.clients import GraphQLClient
from tests.factories import MakeMember, Member, make_member
from tests.receivers import Receiver, answering, receiver
from tests.resolvers.test_keys import sealing
from tests.resolvers.test_secrets import dump, in_redis, spellings
from tests.sending import PATIENCE_SECONDS, until
from tests.trading import Trading
from tests.webhooks import Worker, attempts_of, make_webhook, propose, webhook_of

SHOWN = """
  id url kinds description cursor deliveredAt failures nextAttemptAt pausedAt pausedFor
  formerSecretUntil attempts { messageId type status fault }
"""
LIST = f"query List($id: ID!) {{ entity(id: $id) {{ webhooks {{ {SHOWN} }} }} }}"
PARTS = {
    "WebhookSecretPayload": f"secret webhook {{ {SHOWN} }}",
    "WebhookPayload": f"webhook {{ {SHOWN} }}",
    "DeleteWebhookPayload": "deletedId",
    "InvalidInput": "problems { path code }",
    "TooManyWebhooks": "most",
}
"""What is asked of each answer, besides the code of a refusal."""
NOWHERE = "http://127.0.0.1:9/"
ALL = ["TRANSFER_PROPOSED", "TRANSFER_COMPLETED", "TRANSFER_CANCELLED", "MATCH_FOUND"]


def document_of(name: str) -> str:
    field = fields_of("Mutation")[name]
    result = get_named_type(field.type)
    assert isinstance(result, GraphQLUnionType)
    asked = " ".join(
        f"... on {of.name} {{ {PARTS[of.name]} }}" for of in result.types if of.name in PARTS
    )
    return (
        f"mutation Do($input: {field.args['input'].type}) {{ {name}(input: $input) "
        f"{{ __typename ... on UserError {{ code path }} {asked} }} }}"
    )


class Hooks:
    """Makes a member do things with webhooks over the API."""

    def __init__(self, graphql: GraphQLClient, by: Member) -> None:
        self.graphql, self.by = graphql, by

    async def do(self, name: str, **input_: Any) -> dict[str, Any]:
        data = await self.graphql(document_of(name), by=self.by, input=input_)
        found: dict[str, Any] = data[name]
        return found

    async def create(self, url: str, *kinds: str, **more: Any) -> dict[str, Any]:
        wishes = {"url": url, "kinds": list(kinds or ALL)} | more
        return await self.do("createWebhook", entityId=self.by.id, **wishes)

    async def created(self, url: str, *kinds: str) -> str:
        """The id of a new webhook."""
        id_: str = (await self.create(url, *kinds))["webhook"]["id"]
        return id_

    async def list(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.graphql(LIST, by=self.by, id=self.by.id))[
            "entity"
        ]["webhooks"]
        return found

    async def once_failed(self) -> dict[str, Any]:
        """The only webhook, once it is known that a call failed."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (found := (await self.list())[0])["failures"]:  # noqa: ASYNC110 - a row has no event
                await asyncio.sleep(0.02)
        return found


@pytest.fixture
async def ana(make: MakeMember) -> Member:
    return await make()


@pytest.fixture
async def ben(make: MakeMember) -> Member:
    return await make()


@pytest.fixture
def hooks(graphql: GraphQLClient, ana: Member) -> Hooks:
    return Hooks(graphql, ana)


@pytest.fixture
async def good() -> AsyncIterator[Receiver]:
    async with receiver() as opened:
        yield opened


@asynccontextmanager
async def strict(settings: Settings) -> AsyncIterator[GraphQLClient]:
    """An application that lets webhooks lead to public hosts only."""
    app = create_app(settings.model_copy(update={"webhook_private": False}))
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as client:
        yield client


class TestRefusals:
    @pytest.mark.parametrize(
        ("wishes", "path", "code"),
        [
            ({"url": "http://shop.example/"}, "url", "NOT_HTTPS"),
            ({"url": "https://user:pw@shop.example/"}, "url", "NOT_A_URL"),
            ({"url": "https://10.0.0.7/"}, "url", "NOT_PUBLIC"),
            ({"url": "x" * 501}, "url", "TOO_LONG"),
            ({"kinds": []}, "kinds", "TOO_FEW"),
            ({"description": "x" * 201}, "description", "TOO_LONG"),
        ],
    )
    @pytest.mark.parametrize("name", ["createWebhook", "updateWebhook"])
    async def test_input_that_is_no_good(
        self, hooks: Hooks, name: str, wishes: dict[str, Any], path: str, code: str
    ) -> None:
        if name == "createWebhook":
            right: dict[str, Any] = {"entityId": hooks.by.id, "url": NOWHERE, "kinds": ALL}
        else:
            right = {"id": await hooks.created(NOWHERE)}

        result = await hooks.do(name, **(right | wishes))

        assert {"path": [path], "code": code} in result["problems"]

    async def test_name_of_this_machine_where_only_public_hosts_may_be_called(
        self, empty_settings: Settings, empty_database: Database
    ) -> None:
        ana = await make_member(empty_database)
        async with strict(empty_settings) as graphql:
            for url in ("https://localhost/", "https://127.1/", "https://2130706433/"):
                result = await Hooks(graphql, ana).create(url)

                assert result["problems"] == [{"path": ["url"], "code": "NOT_PUBLIC"}], url

    async def test_one_more_than_an_entity_may_have(
        self, hooks: Hooks, database: Database, ana: Member, good: Receiver
    ) -> None:
        for _ in range(WEBHOOKS_MAX):
            await make_webhook(database, ana, good.url)

        result = await hooks.create(good.url)

        assert (result["code"], result["most"]) == ("TOO_MANY_WEBHOOKS", WEBHOOKS_MAX)

    async def test_traders_of_the_entity(
        self, graphql: GraphQLClient, database: Database, ana: Member, ben: Member, good: Receiver
    ) -> None:
        await join(database, ben, ana, Role.TRADER)
        id_ = encode_id(IdPrefix.WEBHOOK, await make_webhook(database, ana, good.url))
        for name in ("deleteWebhook", "testWebhook", "rotateWebhookSecret"):
            document = document_of(name)
            assert await graphql.code(document, by=ben, input={"id": id_}) == "FORBIDDEN"

    async def test_replay_from_what_has_not_happened(
        self, hooks: Hooks, ana: Member, good: Receiver
    ) -> None:
        id_ = await hooks.created(good.url)

        result = await hooks.do("replayWebhook", id=id_, after=log_cursor(ana.entity_id, 99))

        assert result["problems"] == [{"path": ["after"], "code": "PAST_THE_END"}]

    @pytest.mark.parametrize("both", [True, False])
    async def test_replay_from_two_places_or_none(
        self, hooks: Hooks, ana: Member, good: Receiver, both: bool
    ) -> None:
        wishes = {"after": log_cursor(ana.entity_id, 0), "since": "2026-01-01T00:00:00Z"}

        result = await hooks.do(
            "replayWebhook", id=await hooks.created(good.url), **(wishes if both else {})
        )

        assert [problem["code"] for problem in result["problems"]] == ["ONE_OF"]

    async def test_cursor_of_another_entity(
        self, hooks: Hooks, graphql: GraphQLClient, ana: Member, ben: Member, good: Receiver
    ) -> None:
        input_ = {"id": await hooks.created(good.url), "after": log_cursor(ben.entity_id, 0)}

        code = await graphql.code(document_of("replayWebhook"), by=ana, input=input_)

        assert code == "BAD_USER_INPUT"


class TestArrival:
    async def test_payment_arrives_at_once_and_in_order_with_signatures_that_verify(
        self, hooks: Hooks, trading: Trading, ana: Member, ben: Member, good: Receiver
    ) -> None:
        made = await hooks.create(good.url)
        transfer = await trading.pay(ana, ben, "12.50")
        await until(lambda: len(good.received) == 2)

        verifier = Verifier(made["secret"])
        messages = [verifier.verify(each.body, each.headers) for each in good.received]
        assert [message["type"] for message in messages] == [
            "transfer.proposed",
            "transfer.completed",
        ]
        assert {message["data"]["transfer"]["id"] for message in messages} == {transfer}
        assert messages[1]["data"]["transfer"]["state"] == "COMPLETED"

    async def test_only_what_happens_from_then_on_and_only_the_kinds(
        self, hooks: Hooks, trading: Trading, ana: Member, ben: Member, good: Receiver
    ) -> None:
        await trading.pay(ana, ben, "1.00")
        await hooks.create(good.url, "TRANSFER_COMPLETED")

        await trading.pay(ana, ben, "2.00")
        await until(lambda: len(good.received) == 1)

        (received,) = good.received
        assert received.message["data"]["transfer"]["amount"] == "2.00"

    async def test_owner_sees_what_came_of_it_and_not_the_secret(
        self, hooks: Hooks, trading: Trading, ana: Member, ben: Member
    ) -> None:
        async with receiver(answering(500)) as bad:
            made = await hooks.create(bad.url)
            await trading.proposed(ana, ben)
            await until(lambda: len(bad.received) == 1)
            shown = await hooks.once_failed()

        assert (shown["failures"], shown["cursor"]) == (1, made["webhook"]["cursor"])
        assert datetime.fromisoformat(shown["nextAttemptAt"]) > datetime.now(UTC)
        assert shown["attempts"] == [
            {
                "messageId": bad.ids[0],
                "type": "transfer.proposed",
                "status": 500,
                "fault": WebhookFault.STATUS.name,
            }
        ]

    async def test_goes_on_when_who_made_it_is_no_owner_any_more(
        self,
        hooks: Hooks,
        trading: Trading,
        database: Database,
        ana: Member,
        ben: Member,
        good: Receiver,
    ) -> None:
        await hooks.create(good.url)
        async with database.writing() as session:
            await session.execute(delete(Membership).where(Membership.user_id == ana.user_id))

        await trading.proposed(ben, ana)

        await until(lambda: len(good.received) == 1)


class TestGoingOn:
    async def test_what_happens_while_it_is_paused_arrives_when_it_is_resumed(
        self, hooks: Hooks, trading: Trading, ana: Member, ben: Member, good: Receiver
    ) -> None:
        id_ = await hooks.created(good.url)
        paused = await hooks.do("pauseWebhook", id=id_)
        await trading.pay(ana, ben, "1.00")
        await hooks.do("testWebhook", id=id_)
        await until(lambda: len(good.received) == 1)
        assert good.received[0].message["type"] == "webhook.ping"

        resumed = await hooks.do("resumeWebhook", id=id_)

        await until(lambda: len(good.received) == 3)
        assert paused["webhook"]["pausedFor"] == "OWNER"
        assert resumed["webhook"]["pausedFor"] is None

    async def test_resumed_one_does_not_wait_for_its_next_attempt(
        self, hooks: Hooks, trading: Trading, ana: Member, ben: Member
    ) -> None:
        async with receiver(answering(500)) as bad:
            id_ = await hooks.created(bad.url)
            await trading.proposed(ana, ben)
            await until(lambda: len(bad.received) == 1)
            await hooks.once_failed()
            bad.behave = answering(200)

            await hooks.do("resumeWebhook", id=id_)

            await until(lambda: len(bad.received) == 2)

    @pytest.mark.parametrize("by", ["after", "since"])
    async def test_replay_sends_again_with_the_same_ids(
        self, hooks: Hooks, trading: Trading, ana: Member, ben: Member, good: Receiver, by: str
    ) -> None:
        id_ = await hooks.created(good.url)
        await trading.proposed(ana, ben)
        await until(lambda: len(good.received) == 1)
        after = good.received[0].message["data"]["cursor"]
        since = (datetime.now(UTC)).isoformat()
        await trading.pay(ana, ben, "2.00")
        await until(lambda: len(good.received) == 3)

        await hooks.do("replayWebhook", id=id_, **{by: after if by == "after" else since})

        await until(lambda: len(good.received) == 5)
        assert good.ids[3:] == good.ids[1:3]

    async def test_replay_from_the_end_leaves_out_what_waits(
        self, hooks: Hooks, trading: Trading, ana: Member, ben: Member, good: Receiver
    ) -> None:
        id_ = await hooks.created(good.url)
        await hooks.do("pauseWebhook", id=id_)
        await trading.pay(ana, ben, "1.00")
        later = (datetime.now(UTC) + timedelta(seconds=5)).isoformat()

        await hooks.do("replayWebhook", id=id_, since=later)
        await hooks.do("resumeWebhook", id=id_)
        await trading.proposed(ana, ben)

        await until(lambda: len(good.received) == 1)
        assert good.received[0].message["type"] == "transfer.proposed"
        assert good.ids[0].endswith("_3")

    async def test_new_url_gets_what_the_old_one_did_not_take(
        self, hooks: Hooks, trading: Trading, ana: Member, ben: Member, good: Receiver
    ) -> None:
        async with receiver(answering(500)) as bad:
            id_ = await hooks.created(bad.url)
            await trading.proposed(ana, ben)
            await until(lambda: len(bad.received) == 1)

            changed = await hooks.do("updateWebhook", id=id_, url=good.url, description="Till")

            await until(lambda: len(good.received) == 1)
        assert good.ids == bad.ids
        assert changed["webhook"]["description"] == "Till"

    async def test_rotation_shows_a_new_secret_and_both_sign(
        self, hooks: Hooks, good: Receiver
    ) -> None:
        made = await hooks.create(good.url)
        id_ = made["webhook"]["id"]

        rotated = await hooks.do("rotateWebhookSecret", id=id_)
        await hooks.do("testWebhook", id=id_)
        await until(lambda: len(good.received) == 1)

        (received,) = good.received
        assert made["secret"] != rotated["secret"]
        for secret in (made["secret"], rotated["secret"]):
            Verifier(secret).verify(received.body, received.headers)

    async def test_deleted_one_is_called_no_more(
        self, hooks: Hooks, trading: Trading, ana: Member, ben: Member, good: Receiver
    ) -> None:
        id_ = await hooks.created(good.url)
        await hooks.created(f"{good.url}/2")

        result = await hooks.do("deleteWebhook", id=id_)
        await trading.proposed(ana, ben)

        await until(lambda: len(good.received) == 1)
        assert result["__typename"] == "DeleteWebhookPayload"
        assert good.received[0].path == "/hook/2"
        assert len(await hooks.list()) == 1


async def test_webhooks_go_with_their_entity(
    hooks: Hooks, graphql: GraphQLClient, database: Database, ana: Member, good: Receiver
) -> None:
    id_ = id_of(IdPrefix.WEBHOOK, await hooks.created(good.url))
    await hooks.do("testWebhook", id=encode_id(IdPrefix.WEBHOOK, id_))
    await until(lambda: len(good.received) == 1)

    await (await Desk.of(graphql, database)).delete(ana)

    with pytest.raises(NoResultFound):
        await webhook_of(database, id_)
    assert await attempts_of(database, id_) == []


class TestSecrets:
    async def test_secret_is_found_nowhere(
        self,
        empty_settings: Settings,
        empty_database: Database,
        caplog: pytest.LogCaptureFixture,
        good: Receiver,
    ) -> None:
        caplog.set_level("DEBUG")
        settings = sealing(empty_settings)
        ana = await make_member(empty_database)
        app = create_app(settings)
        async with app.router.lifespan_context(app), GraphQLClient.to(app) as graphql:
            hooks = Hooks(graphql, ana)
            made = await hooks.create(good.url)
            rotated = await hooks.do("rotateWebhookSecret", id=made["webhook"]["id"])
            await hooks.do("testWebhook", id=made["webhook"]["id"])
            await until(lambda: len(good.received) == 1)
            listed = str(await hooks.list())

        kept = await dump(empty_database) + await in_redis(settings)
        everything = "\n".join((kept, caplog.text, listed))
        for secret in (made["secret"], rotated["secret"]):
            raw = secret.removeprefix("whsec_")
            found = [each for each in (*spellings(raw), b64decode(raw).hex()) if each in everything]
            assert found == []

    async def test_rotated_keys_seal_them_again(
        self, empty_settings: Settings, empty_database: Database, good: Receiver
    ) -> None:
        ana, ben = await make_member(empty_database), await make_member(empty_database)
        await make_webhook(empty_database, ana, good.url)
        lost = await make_webhook(empty_database, ben, good.url, seal=Seal("x" * 32))
        settings = sealing(empty_settings)

        await rotate(settings)
        await propose(empty_database, ana, ben)
        await Worker(settings, empty_database).deliver()

        assert len(good.received) == 1
        (attempt,) = await attempts_of(empty_database, lost)
        assert attempt.fault is WebhookFault.SECRET
