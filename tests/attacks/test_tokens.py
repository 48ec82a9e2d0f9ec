"""Access tokens that nobody was given: refused over HTTP, and on a WebSocket."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.domain.identity.keys import KeyRing
from tests.clients import Live
from tests.factories import MakeMember, Member, key_ring
from tests.resolvers.test_access_tokens import (
    FORGED,
    Forge,
    claims_of,
    end_sessions,
    part,
    signed,
    with_claims,
)

VIEWER = "{ viewer { email entities { id name } } }"
NOW = datetime.now(UTC)
OTHER_LETTERS = "other letters"
"""Which no header can hold."""


def hmac(algorithm: str, *, pem: bool = False) -> Forge:
    """Signed with what everybody knows, as a secret."""

    def forge(ring: KeyRing, claims: dict[str, Any]) -> str:
        key = ring.private.public_key().public_bytes_raw()
        secret = key.hex().encode() if pem else key * 4
        return jwt.encode(claims, secret, algorithm=algorithm, headers={"kid": ring.kid})

    return forge


def headed(**header: Any) -> Forge:
    """Signed by our own key, but with something else in its head."""
    return lambda ring, claims: signed(ring, claims, **header)


def cut(of: slice) -> Forge:
    return lambda ring, claims: signed(ring, claims)[of]


def parts(*order: int) -> Forge:
    return lambda ring, claims: ".".join(signed(ring, claims).split(".")[i] for i in order)


def raw_head(ring: KeyRing, claims: dict[str, Any]) -> str:
    body, signature = signed(ring, claims).split(".")[1:]
    return f"{part({'alg': ['EdDSA'], 'kid': ring.kid})}.{body}.{signature}"


TOKENS: dict[str, Forge] = FORGED | {
    "expired": with_claims(exp=NOW - timedelta(hours=1)),
    "expired long ago": with_claims(exp=0),
    "expired before it began": with_claims(exp=-1),
    "expiry is a word": with_claims(exp="tomorrow"),
    "expiry beyond all numbers": with_claims(exp=10**400),
    "issued at a word": with_claims(iat="yesterday"),
    "not before a word": with_claims(nbf="soon"),
    "not before in an hour": with_claims(nbf=NOW + timedelta(hours=1)),
    "HS256 by the public key": hmac("HS256"),
    "HS512 by the public key": hmac("HS512"),
    "HS256 by the public key in letters": hmac("HS256", pem=True),
    "key is a path": headed(kid="../../../../dev/null"),
    "key is a query": headed(kid="' UNION SELECT '0' -- "),
    "key is an address": headed(kid="http://127.0.0.1/key"),
    "key is long": headed(kid="x" * 600),
    "key is a number": headed(kid="5"),
    "key is a NUL": headed(kid="\0"),
    "brings its own key": headed(jwk={"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}, kid="own"),
    "tells where its key is": headed(jku="http://127.0.0.1/jwks.json", kid="own"),
    "critical extension": headed(crit=["exp2"], exp2=1),
    "algorithm is a list": raw_head,
    "another type": headed(typ="refresh+jwt"),
    "no type": headed(typ=""),
    "another audience": with_claims(aud="another-service"),
    "issuer in other letters": with_claims(iss="MCCS-GraphQL"),
    "session is a word": with_claims(sid="admin"),
    "session is a number": with_claims(sid=5),
    "session is a list": with_claims(sid=[]),
    "subject is a number": with_claims(sub=5),
    "truncated by a letter": cut(slice(None, -1)),
    "truncated in its signature": cut(slice(None, -40)),
    "truncated in its claims": cut(slice(None, 120)),
    "without its beginning": cut(slice(1, None)),
    "twice": lambda ring, claims: signed(ring, claims) * 2,
    "huge": lambda ring, claims: signed(ring, claims) + "A" * 8_000,
    "head and claims": parts(0, 1),
    "signature first": parts(2, 1, 0),
    "four parts": parts(0, 1, 2, 2),
    "with a space": lambda ring, claims: signed(ring, claims).replace(".", " .", 1),
    "in quotes": lambda ring, claims: f'"{signed(ring, claims)}"',
}
Token = Callable[[str], Awaitable[str]]


@pytest.fixture
def token(make: MakeMember, database: Database) -> Token:
    """A token of a member, forged in this way."""

    async def forge(how: str) -> str:
        return TOKENS[how](await key_ring(database), claims_of(await make()))

    return forge


def assert_refused(errors: list[dict[str, Any]]) -> None:
    (error,) = errors
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert error["extensions"]["reason"] in ("TOKEN_INVALID", "TOKEN_EXPIRED", "SESSION_ENDED")


async def asked(http: httpx.AsyncClient, *headers: str) -> httpx.Response:
    """The answer to who has these headers of authorization."""
    said = [("Authorization", header) for header in headers]
    return await http.post("/graphql", json={"query": VIEWER}, headers=said)


async def assert_refused_on_a_socket(live: Live, token: str) -> None:
    async with live.socket(token) as socket:
        message = await (await socket.subscribe(VIEWER)).message()
        assert message["type"] == "error"
        assert_refused(message["payload"])


@pytest.mark.parametrize("how", [how for how in TOKENS if how != OTHER_LETTERS])
async def test_is_refused(attacked: httpx.AsyncClient, token: Token, how: str) -> None:
    answer = (await asked(attacked, f"Bearer {await token(how)}")).json()
    assert_refused(answer["errors"])
    assert not answer.get("data")


@pytest.mark.parametrize("how", TOKENS)
async def test_is_refused_on_a_socket(live: Live, token: Token, how: str) -> None:
    await assert_refused_on_a_socket(live, await token(how))


async def test_token_of_an_ended_session_is_refused(
    attacked: httpx.AsyncClient, live: Live, make: MakeMember, database: Database
) -> None:
    ana = await make()
    await end_sessions(database, ana)
    assert_refused((await asked(attacked, f"Bearer {ana.token}")).json()["errors"])
    await assert_refused_on_a_socket(live, ana.token)


async def test_refresh_token_is_no_access_token(
    attacked: httpx.AsyncClient, live: Live, make: MakeMember
) -> None:
    ana = await make()
    assert_refused((await asked(attacked, f"Bearer {ana.refresh_token}")).json()["errors"])
    await assert_refused_on_a_socket(live, ana.refresh_token)


@pytest.mark.parametrize(
    "scheme", ["Basic {}", "Token {}", "{}", "Bearer{}", "Digest {}", "JWT {}"]
)
async def test_other_schemes_make_a_visitor(
    attacked: httpx.AsyncClient, make: MakeMember, scheme: str
) -> None:
    header = scheme.format((await make()).token)
    assert (await asked(attacked, header)).json()["data"] == {"viewer": None}


@pytest.mark.parametrize("order", [1, -1])
async def test_two_headers_are_not_mixed_up(
    attacked: httpx.AsyncClient, make: MakeMember, order: int
) -> None:
    """Proxies and we might each believe another one of the two."""
    members = [await make(), await make()][::order]
    answer = await asked(attacked, *(f"Bearer {member.token}" for member in members))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_token_in_the_address_is_not_looked_at(
    attacked: httpx.AsyncClient, make: MakeMember
) -> None:
    ana: Member = await make()
    places = {"token": ana.token, "access_token": ana.token, "authorization": f"Bearer {ana.token}"}
    answer = await attacked.get("/graphql", params={"query": VIEWER} | places)
    assert answer.json()["data"] == {"viewer": None}
