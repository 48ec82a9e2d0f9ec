"""Headers that claim what is not so: another address, method, type, host or size."""

from typing import Any

import httpx
import orjson
import pytest
import websockets
from sqlalchemy import select

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import UserSession
from mccs_graphql.db.models.user import DEVICE_MAX
from mccs_graphql.settings import Settings
from tests.attacks.conftest import JSON, QUERY
from tests.clients import PROTOCOL, GraphQLClient, Live
from tests.factories import MakeMember
from tests.resolvers.accounts import open_account
from tests.resolvers.places import new_address, places
from tests.resolvers.test_identity import LOG_IN, PASSWORD

SMALL = "{ viewer { email } }"
LOG_OUT = "mutation { logOut { loggedOut } }"
CLAIMS = {
    "x-forwarded-for": "{}",
    "x-forwarded-for: a chain": "{}, 127.0.0.1, 10.0.0.1",
    "x-forwarded-for: a port": "{}:4711",
    "x-forwarded-for: a proxy last": "{}, 127.0.0.1",
    "forwarded": "for={};proto=https",
    "forwarded: a chain": 'for={}, for="[2001:db8::1]:4711"',
    "x-real-ip": "{}",
    "x-client-ip": "{}",
    "true-client-ip": "{}",
    "cf-connecting-ip": "{}",
    "x-cluster-client-ip": "{}",
    "x-originating-ip": "{}",
    "x-remote-addr": "{}",
    "x-forwarded-host": "{}",
    "via": "1.1 {}",
}
CHAINS = {
    "before the client": ["{}, CLIENT"],
    "in a header before": ["{}", "CLIENT"],
    "many before the client": ["{}, 1.1.1.1, 127.0.0.1, CLIENT"],
    "with a port": ["{}, CLIENT:4711"],
    "our own proxy before": ["127.0.0.1, {}, CLIENT"],
    "no address before": ["{}, unknown, CLIENT"],
    "spaces": ["{} ,   CLIENT  "],
}


def claimed(claim: str) -> dict[str, str]:
    """The header with an address that nobody else claims."""
    return {claim.partition(":")[0]: CLAIMS[claim].format(new_address())}


async def statuses(
    settings: Settings, peer: str, *said: list[tuple[str, str]], **changes: Any
) -> list[int]:
    """What one visit after the other leads to, where a visitor has one point a minute."""
    async with places(settings, rate_visitor=1, **changes) as from_, from_(peer) as client:
        return [
            (await client.http.post("/graphql", json={"query": SMALL}, headers=headers)).status_code
            for headers in said
        ]


class TestAddress:
    @pytest.mark.parametrize("claim", CLAIMS)
    async def test_strangers_are_not_believed(self, settings: Settings, claim: str) -> None:
        visits = [list(claimed(claim).items()) for _ in range(2)]
        assert await statuses(settings, new_address(), *visits) == [200, 429]

    @pytest.mark.parametrize("claim", [claim for claim in CLAIMS if "x-forwarded-for" not in claim])
    async def test_proxies_are_believed_in_one_header_only(
        self, settings: Settings, claim: str
    ) -> None:
        client = ("X-Forwarded-For", new_address())
        visits = [[client, *claimed(claim).items()] for _ in range(2)]
        found = await statuses(settings, "127.0.0.1", *visits, trusted_proxies="127.0.0.1")
        assert found == [200, 429]

    @pytest.mark.parametrize("chain", CHAINS)
    async def test_what_clients_write_before_a_proxy_is_hearsay(
        self, settings: Settings, chain: str
    ) -> None:
        client = new_address()
        visits = [
            [
                ("X-Forwarded-For", part.format(new_address()).replace("CLIENT", client))
                for part in CHAINS[chain]
            ]
            for _ in range(2)
        ]
        found = await statuses(settings, "127.0.0.1", *visits, trusted_proxies="127.0.0.1")
        assert found == [200, 429]


class TestMethod:
    @pytest.mark.parametrize(
        "header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"]
    )
    async def test_of_a_mutation_by_get_stays_what_it_is(
        self, attacked: httpx.AsyncClient, make: MakeMember, header: str
    ) -> None:
        ana = await make()
        headers = {"Authorization": f"Bearer {ana.token}", header: "POST"}
        params = {"query": LOG_OUT, "_method": "POST"}
        refused = await attacked.get("/graphql", params=params, headers=headers)
        assert refused.status_code == 405
        after = await attacked.post("/graphql", json={"query": SMALL}, headers=headers)
        assert after.json()["data"] == {"viewer": {"email": ana.email}}

    @pytest.mark.parametrize("header", ["X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix"])
    async def test_address_stays_what_it_is(self, attacked: httpx.AsyncClient, header: str) -> None:
        answer = await attacked.post("/x", content=QUERY, headers=JSON | {header: "/graphql"})
        assert answer.status_code == 404


