"""graphql-transport-ws: strict about messages, patient with bad operations."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import orjson
import pytest
import websockets
from websockets.asyncio.client import ClientConnection
from websockets.typing import Subprotocol

from mccs_graphql.app import create_app
from mccs_graphql.context import Services
from mccs_graphql.db.engine import Database
from mccs_graphql.endpoint import websocket
from mccs_graphql.settings import Settings
from tests.clients import PATIENCE_SECONDS, PROTOCOL, Live, Socket, serving
from tests.databases import alter
from tests.factories import MakeMember, Member, make_member
from tests.trading import Trading

LISTEN = """
subscription Listen($id: ID!, $after: String) {
  transferEvents(entityId: $id, after: $after) {
    __typename ... on TransferEvent { transfer { id } }
  }
}"""
VIEWER = "{ viewer { email } }"
INIT = '{"type": "connection_init"}'
MISTAKES = {"BAD_REQUEST", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}
OPERATIONS_MAX = 20
TELLING = re.compile(
    r"relation|select|asyncpg|sqlalchemy|lost|does not exist|traceback", re.IGNORECASE
)


@asynccontextmanager
async def opened(live: Live, protocol: str | None = PROTOCOL) -> AsyncIterator[ClientConnection]:
    """A connection on which nothing has been said."""
    protocols = None if protocol is None else [Subprotocol(protocol)]
    url = f"ws://{live.address}/graphql"
    async with websockets.connect(url, subprotocols=protocols) as connection:
        yield connection


async def closing_code(connection: ClientConnection) -> int | None:
    """With what the server closes the connection; earlier messages do not matter."""
    await asyncio.wait_for(connection.wait_closed(), PATIENCE_SECONDS)
    return connection.close_code


async def begin(socket: Socket, id_: str, query: str, **variables: Any) -> None:
    payload = {"query": query, "variables": variables}
    await socket.say(id=id_, type="subscribe", payload=payload)


async def begin_listening(socket: Socket, id_: str, member: Member) -> None:
    """A subscription that has caught up."""
    await begin(socket, id_, LISTEN, id=member.id)
    message = await socket.hear()
    assert message["payload"]["data"]["transferEvents"]["__typename"] == "CaughtUp"


async def error_of(socket: Socket, query: str, **variables: Any) -> dict[str, Any]:
    """The first error of an operation, in whichever kind of message it comes."""
    await begin(socket, "bad", query, **variables)
    message = await socket.hear()
    assert message["id"] == "bad"
    errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
    if message["type"] == "next":
        assert (await socket.hear()) == {"id": "bad", "type": "complete"}
    error: dict[str, Any] = errors[0]
    return error


class TestMessages:
    @pytest.mark.parametrize(
        "message",
        [
            *("", "x", "5", "null", "[]", "{}", '"subscribe"', '{"type": 5}', '{"type": "fly"}'),
            *('{"type": null}', '{"type": ["ping"]}', b"\x00\xff", b'{"type": "ping"}'),
            *('{"type": "subscribe"}', '{"type": "subscribe", "id": "1"}', '{"type": "complete"}'),
            *('{"type": "complete", "id": 5}', '{"type": "ping", "payload": "x"}'),
            *('{"type": "ping", "payload": [1]}', '{"type": "pong", "payload": 5}'),
            '{"type": "subscribe", "id": 5, "payload": {"query": "{ __typename }"}}',
            '{"type": "subscribe", "id": "1", "payload": null}',
            '{"type": "subscribe", "id": "1", "payload": "{ __typename }"}',
            *(
                f'{{"type": "subscribe", "id": "1", "payload": {payload}}}'
                for payload in (
                    *('{"query": 5}', "{}", '{"query": null}', '{"query": ["x"]}'),
                    '{"query": "{ __typename }", "variables": [1]}',
                    '{"query": "{ __typename }", "variables": "x"}',
                    '{"query": "{ __typename }", "operationName": 5}',
                    '{"query": "{ __typename }", "extensions": 5}',
                    '{"query": NaN}',
                    '{"query": "\\ud800"}',
                )
            ),
            "[" * 60_000,
        ],
        ids=lambda message: repr(message)[:60],
    )
    async def test_what_is_no_message_closes_the_socket(
        self, live: Live, message: str | bytes
    ) -> None:
        async with live.socket() as socket:
            await socket.connection.send(message)
            assert await closing_code(socket.connection) == 4400

    @pytest.mark.parametrize("payload", ['"x"', "[1]", "5"])
    async def test_odd_beginning_closes_the_socket(self, live: Live, payload: str) -> None:
        async with opened(live) as connection:
            await connection.send(f'{{"type": "connection_init", "payload": {payload}}}')
            assert await closing_code(connection) == 4400

    async def test_operation_before_the_beginning_closes_the_socket(self, live: Live) -> None:
        async with opened(live) as connection:
            await begin(Socket(connection), "1", VIEWER)
            assert await closing_code(connection) == 4401

    async def test_beginning_that_does_not_come_is_not_waited_for(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(websocket, "INIT_WAIT", timedelta(milliseconds=50))
        app = create_app(settings)
        async with serving(app) as address, opened(Live(address)) as connection:
            assert await closing_code(connection) == 4408

    def test_beginning_is_waited_for_ten_seconds(self) -> None:
        assert timedelta(seconds=10) == websocket.INIT_WAIT

    async def test_second_beginning_closes_the_socket(self, live: Live) -> None:
        async with live.socket() as socket:
            await socket.connection.send(INIT)
            assert await closing_code(socket.connection) == 4429

    async def test_id_in_use_closes_the_socket(self, live: Live, make: MakeMember) -> None:
        ana = await make()
        async with live.socket(ana) as socket:
            await begin_listening(socket, "1", ana)
            await begin(socket, "1", VIEWER)
            assert await closing_code(socket.connection) == 4409

    @pytest.mark.parametrize("protocol", ["graphql-ws", "chat", None])
    async def test_other_protocols_are_refused(self, live: Live, protocol: str | None) -> None:
        async with opened(live, protocol) as connection:
            assert await closing_code(connection) == 4406

    async def test_ping_is_answered(self, live: Live) -> None:
        async with live.socket() as socket:
            await socket.say(type="ping", payload=None)
            assert (await socket.hear())["type"] == "pong"
            await socket.say(type="pong")
            await socket.say(type="complete", id="unknown")
            await socket.say(type="ping")
            assert (await socket.hear())["type"] == "pong"


class TestBadOperation:
    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("{", "GRAPHQL_PARSE_FAILED"),
            ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { transferEvents { __typename } }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { ...Lost }", "GRAPHQL_VALIDATION_FAILED"),
            ("query($a: Int!) { entities(first: $a) { nodes { id } } }", "BAD_USER_INPUT"),
            ("{ entities(first: 0) { nodes { id } } }", "BAD_USER_INPUT"),
            ("{ " + "__typename " * 1001 + "}", "GRAPHQL_PARSE_FAILED"),
        ],
        ids=lambda value: value[:50],
    )
    async def test_gets_a_code_and_the_others_go_on(
        self, live: Live, make: MakeMember, trading: Trading, query: str, code: str
    ) -> None:
        ana, ben = await make(), await make()
        async with live.socket(ana) as socket:
            await begin_listening(socket, "good", ana)

            error = await error_of(socket, query)
            id_ = await trading.proposed(ben, ana)

            heard = await socket.hear()
            assert heard["id"] == "good"
            assert heard["payload"]["data"]["transferEvents"]["transfer"] == {"id": id_}
        assert error["extensions"]["code"] == code

    @pytest.mark.parametrize(
        "payload",
        [
            {"query": ""},
            {"query": "# nothing"},
            {"query": "fragment A on Query { __typename }"},
            {"query": "query One { __typename }", "operationName": "Other"},
            {"query": "query One { __typename } query Two { __typename }"},
        ],
        ids=str,
    )
    async def test_document_without_the_operation_is_the_clients_mistake(
        self, live: Live, payload: dict[str, object]
    ) -> None:
        async with live.socket() as socket:
            await socket.say(id="1", type="subscribe", payload=payload)
            message = await socket.hear()
            assert (message["id"], message["type"]) == ("1", "error")
            assert message["payload"][0]["extensions"]["code"] in MISTAKES

    async def test_visitor_cannot_listen(self, live: Live, make: MakeMember) -> None:
        async with live.socket() as socket:
            error = await error_of(socket, LISTEN, id=(await make()).id)
        assert error["extensions"]["code"] == "UNAUTHENTICATED"

    @pytest.mark.parametrize("token", ["unknown", "Bearer", "x" * 5000, "\0", "\U0001f33e"])
    async def test_unknown_token_cannot_even_ask(
        self, live: Live, make: MakeMember, token: str
    ) -> None:
        async with live.socket(token) as socket:
            error = await error_of(socket, LISTEN, id=(await make()).id)
        assert error["extensions"]["code"] == "UNAUTHENTICATED"

    @pytest.mark.parametrize("authorization", [5, None, ["Bearer x"], {}, ""])
    async def test_odd_authorization_makes_a_visitor(
        self, live: Live, authorization: object
    ) -> None:
        async with opened(live) as connection:
            socket = Socket(connection)
            await socket.say(type="connection_init", payload={"authorization": authorization})
            assert (await socket.hear())["type"] == "connection_ack"
            await begin(socket, "1", VIEWER)
            assert (await socket.hear())["payload"]["data"] == {"viewer": None}

    @pytest.mark.parametrize("id_", ["", "x", "\0", "ent_" + "A" * 22, "x" * 10_000])
    async def test_listening_for_unknown_entities_is_forbidden(
        self, live: Live, make: MakeMember, id_: str
    ) -> None:
        async with live.socket(await make()) as socket:
            error = await error_of(socket, LISTEN, id=id_)
        assert error["extensions"]["code"] == "FORBIDDEN"

    async def test_listening_for_foreign_entities_is_forbidden(
        self, live: Live, make: MakeMember
    ) -> None:
        async with live.socket(await make()) as socket:
            error = await error_of(socket, LISTEN, id=(await make()).id)
        assert error["extensions"]["code"] == "FORBIDDEN"

    @pytest.mark.parametrize("after", ["", "x", "\0", "é", "A" * 10_000, "bnVsbA"])
    async def test_bad_cursor_is_refused(self, live: Live, make: MakeMember, after: str) -> None:
        ana = await make()
        async with live.socket(ana) as socket:
            error = await error_of(socket, LISTEN, id=ana.id, after=after)
        assert error["extensions"]["code"] == "BAD_USER_INPUT"

    async def test_one_operation_too_many_gets_a_code_and_the_others_go_on(
        self, live: Live, make: MakeMember
    ) -> None:
        ana = await make()
        async with live.socket(ana) as socket:
            for number in range(OPERATIONS_MAX):
                await begin_listening(socket, f"good {number}", ana)

            await begin(socket, "too many", VIEWER)
            message = await socket.hear()
            assert (message["id"], message["type"]) == ("too many", "error")

            await socket.say(id="good 0", type="complete")
            await begin(socket, "again", VIEWER)
            assert (await socket.hear())["payload"]["data"] == {"viewer": {"email": ana.email}}
        assert message["payload"][0]["extensions"]["code"]


class TestGoodOperation:
    async def test_query_is_answered_and_completed(self, live: Live, make: MakeMember) -> None:
        ana = await make()
        async with live.socket(ana) as socket:
            await begin(socket, "1", VIEWER)
            assert (await socket.hear())["payload"]["data"] == {"viewer": {"email": ana.email}}
            assert (await socket.hear()) == {"id": "1", "type": "complete"}

    async def test_id_is_free_again_when_completed(self, live: Live, make: MakeMember) -> None:
        ana = await make()
        async with live.socket(ana) as socket:
            for _ in range(2):
                await begin_listening(socket, "1", ana)
                await socket.say(id="1", type="complete")

    async def test_logging_in_and_out_counts_for_its_document_only(
        self, live: Live, make: MakeMember
    ) -> None:
        ana = await make()
        async with live.socket(ana) as socket:
            await begin(socket, "1", "mutation { logOut { loggedOut } }")
            assert (await socket.hear())["payload"]["data"] == {"logOut": {"loggedOut": True}}
            assert (await socket.hear())["type"] == "complete"
            await begin(socket, "2", VIEWER)
            assert (await socket.hear())["payload"][0]["extensions"]["reason"] == "SESSION_ENDED"

    async def test_nobody_is_left_listening_when_the_socket_closes(
        self, live: Live, make: MakeMember, services: Services
    ) -> None:
        ana = await make()
        before = services.wake_ups.listener_count
        async with live.socket(ana) as socket:
            for number in range(3):
                await begin_listening(socket, str(number), ana)
            assert services.wake_ups.listener_count == before + 3

        await wait_for_listeners(services, before)

    async def test_nobody_is_left_listening_when_the_client_completes(
        self, live: Live, make: MakeMember, services: Services
    ) -> None:
        ana = await make()
        before = services.wake_ups.listener_count
        async with live.socket(ana) as socket:
            await begin_listening(socket, "1", ana)
            await socket.say(id="1", type="complete")

            await wait_for_listeners(services, before)


class TestFault:
    @pytest.fixture
    async def own(self, empty_settings: Settings) -> AsyncIterator[Live]:
        """An application of this test's own."""
        app = create_app(empty_settings)
        async with app.router.lifespan_context(app), serving(app) as address:
            yield Live(address)

    @pytest.mark.parametrize(
        "query", ["{ entities { nodes { id } } }", "{ viewer { entities { id } } }"]
    )
    async def test_of_a_query_is_masked(
        self, own: Live, empty_database: Database, empty_settings: Settings, query: str
    ) -> None:
        ana = await make_member(empty_database)
        await lose(empty_settings, "entities")
        async with own.socket(ana) as socket:
            assert_masked(await error_of(socket, query))

    async def test_of_looking_up_the_caller_is_masked(
        self, own: Live, empty_database: Database, empty_settings: Settings
    ) -> None:
        ana = await make_member(empty_database)
        await lose(empty_settings, "user_sessions")
        async with own.socket(ana) as socket:
            assert_masked(await error_of(socket, VIEWER))

    async def test_of_a_subscription_is_masked(
        self, own: Live, empty_database: Database, empty_settings: Settings
    ) -> None:
        ana = await make_member(empty_database)
        await lose(empty_settings, "events")
        async with own.socket(ana) as socket:
            assert_masked(await error_of(socket, LISTEN, id=ana.id))
            await begin(socket, "next", VIEWER)
            assert (await socket.hear())["payload"]["data"] == {"viewer": {"email": ana.email}}


async def wait_for_listeners(services: Services, count: int) -> None:
    """Return once there are no more listeners than so many."""
    for _ in range(PATIENCE_SECONDS * 100):
        if services.wake_ups.listener_count <= count:
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"{services.wake_ups.listener_count} listeners are left, not {count}")


async def lose(settings: Settings, table: str) -> None:
    await alter(settings, f"ALTER TABLE {table} RENAME TO lost_{table}")


def assert_masked(error: dict[str, Any]) -> None:
    assert error["extensions"].keys() == {"code", "reference"}
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert error["extensions"]["reference"] in error["message"]
    assert not TELLING.search(orjson.dumps(error).decode())