class TestHost:
    @pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "X-Host", "X-Forwarded-Server"])
    @pytest.mark.parametrize("path", ["/", "/graphql", "/.well-known/jwks.json", "/x"])
    async def test_is_repeated_nowhere(
        self, attacked: httpx.AsyncClient, header: str, path: str
    ) -> None:
        answer = await attacked.get(path, headers={header: "evil.example", "Accept": "text/html"})
        assert "evil.example" not in answer.text + str(answer.headers)


class TestType:
    @pytest.mark.parametrize(
        "content_type",
        [
            "text/plain;application/json",
            "text/plain, application/json",
            "application/json+x",
            "application/x+json",
            "application/json; charset=utf-7",
            "multipart/form-data; boundary=application/json",
            'application/json; charset="utf-16"',
        ],
    )
    async def test_that_only_looks_like_json_is_refused(
        self, attacked: httpx.AsyncClient, content_type: str
    ) -> None:
        answer = await attacked.post(
            "/graphql", content=QUERY, headers={"Content-Type": content_type}
        )
        assert answer.status_code in (400, 415)
        assert "data" not in answer.json()


class TestTwice:
    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("Content-Type", ("application/json", "text/plain")),
            ("Content-Type", ("text/plain", "application/json")),
            ("Content-Encoding", ("identity", "gzip")),
            ("Authorization", ("Basic x", "Bearer x")),
            ("Origin", ("https://a.example", "https://b.example")),
        ],
    )
    async def test_is_refused(
        self, attacked: httpx.AsyncClient, name: str, values: tuple[str, str]
    ) -> None:
        headers = [("Content-Type", "application/json")] if name != "Content-Type" else []
        answer = await attacked.post(
            "/graphql", content=QUERY, headers=headers + [(name, value) for value in values]
        )
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"

    async def test_authorization_is_refused_on_a_socket(self, live: Live, make: MakeMember) -> None:
        tokens = [("Authorization", f"Bearer {(await make()).token}") for _ in range(2)]
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(
                f"ws://{live.address}/graphql", subprotocols=[PROTOCOL], additional_headers=tokens
            )
        response = refused.value.response
        assert response.status_code == 400
        assert orjson.loads(response.body or b"")["errors"]


class TestSize:
    @pytest.mark.parametrize("name", ["Cookie", "Authorization", "User-Agent", "X-Forwarded-For"])
    async def test_beyond_what_a_head_may_have_is_refused(
        self, attacked: httpx.AsyncClient, name: str
    ) -> None:
        answer = await attacked.post("/graphql", content=QUERY, headers=JSON | {name: "x" * 40_000})
        assert answer.status_code == 400

    async def test_long_chain_of_addresses_is_read_in_no_time(self, settings: Settings) -> None:
        chain = ", ".join(["127.0.0.1"] * 2_500)
        visits = [[("X-Forwarded-For", f"{new_address()}, {chain}")]] * 2
        assert await statuses(settings, "127.0.0.1", *visits, trusted_proxies="127.0.0.1") == [
            200,
            429,
        ]

    async def test_name_of_a_device_is_cut(
        self, attacked: httpx.AsyncClient, graphql: GraphQLClient, database: Database
    ) -> None:
        ana = await open_account(graphql)
        variables = {"input": {"email": ana.email, "password": PASSWORD}}
        await attacked.post(
            "/graphql",
            json={"query": LOG_IN, "variables": variables},
            headers={"User-Agent": "x" * 20_000},
        )
        async with database.reading() as session:
            mine = select(UserSession.device).where(UserSession.user_id == ana.user_id)
            devices = set(await session.scalars(mine))
        assert max(map(len, devices)) == DEVICE_MAX


async def test_token_in_a_cookie_is_not_looked_at(
    attacked: httpx.AsyncClient, make: MakeMember
) -> None:
    """A cookie would come along with what a page from elsewhere sends."""
    ana = await make()
    cookie = {"Cookie": f"authorization=Bearer {ana.token}; token={ana.token}"}
    answer = await attacked.post("/graphql", json={"query": SMALL}, headers=cookie)
    assert answer.json()["data"] == {"viewer": None}
